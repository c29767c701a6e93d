"""Some files of a folder, to measure with: spread over it, read twice, and without the broken ones."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from amalthea.errors import SampleError
from amalthea.rows import Rows
from amalthea.sources.contents import content_of
from amalthea.sources.images import ImageFiles
from amalthea.sources.paths import Paths
from amalthea.speed.crew import Done, each

__all__ = ["Sample", "read_file", "sample_of", "spread"]


class Sample(NamedTuple):
    """Files to measure with.

    Attributes:
        source: Those that can be read, as uint8.
        broken: How many others cannot.
        first: Reading them for the first time, by all threads.
        again: Reading them again.
        file_bytes: Size of a file on average.
    """

    source: ImageFiles
    broken: int
    first: Done
    again: Done
    file_bytes: float


def spread(size: int, count: int, seed: int) -> npt.NDArray[np.int64]:
    """Draws one of each `size / count` things that follow each other, so that each class has its share.

    Returns:
        int64 of shape `(min(size, count),)`, in an order drawn by the seed, so that any first part of it is as good.

    Example:
    >>> sorted((spread(1000, 4, seed=0) // 250).tolist())
    [0, 1, 2, 3]
    """
    count = min(size, count)
    edges = np.arange(count + 1) * size // count
    rng = np.random.default_rng(seed)
    return rng.permutation(rng.integers(edges[:-1], edges[1:]))


def sample_of(paths: Sequence[str], image_size: int, *, threads: int, seconds: float) -> Sample:
    """Reads files for the first time and again, and finds out which can be decoded.

    Args:
        paths: The files.
        image_size: Height and width of the images, in pixels.
        threads: Number of threads.
        seconds: For all of it, about; what is not read by then is left out.

    Raises:
        SampleError: If none of them can be read.
    """
    sizes = np.zeros(len(paths), np.int64)

    def read(number: int) -> None:
        with contextlib.suppress(OSError):  # it is found broken below
            sizes[number] = len(read_file(paths[number]))

    first = each(read, len(paths), threads=threads, seconds=seconds / 2)
    again = each(read, first.count, threads=threads, seconds=seconds / 8)
    source = ImageFiles(Paths(paths[: again.count]), image_size, dtype="uint8")
    rows, good = Rows(source, seed=0), np.zeros(len(source), bool)
    errors: list[SampleError] = []

    def decode(number: int) -> None:
        try:
            rows.sample(0, number)
            good[number] = True
        except SampleError as error:
            errors.append(error)

    tried = each(decode, len(source), threads=threads, seconds=seconds * 3 / 8).count
    if not good.any():
        raise errors[0]
    usable = [paths[number] for number in np.flatnonzero(good).tolist()]
    return Sample(
        ImageFiles(usable, image_size, dtype="uint8"), tried - len(usable), first, again, sizes[: first.count].mean()
    )


def read_file(path: str) -> bytes:
    """Returns what is in a file, read as a loader does it."""
    return content_of(path)
