"""What each step from a file to a row of a batch takes."""

from __future__ import annotations

import contextlib
import statistics
import time
from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from amalthea.rows import Transform
from amalthea.sources.decode import decode
from amalthea.sources.fit import Fit
from amalthea.sources.images import ImageFiles
from amalthea.sources.pixelwise import Pixelwise
from amalthea.speed.crew import each
from amalthea.speed.sample import read_file

__all__ = ["STEPS", "step_seconds"]

STEPS = ("reading", "decoding", "resizing", "augmenting", "writing")
ROUNDS = 3


def step_seconds(
    source: ImageFiles, augment: Transform, *, threads: tuple[int, ...], seconds: float
) -> dict[int, dict[str, float]]:
    """Measures the steps, in turns with each number of threads.

    Args:
        source: The images, as uint8.
        augment: Their augmentation.
        threads: Numbers of threads.
        seconds: For all of it, about.

    Returns:
        By number of threads, by step, seconds that a thread needs for an image: medians of rounds.
    """
    rounds: dict[int, list[npt.NDArray[np.float64]]] = {count: [] for count in threads}
    with _no_threads_of_opencv():
        for _ in range(ROUNDS):
            for count in rounds:
                rounds[count].append(_round(source, augment, count, seconds / ROUNDS / len(rounds)))
    return {
        count: {step: statistics.median(float(each[place]) for each in taken) for place, step in enumerate(STEPS)}
        for count, taken in rounds.items()
    }


def _round(source: ImageFiles, augment: Transform, threads: int, seconds: float) -> npt.NDArray[np.float64]:
    """Returns seconds of each step for an image on average, shape `(steps,)`."""
    times = np.zeros((len(source), len(STEPS)))
    finish = Pixelwise(None, "float32", "channels_last")

    def work(number: int) -> None:
        times[number] = _times(source, number, augment, finish)

    done = each(work, len(source), threads=threads, seconds=seconds).count
    means: npt.NDArray[np.float64] = times[:done].mean(axis=0)
    return means


def _times(source: ImageFiles, number: int, augment: Transform, finish: Pixelwise) -> list[float]:
    row = np.empty((*source.image_size, 3), np.uint8)
    target = np.empty(row.shape, np.float32)
    rng = np.random.default_rng([0, 0, number])
    marks = [time.perf_counter()]
    data = read_file(source.paths[number])
    marks.append(time.perf_counter())
    decode(data, "rgb", lambda height, width: Fit.stretched((height, width), source.image_size).reduction())
    marks.append(time.perf_counter())
    source.read_into(number, row)
    marks.append(time.perf_counter())
    augmented = augment(row, rng)
    marks.append(time.perf_counter())
    finish.write(augmented, target)
    marks.append(time.perf_counter())
    read, decoded, whole, augmenting, writing = np.diff(marks).tolist()
    # A row is read, decoded and resized in one go; what the other two took just before is taken off.
    return [read, decoded, max(0.0, whole - read - decoded), augmenting, writing]


@contextlib.contextmanager
def _no_threads_of_opencv() -> Iterator[None]:
    """One thread is to be one thread."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)
