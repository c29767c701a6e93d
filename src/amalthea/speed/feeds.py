"""Ways to load the same images, each measured as a loader runs it, without Keras."""

from __future__ import annotations

import dataclasses
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

from amalthea.batches import Batches
from amalthea.order import Shuffled
from amalthea.rows import Rows, Transform
from amalthea.sources.protocol import Source
from amalthea.workers.grouped import stream_of
from amalthea.workers.inline import Inline
from amalthea.workers.processes import Processes
from amalthea.workers.stream import Workers
from amalthea.workers.threads import Threads

__all__ = ["Feed", "images_per_second", "measured"]

ROUNDS = 3
AHEAD = 2  # batches, as by default
WARM = 2  # batches that are not counted


@dataclasses.dataclass(frozen=True)
class Feed:
    """A way to load images.

    Attributes:
        source: The images.
        transform: What is done to each, or `None`.
        workers: Number of workers; 0 is none.
        processes: Whether they are processes.
    """

    source: Source
    transform: Transform | None
    workers: int
    processes: bool = False

    def crew(self) -> Workers:
        """Returns the workers."""
        if not self.workers:
            return Inline()
        return Processes(self.workers) if self.processes else Threads(self.workers)


def measured(feeds: Mapping[str, Feed], batch_size: int, seconds: float) -> dict[str, float]:
    """Measures each way in turns, and returns images/s by its name: medians of up to three rounds.

    Args:
        feeds: The ways.
        batch_size: Images of a batch.
        seconds: For all of it, about.
    """
    rates: dict[str, list[float]] = {name: [] for name in feeds}
    stop = time.perf_counter() + seconds
    for done in range(ROUNDS):
        if done and time.perf_counter() >= stop:
            break
        for name, feed in feeds.items():
            rates[name].append(images_per_second(feed, batch_size, seconds / ROUNDS / len(feeds)))
    return {name: statistics.median(each) for name, each in rates.items()}


def images_per_second(feed: Feed, batch_size: int, seconds: float) -> float:
    """Returns how many images come out in a second, asked for without a pause."""
    batch_size = min(batch_size, len(feed.source))
    batches = Batches(Shuffled(len(feed.source), seed=0, shuffle=True), batch_size, drop_remainder=True)
    rows, crew = Rows(feed.source, seed=0, transform=feed.transform), feed.crew()
    stream = stream_of(batches, rows, rows.sample(0, 0), crew, max_queue_size=AHEAD)
    stream.open()
    try:
        for number in range(WARM):
            stream.get(number, upcoming=number + 1)
        return _rate(lambda number: stream.get(WARM + number, upcoming=WARM + number + 1), batch_size, seconds)
    finally:
        stream.close()


def _rate(get: Callable[[int], Any], batch_size: int, seconds: float) -> float:
    start, count, taken = time.perf_counter(), 0, 0.0
    while taken < seconds or not count:
        get(count)
        count += 1
        taken = time.perf_counter() - start
    return count * batch_size / taken
