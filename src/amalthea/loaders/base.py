"""What all loaders share: the `keras.utils.PyDataset` that Keras asks for planned batches."""

from __future__ import annotations

import operator
import threading
import warnings
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

import keras
import loky

from amalthea._checks import check_int
from amalthea.errors import ConfigurationError
from amalthea.passes import Passes
from amalthea.workers.grouped import Grouped
from amalthea.workers.inline import Inline
from amalthea.workers.processes import Processes
from amalthea.workers.stream import Stream, Workers
from amalthea.workers.threads import Threads

__all__ = ["BatchLoader", "passes_of", "workers_of"]


class BatchLoader(keras.utils.PyDataset):  # type: ignore[misc]  # Keras ships no types: Any
    """Planned batches for `fit`, `evaluate` and `predict`, or for a loop written by hand.

    Args:
        passes: Which planned batch stands behind a number.
        stream: Gives planned batches.
    """

    def __init__(self, passes: Passes, stream: Stream | Grouped) -> None:
        # Keras is told of one worker and starts no enqueuer of its own: that one loses and repeats batches.
        super().__init__(workers=1, use_multiprocessing=False, max_queue_size=stream.max_queue_size)
        self._passes, self._stream = passes, stream
        self._ahead_of_passes = True  # whether batches of the next pass may be made before this one has ended
        self._lock = threading.Lock()  # TensorFlow asks from a thread of its own
        self._warned = False
        self._inspecting = False  # whether Keras has come, and has begun no epoch yet

    @property
    def epoch(self) -> int:
        """Number of the epoch that is under way or was interrupted, or else of the one that comes next, from 0."""
        return self._passes.epoch

    @property
    def workers(self) -> int:
        """What Keras is told: 1. Each `fit`, `evaluate` or `predict` asks for it once, before all else."""
        with self._lock:
            self._passes.arrive()
            self._inspecting = True
        return 1

    @workers.setter
    def workers(self, value: int) -> None:
        raise _fixed("workers")

    @property
    def use_multiprocessing(self) -> bool:
        """What Keras is told: False."""
        return False

    @use_multiprocessing.setter
    def use_multiprocessing(self, value: bool) -> None:
        raise _fixed("use_multiprocessing")

    @property
    def max_queue_size(self) -> int:
        """Finished or begun batches ahead of the one in use."""
        return self._stream.max_queue_size

    @max_queue_size.setter
    def max_queue_size(self, value: int) -> None:
        raise _fixed("max_queue_size")

    def __len__(self) -> int:
        """Returns the number of batches of an epoch."""
        return self._passes.length

    def __getitem__(self, index: int) -> Any:
        """Returns a batch, as arrays of shape `(rows, ...)` in the structure of a sample.

        Args:
            index: A number of `0 .. len(loader) - 1`. In a shuffled loader its meaning is given when it is first
                asked for in an epoch.

        Raises:
            IndexError: If there is no batch of that number.
            SampleError: If a sample of the batch cannot be made.
        """
        index = operator.index(index)
        if not 0 <= index < self._passes.length:
            raise IndexError(f"batch {index} of a loader of {len(self)} batches")
        with self._lock:
            asked = self._passes.ask(index)
        upcoming: int | None = asked.upcoming
        if not asked.in_turn and self._passes.in_order and index and not asked.provisional:
            self._warn_once(
                "An unshuffled loader is asked for its batches in random order, so it cannot make them ahead. "
                "If this is `fit`, pass `shuffle=False` to it, or `shuffle=True` to the loader."
            )
            upcoming = None
        end = None if self._ahead_of_passes else self._passes.end_of(asked.batch)
        batch = self._stream.get(asked.batch, upcoming=upcoming, end=end, keep=asked.provisional)
        if self._inspecting and keras.backend.backend() == "tensorflow":
            batch = self._inspected(index, batch)
        return self._finished(asked.batch, batch)

    def __iter__(self) -> Iterator[Any]:
        """Gives the batches of one epoch, for a loop written by hand; the workers work ahead here too."""
        self._stream.open()
        with self._lock:
            number = self._passes.take()
        first, end = number * self._passes.length, (number + 1) * self._passes.length
        for batch in range(first, end):
            made = self._stream.get(batch, upcoming=batch + 1, end=None if self._ahead_of_passes else end)
            yield self._finished(batch, made)
        with self._lock:
            self._passes.finish(number)

    def on_epoch_begin(self) -> None:
        """Called by Keras."""
        self._stream.open()
        with self._lock:
            self._inspecting = False
            self._passes.begin()

    def on_epoch_end(self) -> None:
        """Called by Keras."""
        with self._lock:
            self._inspecting = False
            self._passes.end()

    def peek(self) -> Any:
        """Returns a copy of the batch that comes next, without taking it."""
        with self._lock:
            upcoming = self._passes.next_batch
        return self._finished(upcoming, self._stream.get(upcoming, upcoming=upcoming, keep=True))

    def set_epoch(self, epoch: int) -> None:
        """Goes to the beginning of an epoch, counted from 0."""
        with self._lock:
            self._passes.go_to(check_int("epoch", epoch, minimum=0))

    def reset(self) -> None:
        """Goes back to the beginning of an epoch that was interrupted; between epochs it does nothing."""
        self.set_epoch(self.epoch)

    def close(self) -> None:
        """Ends the workers. The loader may be used again: the next epoch starts new ones."""
        self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _inspected(self, index: int, batch: Any) -> Any:
        """Returns what Keras is shown of a batch before the first epoch, on TensorFlow, to tell shapes and dtypes."""
        return batch

    def _finished(self, number: int, batch: Any) -> Any:
        """Returns what is handed over of the planned batch of that number, counted over all epochs."""
        return batch

    def _warn_once(self, message: str) -> None:
        if not self._warned:
            self._warned = True
            warnings.warn(message, stacklevel=4)


def passes_of(length: int, *, in_order: bool) -> Passes:
    """Returns the passes that the backend in use makes."""
    return Passes(length, in_order=in_order, look_in_epoch=keras.backend.backend() != "tensorflow")


def workers_of(count: int | None, use_multiprocessing: bool, timeout_s: float | None) -> Workers:
    """Returns the workers that a loader's arguments ask for.

    Raises:
        ConfigurationError: If they cannot be used.
    """
    if count is None:
        count = loky.cpu_count()  # what this process may use: its affinity and its container's share
    if timeout_s is not None and (not isinstance(timeout_s, int | float) or not timeout_s > 0):
        raise ConfigurationError(f"`timeout_s` is {timeout_s!r}; it must be a positive number of seconds, or None.")
    if timeout_s is not None and not use_multiprocessing:
        raise ConfigurationError(
            f"`timeout_s` is {timeout_s!r}, but a thread cannot be ended: "
            "pass `use_multiprocessing=True`, or leave it out."
        )
    if not check_int("workers", count, minimum=0):
        return Inline()
    return Processes(count, timeout_s=timeout_s) if use_multiprocessing else Threads(count)


def _fixed(name: str) -> ConfigurationError:
    return ConfigurationError(f"`{name}` is an argument of the loader's constructor and cannot be set later.")
