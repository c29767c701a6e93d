"""torchvision's `ImageFolder` in a torch `DataLoader`, with the faster of its decoders."""

import torch
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder
from torchvision.io import decode_image
from torchvision.transforms import v2

from benchmarks.case import WORKERS


def images(told):
    """Tensors all the way: decoded by libjpeg, resized as uint8 with antialiasing, then float32."""
    resize = v2.Resize((told["size"],) * 2, antialias=True)

    def finish(pixels):
        return resize(pixels).permute(1, 2, 0).to(torch.float32)

    def load(path):
        return decode_image(path, mode="RGB")

    dataset = ImageFolder(told["folder"], transform=finish, loader=load)
    return DataLoader(dataset, told["batch"], shuffle=True, num_workers=WORKERS, persistent_workers=True)


def scan(told):
    """Finds the files of a folder."""

    def epoch(see):
        assert len(ImageFolder(told["folder"]).samples) == told["count"]
        see(None)

    return epoch
