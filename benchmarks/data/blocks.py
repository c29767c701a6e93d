"""Arrays: in memory, and in a file that is mapped."""

import numpy as np


def in_memory(*, count, shape, batch):
    """Float32 rows with a label each."""
    x = np.arange(count * np.prod(shape), dtype=np.float32).reshape(count, *shape)
    return {"x": x, "y": _labels(count), "count": count, "batch": batch}


def in_file(folder, *, count, size=224, batch):
    """Pictures as uint8 in one `.npy` file."""
    path = f"{folder}/{count}-{size}.npy"
    file = np.lib.format.open_memmap(path, "w+", np.uint8, (count, size, size, 3))
    for number in range(count):
        file[number] = number % 251
    file.flush()
    return {"file": path, "count": count, "size": size, "batch": batch}


def opened(told):
    """Returns the memory map and the labels."""
    return np.load(told["file"], mmap_mode="r"), _labels(told["count"])


def pixels(**told):
    """The resized pixels of photographs, in memory, for a floor."""
    return {**told, "pixels": np.load(told["reference"])}


def _labels(count):
    return np.arange(count, dtype=np.int32) % 8
