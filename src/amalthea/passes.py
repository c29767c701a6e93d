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
            on JAX and PyTorch.

    Attributes:
        number: The pass in use, or the one that comes next.
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
        self.number = 0
        self.in_order = in_order
        self._look_in_epoch = look_in_epoch
        self._coming = 1  # the pass after the one in use
        self._asked: dict[int, int] = {}  # batch number -> position in the pass
        self._looked: set[int] = set()  # batch numbers looked at since the pass before
        self._last = -1  # the position last asked for
        self._epochs: list[_Epoch] = []  # the one that runs; behind it those that one was begun in the middle of
        self._loop: int | None = None  # the pass of a loop written by hand that is not at its end
        self._arrived = False  # somebody new is there, and has not reset since

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
            return self._loop
        return self._coming if self.over and not self._epochs else self.number

    @property
    def next_batch(self) -> int:
        """The planned batch that is expected to be asked for next."""
        return (self._coming if self.over else self.number) * self.length + (0 if self.over else self._last + 1)

    def out_of_order(self, number: int) -> bool:
        """Tells whether a number that an epoch asks for next is not the one that follows those before it."""
        return bool(self._epochs) and number not in self._asked and number != self.asked

    def end_of(self, batch: int) -> int:
        """Returns the first batch that comes after the pass of this one."""
        return (batch // self.length + 1) * self.length

    def go_to(self, number: int) -> None:
        """Starts anew at the beginning of the pass of that number."""
        self._open(number)
        self._epochs.clear()
        self._arrived, self._loop = False, None

    def take(self) -> int:
        """Takes a whole pass for a loop written by hand, and returns its number; the one in use stays as it is."""
        number = self._coming
        if not self._asked:  # the one that comes next has not been begun
            number = self.number
            self._open(number + 1)
        else:
            self._coming += 1
        self._loop = number
        return number

    def finish(self, number: int) -> None:
        """Says that a loop written by hand has come to the end of its pass."""
        if self._loop == number:
            self._loop = None

    def arrive(self) -> None:
        """Says that somebody new is there: a `fit`, `evaluate` or `predict` that has not begun yet."""
        self._arrived = not self._epochs

    def begin(self) -> None:
        """Says that an epoch begins: if the pass is over, or endless and somebody new is there, the next one opens."""
        if self.over or (self.length == ENDLESS and self._arrived and self._asked):
            self._open(self._coming)
        # A fit that finds its model built resets before its first epoch; a later epoch has nobody new before it.
        self._epochs.append(_Epoch(self._look_in_epoch and self._arrived, opened=not self._asked))
        self._arrived, self._loop = False, None

    def end(self) -> None:
        """Says that an epoch ends; by itself this ends no pass."""
        if not self._epochs:
            self._end_bare()
            return
        epoch = self._epochs.pop()
        if epoch.may_be_look and epoch.asks <= BATCHES_OF_A_LOOK:
            # What was asked for to build the model was not taken. What a fit before has left is given up.
            self._open(self.number if epoch.opened else self._coming)

    def ask(self, number: int) -> Asked:
        """Returns what stands behind a batch number of `0 .. length - 1`."""
        # This is all that some batches cost, so it is written to be fast.
        asked, length = self._asked, self.length
        if not self._epochs and (not asked or len(asked) == length):
            return self._look_at(number)
        if length == ENDLESS:
            asked.clear()  # it would grow for ever
        expected = -1 if len(asked) == length else self._last + 1
        position = asked.get(number)
        if position is None:
            asked[number] = position = number if self.in_order else len(asked)
        self._last = position if self.in_order else len(asked) - 1
        first = self.number * length
        upcoming = self._coming * length if len(asked) == length else first + self._last + 1
        return Asked(first + position, self._counted_as_look(), position == expected, upcoming)

    def _look_at(self, number: int) -> Asked:
        if self.length != ENDLESS:
            self._looked.add(number)
        upcoming = self.next_batch
        batch = (self._coming if self.over else self.number) * self.length + number
        return Asked(batch, True, batch == upcoming, upcoming)

    def _counted_as_look(self) -> bool:
        if not self._epochs:
            return False
        epoch = self._epochs[-1]
        epoch.asks += 1
        return epoch.may_be_look and epoch.asks <= BATCHES_OF_A_LOOK

    def _open(self, number: int) -> None:
        self.number, self._coming, self._last = number, number + 1, -1
        self._asked.clear()
        self._looked.clear()

    def _end_bare(self) -> None:
        if self._asked and not self.over:
            # A new fit resets before it begins: what is left of the pass has been given up.
            self._open(self._coming)
        elif len(self._looked) == self.length and not self._arrived:
            # A loop written by hand over all numbers, which ends with `on_epoch_end`.
            self._open((self._coming if self.over else self.number) + 1)
        self._arrived = False
