"""Which planned batch stands behind a batch number: the promise to Keras, apart from Keras.

Keras shuffles batch numbers, looks at a batch or two while it builds a model, asks ahead from a thread of its own, and
stops in mid-epoch without a word. A number's meaning is therefore given when it is first asked for: within a *pass*
(every number of `0 .. length - 1` once) the k-th new number is the k-th planned batch, and the same number again is the
same batch again. So all numbers together are the whole pass, in the planned order, whatever Keras draws.

                    begin: next pass                    k-th new number: planned batch k
        .-------------------------------.              .----.
        v                               |              |    v
    boundary ----- begin, ask ----> within a pass -----'
      |   ^                             |
      '---'                             '--> all `length` numbers asked: boundary
    ask outside of begin/end is a look: it assigns nothing

A pass is over an epoch of the data, unless somebody went to the middle of one: then it goes on into the next.
"""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

__all__ = ["ENDLESS", "Asked", "Passes"]

# The length of a pass that never ends: of a dataset without a number of batches.
ENDLESS = 1 << 62

# To build a model Keras looks at one batch; on JAX it fetches another behind it, for an accelerator or in 3.12 always.
BATCHES_OF_A_LOOK = 2


class Asked(NamedTuple):
    """What stands behind a batch number.

    Attributes:
        batch: Number of the planned batch, counted over all passes.
        provisional: Whether the same batch may be asked for again as a new one: this was, or may prove to be, a look.
        in_turn: Whether it was expected to be asked for next.
        upcoming: The planned batch that is expected after it.
    """

    batch: int
    provisional: bool
    in_turn: bool
    upcoming: int


@dataclasses.dataclass
class _Epoch:
    """What Keras calls an epoch, from begin to end.

    Attributes:
        may_be_look: Whether it may yet prove to be the look that builds a model.
        opened: Whether it opened its pass.
        asks: How often a batch was asked for.
    """

    may_be_look: bool
    opened: bool
    asks: int = 0


class Passes:
    """Turns the batch numbers that Keras asks for into planned batches, counted from 0 over all passes.

    Args:
        length: Batches in a pass; `ENDLESS`, in order, if there is no last one.
        in_order: Whether number i always means the i-th batch of the pass (a loader that does not shuffle).
        look_in_epoch: Whether a model is built with a batch or two asked for inside of an epoch's begin and end, as
            on JAX and PyTorch. Otherwise that is an epoch which is given up, or nothing at all, as on TensorFlow with
            and without `tf.distribute`.

    Attributes:
        in_order: As given.

    Example:
    >>> passes = Passes(length=3)
    >>> passes.begin()
    >>> [passes.ask(number).batch for number in (2, 0, 2, 1)]
    [0, 1, 0, 2]
    >>> passes.end()
    """

    def __init__(self, length: int, *, in_order: bool = False, look_in_epoch: bool = True) -> None:
        self.length = length
        self.in_order = in_order
        self._look_in_epoch = look_in_epoch
        self._first = 0  # the planned batch that the pass in use, or the one that comes next, begins with
        self._coming = length  # the one that the pass after it begins with
        self._asked: dict[int, int] = {}  # batch number -> position in the pass
        self._looked: set[int] = set()  # batch numbers looked at since the pass before
        self._last = -1  # the position last asked for
        self._since: set[int] = set()  # batch numbers asked for since the pass opened or somebody new came
        self._epochs: list[_Epoch] = []  # the one that runs; behind it those that one was begun in the middle of
        self._loop: range | None = None  # what a loop written by hand that is not at its end has left of its pass
        self._arrived = False  # somebody new is there, and has not reset since
        self._opening: _Epoch | None = None  # on TensorFlow, the epoch that somebody new began with, without a reset

    @property
    def number(self) -> int:
        """The epoch of the data in which the pass in use begins, or the one that comes next."""
        return self._first // self.length

    @property
    def shifted(self) -> bool:
        """Whether the pass begins in the middle of an epoch of the data."""
        return self._first % self.length > 0

    @property
    def asked(self) -> int:
        """How many batches of the pass have been asked for."""
        return len(self._asked)

    @property
    def over(self) -> bool:
        """Whether every batch of the pass has been asked for."""
        return len(self._asked) == self.length

    @property
    def epoch(self) -> int:
        """The pass that is under way or was left in its middle, or else the one that comes next."""
        if self._loop is not None:
            return (self._loop.stop - 1) // self.length
        last = self._first + max(0, self.asked - 1)
        return (self._coming if self.over and not self._epochs else last) // self.length

    @property
    def next_batch(self) -> int:
        """The planned batch that is expected to be asked for next."""
        return self._coming if self.over else self._first + self._last + 1

    @property
    def next_begin(self) -> int:
        """The planned batch that the next epoch of Keras begins with."""
        look = self._look_to_take_back
        return self.next_batch if look is None else self._begin_of(look)

    @property
    def next_evaluation(self) -> int:
        """The planned batch that the next `evaluate` begins with; how far a pass was asked ahead makes no difference.

        It resets before it begins, which gives up a pass that was begun, unless an interrupt has left an epoch open.
        """
        return self._coming if self.over or (self._asked and not self._epochs) else self._first

    @property
    def next_taken(self) -> int:
        """The planned batch that comes after all that were taken: by a loop written by hand, if one is under way."""
        return self.next_batch if self._loop is None else self._loop.start

    def skips_to(self, number: int) -> bool:
        """Tells whether an epoch asks for a number, and has not asked for the one before it."""
        return bool(self._epochs) and self.length != ENDLESS and number > 0 and number - 1 not in self._since

    def end_of(self, batch: int) -> int:
        """Returns the first batch that comes after the epoch of the data that this one is in."""
        return (batch // self.length + 1) * self.length

    def go_to(self, batch: int) -> None:
        """Starts anew at that planned batch."""
        self._open(batch)
        self._epochs.clear()
        self._arrived, self._loop, self._opening = False, None, None

    def take(self) -> range:
        """Takes an epoch of the data, or what is left of it, for a loop written by hand; returns its planned batches.

        The pass in use stays as it is.
        """
        first = self._coming if self._asked else self._first
        self._loop = range(first, self.end_of(first))
        if self._asked:
            self._coming = self._loop.stop
        else:  # the one that comes next has not been begun
            self._open(self._loop.stop)
        return self._loop

    def taken(self, batch: int, stop: int) -> None:
        """Says that a loop written by hand, up to batch `stop - 1`, has given this one."""
        if self._loop is not None and self._loop.stop == stop:
            self._loop = range(batch + 1, stop)

    def finish(self, stop: int) -> None:
        """Says that a loop written by hand has come to its end, after batch `stop - 1`."""
        if self._loop is not None and self._loop.stop == stop:
            self._loop = None

    def arrive(self) -> None:
        """Says that somebody new is there: a `fit`, `evaluate` or `predict` that has not begun yet."""
        self._arrived = not self._epochs
        self._since.clear()
        if self._arrived:
            self._opening = None  # no look, but somebody's `predict`

    def begin(self) -> None:
        """Says that an epoch begins: if the pass is over, or endless and somebody new is there, the next one opens."""
        if self._look_to_take_back is not None:
            self._open(self._begin_of(self._look_to_take_back))
        if self.over or (self.length == ENDLESS and self._arrived and self._asked):
            self._open(self._coming)
        # A fit that finds its model built resets before its first epoch; a later epoch has nobody new before it.
        epoch = _Epoch(self._look_in_epoch and self._arrived, opened=not self._asked)
        self._epochs.append(epoch)
        self._looked.clear()  # they were Keras' looks, and no loop written by hand
        self._opening = epoch if self._arrived and not self._look_in_epoch else None
        self._arrived, self._loop = False, None

    def end(self) -> None:
        """Says that an epoch ends; by itself this ends no pass."""
        if not self._epochs:
            self._end_bare()
            return
        epoch = self._epochs.pop()
        if epoch.may_be_look and epoch.asks <= BATCHES_OF_A_LOOK:
            self._open(self._begin_of(epoch))

    def ask(self, number: int) -> Asked:
        """Returns what stands behind a batch number of `0 .. length - 1`."""
        # This is all that some batches cost, so it is written to be fast.
        asked, length = self._asked, self.length
        if not self._epochs and (not asked or len(asked) == length):
            return self._look_at(number)
        if length == ENDLESS:
            asked.clear()  # it would grow for ever
        else:
            self._since.add(number)
        expected = -1 if len(asked) == length else self._last + 1
        position = asked.get(number)
        if position is None:
            asked[number] = position = number if self.in_order else len(asked)
        self._last = position if self.in_order else len(asked) - 1
        first = self._first
        upcoming = self._coming if len(asked) == length else first + self._last + 1
        return Asked(first + position, self._counted_as_look(), position == expected, upcoming)

    def _look_at(self, number: int) -> Asked:
        if self.length != ENDLESS:
            self._looked.add(number)
        upcoming = self.next_batch
        batch = (self._coming if self.over else self._first) + number
        return Asked(batch, True, batch == upcoming, upcoming)

    def _counted_as_look(self) -> bool:
        if not self._epochs:
            return False
        epoch = self._epochs[-1]
        epoch.asks += 1
        return epoch.may_be_look and epoch.asks <= BATCHES_OF_A_LOOK

    @property
    def _look_to_take_back(self) -> _Epoch | None:
        # Under `tf.distribute` a model is built in an epoch that is given up. That is seen by another one behind it:
        # it asks for as many batches as its threads come to.
        return None if self._epochs else self._opening

    def _begin_of(self, look: _Epoch) -> int:
        # What was asked for to build the model was not taken. What a fit before has left is given up.
        return self._first if look.opened else self._coming

    def _open(self, batch: int) -> None:
        # A pass without an end is followed by one from the beginning, wherever it began itself.
        self._coming = self.end_of(batch) if self.length == ENDLESS else batch + self.length
        self._first, self._last = batch, -1
        self._asked.clear()
        self._since.clear()
        self._looked.clear()

    def _end_bare(self) -> None:
        if self._asked and not self.over:
            # A new fit resets before it begins: what is left of the pass has been given up.
            self._open(self._coming)
        elif len(self._looked) == self.length and not self._arrived:
            # A loop written by hand over all numbers, which ends with `on_epoch_end`.
            self._open((self._coming if self.over else self._first) + self.length)
        self._arrived = False
