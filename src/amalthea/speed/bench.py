"""The speed of a folder on this machine: its parts, put together."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import loky
import numpy as np
import numpy.typing as npt

from amalthea._checks import check_int, checked_seed
from amalthea._progress import progress
from amalthea.errors import ConfigurationError
from amalthea.loaders.augmenting import Augmentation
from amalthea.report.survey import list_folder
from amalthea.rows import Transform
from amalthea.sources.images import ImageFiles
from amalthea.sources.pixelwise import Pixelwise
from amalthea.speed.crew import each
from amalthea.speed.feeds import Feed, measured
from amalthea.speed.sample import Sample, sample_of, spread
from amalthea.speed.steps import step_seconds
from amalthea.transforms import Compose, RandomFlip, RandomRotation

__all__ = ["Bench", "bench", "fewest", "worker_counts"]

CACHED_BYTES = 2**27  # of images that stand for a cache: more than a processor keeps by itself
AUGMENT: list[Transform] = [RandomFlip("horizontal"), RandomRotation(0.1)]


@dataclasses.dataclass(frozen=True)
class Bench:
    """What a folder gives on this machine. Rates are in images/s.

    Attributes:
        directory: The folder.
        files: Images in it.
        sample: Those that were measured.
        image_size: Height and width, in pixels.
        batch_size: Images of a batch.
        cores: Most workers that were tried.
        steps: By number of threads, by step, seconds of a thread for an image.
        threads: By number of worker threads, what the loader gives, augmented.
        processes: What as many processes as cores give.
        plain: What threads on all cores give without augmentation.
        cached: What they give, augmented, of images that are decoded already.
    """

    directory: str
    files: int
    sample: Sample
    image_size: int
    batch_size: int
    cores: int
    steps: dict[int, dict[str, float]]
    threads: dict[int, float]
    processes: float
    plain: float
    cached: float

    @property
    def workers(self) -> int:
        """The number of workers to choose; without any, a training waits for its batches."""
        return fewest(self._by_workers)

    @property
    def best(self) -> float:
        """The most that worker threads give."""
        return max(self._by_workers.values())

    @property
    def _by_workers(self) -> dict[int, float]:
        return {count: rate for count, rate in self.threads.items() if count}

    @property
    def cache_bytes(self) -> int:
        """What a cache of all images takes."""
        return self.files * self.image_size**2 * 3


def bench(
    directory: str,
    *,
    image_size: int = 224,
    batch_size: int = 32,
    count: int = 512,
    seconds: float = 30,
    workers: int | None = None,
    seed: int = 0,
    show: bool = True,
) -> Bench:
    """Measures how fast a folder of images is loaded.

    Args:
        directory: The folder.
        image_size: Height and width in pixels.
        batch_size: Images of a batch.
        count: How many files to measure with.
        seconds: For all of it, about.
        workers: Most workers to try; `None` is one for each core.
        seed: Draws the files.
        show: Whether to show progress on a terminal.

    Raises:
        ConfigurationError: If the folder has no images, or an argument cannot be used.
        SampleError: If no image can be read.
    """
    cores = loky.cpu_count() if workers is None else check_int("--workers", workers, minimum=1)
    check_int("--image-size", image_size, minimum=1)
    check_int("--batch-size", batch_size, minimum=1)
    check_int("--count", count, minimum=1)
    if not (math.isfinite(seconds) and seconds > 0):
        raise ConfigurationError(f"`--seconds` is {seconds!r}; it must be a positive number.")
    paths = list_folder(directory, None).paths
    chosen = spread(len(paths), count, checked_seed(seed))
    with progress("Measuring", 4, show=show) as advance:
        few = [paths[index] for index in chosen.tolist()]
        sample = sample_of(few, image_size, threads=cores, seconds=seconds / 4)
        advance(1)
        steps = step_seconds(sample.source, Compose(AUGMENT), threads=tuple(sorted({1, cores})), seconds=seconds / 4)
        advance(1)
        feeds = _feeds(sample.source, cores, seconds / 10)
        advance(1)
        rates = measured(feeds, batch_size, seconds / 2)
    return Bench(
        directory=directory,
        files=len(paths),
        sample=sample,
        image_size=image_size,
        batch_size=batch_size,
        cores=cores,
        steps=steps,
        threads={feed.workers: rates[name] for name, feed in feeds.items() if name.startswith("threads")},
        processes=rates["processes"],
        plain=rates["plain"],
        cached=rates["cached"],
    )


def worker_counts(cores: int) -> list[int]:
    """Returns the numbers of workers to try: 0, the powers of two, and all cores.

    Example:
    >>> worker_counts(6)
    [0, 1, 2, 4, 6]
    """
    return sorted({0, cores, *(2**power for power in range(cores.bit_length()))})


def fewest(rates: dict[int, float]) -> int:
    """Returns the fewest workers that are within 5 % of the fastest.

    Example:
    >>> fewest({1: 900.0, 2: 1750.0, 4: 1800.0})
    2
    """
    return min(count for count, rate in rates.items() if rate >= 0.95 * max(rates.values()))


def _feeds(source: ImageFiles, cores: int, seconds: float) -> dict[str, Feed]:
    plain = ImageFiles(source.paths, source.image_size)
    augmented = Augmentation(AUGMENT, Pixelwise(None, "float32", "channels_last"))
    ready: Any = _decoded(source, cores, seconds)
    return {
        **{f"threads {count}": Feed(source, augmented, count) for count in worker_counts(cores)},
        "processes": Feed(source, augmented, cores, processes=True),
        "plain": Feed(plain, None, cores),
        "cached": Feed(ready, augmented, cores),
    }


def _decoded(source: ImageFiles, threads: int, seconds: float) -> npt.NDArray[np.uint8]:
    """Returns some of the images as a cache holds them, uint8 of shape `(images, height, width, channels)`."""
    image_bytes = math.prod(source.image_size) * 3
    count = max(1, min(len(source), CACHED_BYTES // image_bytes))
    images = np.empty((count, *source.image_size, 3), np.uint8)
    done = each(lambda number: source.read_into(number, images[number]), count, threads=threads, seconds=seconds)
    return images[: done.count]
