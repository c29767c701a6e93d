"""A batch in the making: its rows are given out to whoever is free, and it tells when it is done."""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from amalthea._trees import map_leaves
from amalthea.batches import Layout, Plan
from amalthea.errors import SampleError
from amalthea.sources.contents import AHEAD, forget, reading_for
from amalthea.workers.blocks import Store

__all__ = ["Job", "Origin", "Place", "make_all"]


class Place(NamedTuple):
    """Where the rows of a batch go in memory that worker processes see."""

    layout: Layout
    memory: Store
    block: int


class Origin(NamedTuple):
    """What a worker process must know to make a batch.

    Attributes:
        maker: Makes it; it is sent to the process once.
        plan: Tells its samples.
        place: Where its rows go; `None` for a batch that is made as a whole, and of whatever size.
    """

    maker: Any
    plan: Plan
    place: Place | None


class Job:
    """One batch in the making.

    Rows are given out from the first to the last, in spans. After an error no more are given out; those below the
    failed one have been given out before and are still made, so the error of the lowest row is the one that is
    raised, whatever the number of workers.

    Args:
        arrays: The arrays of the batch, to be filled.
        rows: Number of rows.
        span: How many rows are given out at a time.
        fill: Makes the given rows; returns the errors of samples that others stand in for.
        complete: Called with the arrays when all rows are made; returns the batch.
        origin: What a worker process must know to make rows of it.
        fetch: Begins to fetch what the given rows are made from; `None` where that is at hand.

    Attributes:
        number: Of all jobs of this process; later ones have larger numbers.
        ahead: So many rows a worker takes before it makes the first, to have what they are made from fetched.
        seconds: What the rows have taken, in sum over the spans.
    """

    def __init__(
        self,
        arrays: Any,
        *,
        rows: int,
        span: int,
        fill: Callable[[Any, range], list[SampleError]],
        complete: Callable[[Any], Any],
        origin: Origin | None = None,
        fetch: Callable[[range], None] | None = None,
    ) -> None:
        self.finished = threading.Event()
        self.seconds = 0.0
        self.arrays, self.rows, self.origin = arrays, rows, origin
        self.number = next(_numbers)
        self._fetch, self.ahead = fetch, 0 if fetch is None else AHEAD
        self._lock = threading.Lock()
        self._span = span
        self._fill, self._complete = fill, complete
        self._next = 0
        self._under_way = 0
        self._errors: dict[int, BaseException] = {}
        self._mended: dict[int, list[SampleError]] = {}
        self._cancelled = False

    def take(self) -> range | None:
        """Gives out the next rows, or `None` when there are no more; what was taken must be `make`d."""
        with self._lock:
            if self._next >= self.rows:
                return None
            rows = range(self._next, min(self._next + self._span, self.rows))
            self._next = rows.stop
            self._under_way += 1
            return rows

    def fetch(self, rows: range) -> None:
        """Begins to fetch what rows are made from that were taken. Never raises: `make` meets it again."""
        if self._fetch is not None:
            with contextlib.suppress(Exception, SystemExit), reading_for(self.number):
                self._fetch(rows)

    def make(self, rows: range, fill: Callable[[Job, range], list[SampleError]] | None = None) -> None:
        """Makes rows that were taken, here or by `fill`. Never raises: `result` does."""
        start = time.perf_counter()
        try:
            if not self._given_up(rows):
                with contextlib.nullcontext() if self._fetch is None else reading_for(self.number):
                    self._mended[rows.start] = self._fill(self.arrays, rows) if fill is None else fill(self, rows)
        except BaseException as error:  # an exit or an interrupt in here belongs to the caller, not to this thread
            self._fail(rows.start, error)
        with self._lock:
            self.seconds += time.perf_counter() - start
            self._under_way -= 1
            last = not self._under_way and self._next >= self.rows
        if last:
            self._finish()

    def cancel(self) -> None:
        """Gives out no more rows; nobody waits for the batch any more."""
        with self._lock:
            self._cancelled = True
            self._next = self.rows

    def settle(self) -> None:
        """Returns when nobody is at work on a batch that was cancelled."""
        with self._lock:
            busy = self._under_way > 0
        if busy:
            self.finished.wait()

    @property
    def error(self) -> BaseException | None:
        """What its lowest failed row raised, if one did."""
        return self._errors[min(self._errors)] if self._errors else None

    @property
    def mended(self) -> list[SampleError]:
        """The errors of samples that others stand in for, from the first row to the last."""
        return [error for row in sorted(self._mended) for error in self._mended[row]]

    def result(self) -> Any:
        """Hands the finished batch over, once, or raises its error."""
        batch = self._made()
        self.arrays = None  # a thread may hold on to the job for a while
        return batch

    def copy(self) -> Any:
        """Returns a copy of the finished batch, or raises its error."""
        return map_leaves(lambda array: array.copy(), self._made())

    def _made(self) -> Any:
        if self.error is not None:
            raise self.error
        return self.arrays

    def _given_up(self, rows: range) -> bool:
        """Tells whether nobody needs these rows any more, which a worker may have taken long before."""
        with self._lock:
            return self._cancelled or (bool(self._errors) and min(self._errors) < rows.start)

    def _fail(self, row: int, error: BaseException) -> None:
        with self._lock:
            self._errors[row] = error
            self._next = self.rows

    def _finish(self) -> None:
        if self._fetch is not None:
            forget(self.number)
        if not self._errors and not self._cancelled:
            try:
                self.arrays = self._complete(self.arrays)
            except BaseException as error:  # as in `make`
                self._fail(0, error)
        self.finished.set()


def make_all(job: Job) -> None:
    """Makes all rows of a batch that nobody has taken yet."""
    while (rows := job.take()) is not None:
        job.fetch(rows)
        job.make(rows)


_numbers = itertools.count()
