"""What Keras has: a plain `PyDataset`, its adapter of arrays, and its folders by Grain."""

import keras

from benchmarks.case import WORKERS
from benchmarks.data.blocks import opened
from benchmarks.data.photos import listed
from benchmarks.samples import Batched, Casting, Numbers, Pictures, Rows


class Plain(keras.utils.PyDataset):
    """As the guide of Keras writes it: each batch is made of its samples."""

    def __init__(self, source, batch, **options):
        super().__init__(**options)
        self.batches = Batched(source, batch)

    def __len__(self):
        return len(self.batches)

    def __getitem__(self, number):
        return self.batches[number]


def images(told, *, processes=False):
    return _plain(Pictures(*listed(told["folder"]), told["size"]), told, processes)


def casting(told, *, processes=True):
    return _plain(Casting(told["file"], told["count"]), told, processes)


def mapped(told, *, processes=False):
    return _plain(Rows(*opened(told)), told, processes)


def numbers(told):
    return _plain(Numbers(told["count"]), told, processes=False)


def arrays(told):
    """What `fit(x, y)` does."""
    return {"x": told["x"], "y": told["y"], "batch_size": told["batch"]}


def mapped_arrays(told):
    """What `fit(x, y)` does with a memory map."""
    x, y = opened(told)
    return {"x": x, "y": y, "batch_size": told["batch"]}


def grain_folder(told):
    """`image_dataset_from_directory(format="grain")`."""
    return keras.utils.image_dataset_from_directory(
        told["folder"],
        image_size=(told["size"],) * 2,
        batch_size=told["batch"],
        seed=0,
        format="grain",
        verbose=False,
    )


class Constant(keras.utils.PyDataset):
    """The same batch again and again: what training costs when loading costs nothing."""

    def __init__(self, told):
        import numpy as np

        super().__init__()
        rows, size = told["batch"], told["size"]
        self.batch = np.zeros((rows, size, size, 3), np.float32), np.zeros(rows, np.int32)
        self.length = told["count"] // rows

    def __len__(self):
        return self.length

    def __getitem__(self, number):
        return self.batch


def _plain(source, told, processes):
    return Plain(source, told["batch"], workers=WORKERS, use_multiprocessing=processes)
