"""500x375 JPEGs to 224x224, batches of 32, through Keras' own epoch iterator, against the floor."""

import itertools
import statistics
import time

import keras

import amalthea
from benchmarks.epochs import batch_times, epoch_iterator
from benchmarks.floor import floor_images_per_second

SIZE = 224


def measure(folder, paths, dtype, rounds):
    """Alternates floor, Amalthea, floor, ...; returns one line of a table."""
    with _loader(folder, dtype) as loader:
        first_batch = _first_batch_s(folder, dtype)
        _images_per_second(loader)
        floors, ours, turns = [], [], []
        for _ in range(rounds):
            floors.append(floor_images_per_second(paths, SIZE, dtype))
            ours.append(_images_per_second(loader))
            turns.append(_turn_s(loader))
    ratios = sorted(our / floor for our, floor in zip(ours, floors, strict=True))
    return {
        "backend": keras.backend.backend(),
        "dtype": dtype,
        "floor images/s": f"{statistics.median(floors):,.0f}",
        "Amalthea images/s": f"{statistics.median(ours):,.0f}",
        "ratio": f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} - {ratios[-1]:.2f})",
        "first batch s": f"{first_batch:.3f}",
        "turn of an epoch s": f"{statistics.median(turns):.3f}",
    }


def _loader(folder, dtype):
    return amalthea.ImageLoader.from_directory(folder, image_size=SIZE, dtype=dtype, seed=0, verbose=False)


def _images_per_second(loader):
    times = batch_times(epoch_iterator(loader))
    return loader.num_samples / (times[-1] - times[0])


def _first_batch_s(folder, dtype):
    """From before the construction of the loader until the first batch is there."""
    start = time.perf_counter()
    with _loader(folder, dtype) as loader:
        return batch_times(epoch_iterator(loader))[1] - start


def _turn_s(loader):
    """What the change of epochs costs beyond a batch: the first batch of a later epoch, less a usual one."""
    iterator = epoch_iterator(loader)
    batch_times(iterator)
    times = batch_times(iterator)
    gaps = [after - before for before, after in itertools.pairwise(times)]
    return gaps[0] - statistics.median(gaps[1:])
