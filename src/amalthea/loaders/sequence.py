"""SequenceLoader: the batches of somebody's `Sequence` or `PyDataset`, made by these workers."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any

import keras

from amalthea._checks import check_int, checked_seed
from amalthea.batches import Batches
from amalthea.errors import ConfigurationError
from amalthea.loaders.arguments import workers_of
from amalthea.loaders.base import BatchLoader, passes_of
from amalthea.loaders.state import State
from amalthea.order import Shuffled
from amalthea.passes import ENDLESS
from amalthea.workers.stream import Stream
from amalthea.workers.whole import Whole

__all__ = ["SequenceLoader"]


class SequenceLoader(BatchLoader):
    """The batches of a `keras.utils.PyDataset`, or of a legacy `Sequence`, made ahead by workers that lose none.

    The sequence is used as it is: `len(sequence)` or `num_batches`, `sequence[i]`, and `on_epoch_begin` and
    `on_epoch_end`, where it has them. Those two are called in the program itself, once for each real epoch (each pass
    over all batches), and not when Keras only looks or starts anew; what they change is what all workers go on with.

    Batches come in the sequence's own order, whatever order Keras asks for them in, or with `shuffle=True` in an order
    that is drawn anew for each epoch.

    With processes each has a copy of the sequence, and before each batch NumPy's and Python's global random state
    and that of every generator that the sequence holds are set from `[seed, epoch, number]`: no two batches draw the
    same numbers, and each is the same whichever process makes it. With threads the sequence is shared, and so is its
    random state, as with the threads of Keras.

    Args:
        sequence: Gives batches `x`, `(x, y)` or `(x, y, sample_weight)` of any size. A list of inputs becomes a tuple.
        shuffle: Whether each epoch has an order of its own. Not for `evaluate` and `predict`.
        seed: Integer of 0 or more that decides the order and, with processes, all that is random. `None` draws one.
        workers: Number of workers; `None` is one for each core, 0 is none: batches are made in the calling thread.
        use_multiprocessing: Whether the workers are processes instead of threads.
        max_queue_size: Finished or begun batches ahead of the one in use.
        timeout_s: Seconds after which a worker process that is stuck in a batch is replaced; `None` is never.

    Attributes:
        sequence: As given.
        seed: The seed in use.

    Raises:
        ConfigurationError: If an argument cannot be used.

    Example:
    >>> import keras
    >>> import numpy as np
    >>> class Squares(keras.utils.PyDataset):
    ...     def __len__(self):
    ...         return 3
    ...     def __getitem__(self, number):
    ...         x = np.arange(2.0) + 2 * number
    ...         return x, x**2
    >>> for x, y in SequenceLoader(Squares(), workers=2):
    ...     print(x, y)
    [0. 1.] [0. 1.]
    [2. 3.] [4. 9.]
    [4. 5.] [16. 25.]
    """

    def __init__(
        self,
        sequence: Any,
        *,
        shuffle: bool = False,
        seed: int | None = None,
        workers: int | None = None,
        use_multiprocessing: bool = False,
        max_queue_size: int = 2,
        timeout_s: float | None = None,
    ) -> None:
        max_queue_size = check_int("max_queue_size", max_queue_size, minimum=0)
        self.sequence, self.seed = sequence, checked_seed(seed)
        length = _length_of(sequence)
        if length == ENDLESS and shuffle:
            raise ConfigurationError("`shuffle` is True, but the sequence has no number of batches to shuffle.")
        self._shuffle = shuffle
        self._crew = workers_of(workers, use_multiprocessing, timeout_s)
        stream = self._stream_of(length, max_queue_size)
        super().__init__(passes_of(length, in_order=length == ENDLESS), stream, seed_given=seed is not None)
        self._hooks = [_hook(sequence, name) for name in ("on_epoch_begin", "on_epoch_end")]
        self._ahead_of_passes = not any(self._hooks)
        self._begun: int | None = None  # the pass whose beginning the sequence was told of, and its end not yet
        self._told = [0, 0]  # how often it was told of a beginning and of an end

    def _stream_of(self, length: int, max_queue_size: int) -> Stream:
        self._recipe = Whole(self.sequence, self.seed)
        order = Shuffled(length, seed=self.seed, shuffle=self._shuffle)
        batches = Batches(order, 1, drop_remainder=False)
        return Stream(batches, self._recipe, self._crew, max_queue_size=max_queue_size)

    @property
    def num_batches(self) -> int | None:
        """Batches of an epoch, `None` for a sequence that has no last one."""
        return None if self._passes.length == ENDLESS else self._passes.length

    def __len__(self) -> int:
        """Returns the number of batches of an epoch."""
        if self._passes.length == ENDLESS:
            raise TypeError("The sequence has no last batch, and so no length.")
        return self._passes.length

    def __getitem__(self, index: int) -> Any:
        """Returns a batch, see `Loader`."""
        if not (self._shuffle or self._passes.in_order) and self._in_random_order(index):
            self._warn_once(
                "Keras asks for the batches in random order, as `fit` does by itself; they come in the sequence's own "
                "order. Pass `shuffle=True` to the loader for a random order, or `shuffle=False` to `fit`."
            )
        return super().__getitem__(index)

    def __iter__(self) -> Iterator[Any]:
        """Gives the batches of one epoch, for a loop written by hand; the workers work ahead here too."""
        yield from super().__iter__()
        self._end_epoch()

    def _take(self) -> range:
        taken = super()._take()
        self._begin_epoch(taken.start // self._passes.length)
        return taken

    def on_epoch_begin(self) -> None:
        """Called by Keras."""
        super().on_epoch_begin()
        if self._passes.shifted and not self._ahead_of_passes:
            raise ConfigurationError(
                "The state was taken in the middle of an epoch, and the sequence is told when one ends: go on with "
                "`BackupLoader`, or in a loop written by hand, or call `loader.reset()` to begin the epoch anew."
            )
        self._begin_epoch(self._passes.number)

    def on_epoch_end(self) -> None:
        """Called by Keras."""
        super().on_epoch_end()
        if self._begun is None:
            return
        asked = self._passes.length == ENDLESS and self._passes.asked > 0  # its epochs are those of Keras
        if self._passes.over or self._passes.number != self._begun or asked:
            self._end_epoch()

    def _begin_epoch(self, number: int) -> None:
        if self._begun is not None and self._begun != number:
            self._end_epoch()
        if self._begun is None:
            self._begun = number
            self._tell(0)

    def _end_epoch(self) -> None:
        self._begun = None
        self._tell(1)

    def _state_at(self, batch: int) -> dict[str, Any]:
        state = super()._state_at(batch)
        return state if self._ahead_of_passes else {**state, "told": [*self._told, self._begun]}

    def _checked(self, state: Mapping[str, Any]) -> State:
        place = super()._checked(state)
        if not self._ahead_of_passes:
            begins, ends, _ = _checked_told(state.get("told"))
            if self._told[0] > begins or self._told[1] > ends:
                raise ConfigurationError(
                    f"The sequence was told of {self._told[0]} epochs already, the one of the state of {begins}. It "
                    "cannot go back: make it and its loader anew."
                )
        return place

    def _begin_at(self, state: Mapping[str, Any], skip: int = 0) -> None:
        super()._begin_at(state, skip)
        if not self._ahead_of_passes:
            self._tell_missed(*state["told"])

    def _tell_missed(self, begins: int, ends: int, begun: int | None) -> None:
        """Tells the sequence of the beginnings and ends of epochs that the other one was told of, and this one not."""
        while self._told != [begins, ends]:
            self._tell(0 if self._told[0] == self._told[1] else 1)
        self._begun = begun

    def _sow(self, seed: int) -> None:
        self._stream.close()
        self.seed = seed
        self._stream = self._stream_of(self._passes.length, self._stream.max_queue_size)
        self._stream.open()

    @functools.cached_property
    def _fields(self) -> dict[str, Any]:
        return {
            "sequence": type(self.sequence).__qualname__,
            "batches": self.num_batches,
            "shuffle": bool(self._shuffle),
        }

    def _tell(self, hook: int) -> None:
        self._told[hook] += 1
        function = self._hooks[hook]
        if function is None:
            return
        self._stream.drop()  # nobody reads the sequence while it changes, and what was made ahead is out of date
        try:
            function()
        finally:
            self._recipe.renew()
        length = _length_of(self.sequence)
        if length != self._passes.length:
            raise ConfigurationError(
                f"The sequence had {self._passes.length} batches and has {length} after `{function.__name__}`. "
                "Its number of batches must stay: wrap it anew, or let it repeat or leave out samples."
            )


def _checked_told(told: Any) -> tuple[int, int, int | None]:
    if isinstance(told, list) and len(told) == 3 and all(type(value) is int for value in told[:2]):
        begins, ends, begun = told
        if 0 <= ends <= begins <= ends + 1 and (begun is None) == (begins == ends):
            return begins, ends, begun
    raise ConfigurationError(f"`state['told']` is {told!r}; that is no state of a `SequenceLoader`.")


def _hook(sequence: Any, name: str) -> Any:
    """Returns a method of the sequence that is called for each epoch, `None` for that of Keras, which does nothing."""
    function = getattr(sequence, name, None)
    return None if getattr(type(sequence), name, None) is getattr(keras.utils.PyDataset, name) else function


def _length_of(sequence: Any) -> int:
    if isinstance(sequence, BatchLoader):
        raise ConfigurationError("`sequence` is a loader of Amalthea already: pass it to `fit` as it is.")
    if not hasattr(sequence, "__getitem__") or not (hasattr(sequence, "__len__") or hasattr(sequence, "num_batches")):
        raise ConfigurationError(
            f"`sequence` is of type {type(sequence).__name__}; it must be a `keras.utils.PyDataset` or a `Sequence`: "
            "`len(sequence)` batches, `sequence[i]` one of them. A generator has no batch i: write a class that has."
        )
    length = getattr(sequence, "num_batches", 0)
    if length is None:
        return ENDLESS
    if not isinstance(length, int) or not length:  # a legacy class may use the name for something else
        length = len(sequence)
    if length < 1:
        raise ConfigurationError("`sequence` is empty: it has no batch.")
    return int(length)
