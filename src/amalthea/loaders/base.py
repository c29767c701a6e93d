"""What all loaders share: the `keras.utils.PyDataset` that Keras asks for planned batches."""

from __future__ import annotations

import abc
import operator
import threading
import warnings
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self

import keras

from amalthea._checks import check_int
from amalthea._trees import map_leaves
from amalthea.batches import WHOLE, Shard
from amalthea.errors import ConfigurationError
from amalthea.loaders.fits import Fits
from amalthea.loaders.sharding import check_distribution
from amalthea.loaders.state import State, checked_state, state_of
from amalthea.passes import Passes
from amalthea.workers.grouped import Grouped
from amalthea.workers.stream import Stream

__all__ = ["BatchLoader", "passes_of"]


class BatchLoader(keras.utils.PyDataset):  # type: ignore[misc]  # Keras ships no types: Any
    """Planned batches for `fit`, `evaluate` and `predict`, or for a loop written by hand.

    Args:
        passes: Which planned batch stands behind a number.
        stream: Gives planned batches.
        seed_given: Whether the user has chosen the seed.

    Attributes:
        seed: The seed in use.
    """

    seed: int
    shard: Shard = WHOLE

    def __init__(self, passes: Passes, stream: Stream | Grouped, *, seed_given: bool) -> None:
        # Keras is told of one worker and starts no enqueuer of its own: that one loses and repeats batches.
        super().__init__(workers=1, use_multiprocessing=False, max_queue_size=stream.max_queue_size)
        self._passes, self._stream, self._seed_given = passes, stream, seed_given
        self._ahead_of_passes = True  # whether batches of the next pass may be made before this one has ended
        self._lock = threading.Lock()  # TensorFlow asks from a thread of its own
        self._warned = False
        self._first_made = 0  # planned batches before this one are given without rows
        self._empty: Any = None  # such a batch
        self._inspecting = False  # whether Keras has come, and has begun no epoch yet
        self._fits = Fits(self)

    @property
    def epoch(self) -> int:
        """Number of the epoch that is under way or was interrupted, or else of the one that comes next, from 0."""
        return self._passes.epoch

    @property
    def workers(self) -> int:
        """What Keras is told: 1. Each `fit`, `evaluate` or `predict` asks for it once, before all else."""
        check_distribution(self.shard)
        with self._lock:
            self._passes.arrive()
            self._inspecting, self._first_made = True, 0  # steps to pass were those of an earlier one
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
            self._fits.check()
            asked = self._passes.ask(index)
        if self._passes.in_order and index and not asked.in_turn and asked.batch - index < self._first_made:
            raise ConfigurationError(
                "A training from an unshuffled loader cannot go on in the middle of an epoch whose batches `fit` asks "
                "for in random order. Pass `shuffle=False` to `fit`, or `shuffle=True` to the loader, and remove the "
                "backup."
            )
        if asked.batch < self._first_made:
            return self._without_rows(asked.batch)
        upcoming: int | None = asked.upcoming
        if not asked.in_turn and self._passes.in_order and index and not asked.provisional:
            if self._in_random_order(index):
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
        taken = self._take()
        end = taken.stop
        for batch in taken:
            made = self._finished(
                batch, self._stream.get(batch, upcoming=batch + 1, end=None if self._ahead_of_passes else end)
            )
            self._passes.taken(batch, end)
            yield made
        with self._lock:
            self._passes.finish(end)

    def on_epoch_begin(self) -> None:
        """Called by Keras."""
        self._stream.open()
        with self._lock:
            self._inspecting = False
            self._fits.begin()
            self._passes.begin()

    def on_epoch_end(self) -> None:
        """Called by Keras."""
        with self._lock:
            self._inspecting = False
            self._fits.end()
            self._passes.end()

    def peek(self) -> Any:
        """Returns a copy of the batch that comes next, without taking it."""
        with self._lock:
            upcoming = self._passes.next_batch
        return self._finished(upcoming, self._stream.get(upcoming, upcoming=upcoming, keep=True))

    def set_epoch(self, epoch: int) -> None:
        """Goes to the beginning of an epoch, counted from 0."""
        self._go_to(check_int("epoch", epoch, minimum=0) * self._passes.length)

    def reset(self) -> None:
        """Goes back to the beginning of an epoch that was interrupted; between epochs it does nothing."""
        self.set_epoch(self.epoch)

    def state_dict(self) -> dict[str, Any]:
        """Returns where the loader is in its stream of batches, to go on from there: a few values in types of JSON.

        In a loop written by hand every batch counts that the loop was given. In `fit`, which asks for batches before
        the model takes them, `BackupLoader` knows what the model has seen.

        Returns:
            `"epoch"` and `"position"`, the number of batches taken of that epoch; `"seed"`; `"stream"`, what decides
            the batches; `"amalthea"`, the version of this format. None of it depends on `workers` or `shard`.
        """
        with self._lock:
            batch = self._passes.next_taken
        return self._state_at(batch)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes to where a loader was when `state_dict` was called. No sample is read for that.

        A loop written by hand then has the rest of that epoch; a `fit` has epochs of full length, from there on. A
        loader that was made with `seed=None` takes the seed of the state.

        Args:
            state: As `state_dict` has returned it, of any loader over the same samples with the same options. Fields
                that were removed from `state["stream"]` are not compared.

        Raises:
            ConfigurationError: If the state is of other batches; it says which fields differ.
        """
        self._begin_at(state)

    def close(self) -> None:
        """Ends the workers. The loader may be used again: the next epoch starts new ones."""
        self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def _next_batch(self) -> int:
        """The planned batch that the next epoch of Keras begins with."""
        return self._passes.next_begin

    def _state_at(self, batch: int) -> dict[str, Any]:
        """Returns the state in which a planned batch is the next."""
        epoch, position = divmod(batch, self._passes.length)
        return state_of(self.seed, epoch, position, self._fields)

    def _begin_at(self, state: Mapping[str, Any], skip: int = 0) -> None:
        """Goes to a state.

        Args:
            state: The state.
            skip: So many batches from there on are given without rows, and nothing is read for them: `fit` has epochs
                of full length only.
        """
        place = self._checked(state)
        if place.seed != self.seed:
            self._sow(place.seed)
        first = place.epoch * self._passes.length + place.position
        self._go_to(first)
        self._first_made = first + skip if skip else 0

    def _checked(self, state: Mapping[str, Any]) -> State:
        """Returns where a state says that the loader is, if it is one of these batches."""
        return checked_state(state, self.seed if self._seed_given else None, self._passes.length, self._fields)

    def _go_to(self, batch: int) -> None:
        with self._lock:
            self._first_made, self._empty = 0, None
            self._fits.give_up()
            self._passes.go_to(batch)

    @abc.abstractmethod
    def _sow(self, seed: int) -> None:
        """Takes another seed."""

    @property
    @abc.abstractmethod
    def _fields(self) -> dict[str, Any]:
        """What decides the batches, but for the seed, in types of JSON."""

    def _without_rows(self, batch: int) -> Any:
        if self._empty is None:
            # Shapes and dtypes are those of the batch that is needed next.
            like = min(self._first_made, self._passes.end_of(batch) - 1)
            made = self._finished(like, self._stream.get(like, upcoming=like, keep=True))
            self._empty = map_leaves(lambda array: array[:0], made)
        return self._empty

    def _take(self) -> range:
        """Takes the batches of a loop written by hand."""
        with self._lock:
            return self._passes.take()

    def _inspected(self, index: int, batch: Any) -> Any:
        """Returns what Keras is shown of a batch before the first epoch, on TensorFlow, to tell shapes and dtypes."""
        return batch

    def _finished(self, number: int, batch: Any) -> Any:
        """Returns what is handed over of the planned batch of that number, counted over all epochs."""
        return batch

    def _in_random_order(self, index: int) -> bool:
        # The thread of a `fit` that was interrupted may ask for what is next in that one.
        return self._passes.skips_to(index) and self._fits.is_last()

    def _warn_once(self, message: str) -> None:
        if not self._warned:
            self._warned = True
            warnings.warn(message, stacklevel=4)


def passes_of(length: int, *, in_order: bool) -> Passes:
    """Returns the passes that the backend in use makes."""
    return Passes(length, in_order=in_order, look_in_epoch=keras.backend.backend() != "tensorflow")


def _fixed(name: str) -> ConfigurationError:
    return ConfigurationError(f"`{name}` is an argument of the loader's constructor and cannot be set later.")
