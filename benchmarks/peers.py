"""What others use for worker processes, on the same work: as their own guides read images, and with Amalthea's decoder.

The guides read with Pillow: its pixels are antialiased as well, and up to rounding those of `decoder="pillow"`.
"""

import functools
import importlib.util
import math

import keras
import numpy as np

from amalthea.sources import ImageFiles

BATCH = 32


class PillowFiles:
    """Images read as the guides of Keras do it."""

    def __init__(self, paths, size, dtype):
        self.paths, self.size, self.dtype = paths, (size, size), dtype

    def __getitem__(self, index):
        image = keras.utils.load_img(self.paths[index], target_size=self.size, interpolation="bilinear")
        return keras.utils.img_to_array(image, dtype=self.dtype)


READERS = {"Pillow": PillowFiles, "Amalthea's decoder": lambda paths, size, dtype: ImageFiles(paths, size, dtype=dtype)}


class PlainDataset(keras.utils.PyDataset):
    """As Keras' guide writes it, with Keras' own workers."""

    def __init__(self, images, labels, **options):
        super().__init__(**options)
        self.images, self.labels = images, labels

    def __len__(self):
        return math.ceil(len(self.labels) / BATCH)

    def __getitem__(self, number):
        part = range(number * BATCH, min((number + 1) * BATCH, len(self.labels)))
        return np.stack([self.images[index] for index in part]), self.labels[part.start : part.stop]


class Samples:
    """A dataset in the manner of PyTorch."""

    def __init__(self, images, labels):
        self.images, self.labels = images, labels

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        return self.images[index], self.labels[index]


def peers(paths, labels, size, dtype, workers):
    """Returns a function for each peer that makes it."""
    found = {}
    for reader, images_of in READERS.items():
        images = images_of(paths, size, dtype)
        options = {"workers": workers}
        found[f"Keras, use_multiprocessing, {reader}"] = functools.partial(
            PlainDataset, images, labels, use_multiprocessing=True, **options
        )
        found[f"Keras, threads, {reader}"] = functools.partial(PlainDataset, images, labels, **options)
        if importlib.util.find_spec("torch"):
            from torch.utils.data import DataLoader

            found[f"torch DataLoader, {reader}"] = functools.partial(
                DataLoader, Samples(images, labels), BATCH, shuffle=True, num_workers=workers, persistent_workers=True
            )
    return found
