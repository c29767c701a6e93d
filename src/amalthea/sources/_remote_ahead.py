"""What was begun before it is asked for: bounded in number and in bytes."""

from __future__ import annotations

import collections
import concurrent.futures
import dataclasses
import threading
import time
from collections.abc import Callable, Hashable, Iterable
from typing import Any

__all__ = ["Ahead", "Sizes", "sizes"]

Future = concurrent.futures.Future[Any]

MOST = 128  # under way or finished, and not asked for yet
MOST_BYTES = 64 << 20
LEAST = 4  # of whatever size

# What nobody has asked for after so many others, or so long, was begun for a batch that was given up.
OVERTAKEN = 4 * MOST
EXPIRE_S = 300.0


class Sizes:
    """How large files are, as far as some have been read.

    Args:
        mean: What is thought before: so much that only the least is begun.

    Attributes:
        known: Whether one has.
        mean: In bytes.
    """

    def __init__(self, mean: float = MOST_BYTES / LEAST) -> None:
        self.known, self.mean = False, mean

    def add(self, size: float) -> None:
        """Notes that a file was so large."""
        # Larger ones count at once: they are many before a mean has come to know them.
        at_once = size > self.mean or not self.known
        self.mean += (size - self.mean) * (1 if at_once else 1 / 16)
        self.known = True


sizes = Sizes()  # of this process; a worker process begins with what the program knows


@dataclasses.dataclass
class _Begun:
    uses: int
    taken: int  # how many others had been asked for
    when: float
    future: Future | None = None
    given: bool = False  # to one of those who asked


class Ahead:
    """Answers that are begun, in order, and kept until somebody asks for them.

        begin(a, b, c, d) --> a, b, c under way --> a finished --> take(a)
                              d waits for room  <-------------------'

    Args:
        start: Begins to find an answer.
        clock: Tells the seconds.
        sizes: Tells how large answers are.
    """

    def __init__(
        self, start: Callable[[Any], Future], clock: Callable[[], float] = time.monotonic, sizes: Sizes = sizes
    ) -> None:
        self._start, self._clock, self._sizes = start, clock, sizes
        self._lock = threading.Lock()  # of all that follows
        self._begun: dict[Hashable, _Begun] = {}  # the oldest first
        self._waiting: collections.deque[Hashable] = collections.deque()
        self._given_up: collections.deque[Callable[[Any], bool]] = collections.deque()
        self._started = self._taken = 0

    def __len__(self) -> int:
        return len(self._begun)

    def begin(self, questions: Iterable[Hashable]) -> None:
        """Begins to find answers that will be asked for soon, each as often as it is named."""
        with self._lock:
            self._drop_given_up()
            for question in questions:
                if question in self._begun:
                    self._begun[question].uses += 1
                else:
                    self._begun[question] = _Begun(1, self._taken, self._clock())
                    self._waiting.append(question)
            self._forget_old()
            self._start_waiting()

    def take(self, question: Hashable) -> Future:
        """Returns what was begun, or begins it."""
        with self._lock:
            self._drop_given_up()
            self._taken += 1
            begun = self._begun.get(question)
            if begun is None:
                return self._start_one(question)
            if begun.future is None:
                self._begin(question, begun)
            assert begun.future is not None
            begun.uses, begun.given = begun.uses - 1, True
            if not begun.uses:
                self._drop(question)
            self._start_waiting()
            return begun.future

    def known(self, question: Hashable) -> Future | None:
        """Returns what was begun, and leaves it for who asks for it."""
        with self._lock:
            begun = self._begun.get(question)
            return None if begun is None else begun.future

    def forget(self, questions: Callable[[Any], bool]) -> None:
        """Gives up such questions as nobody will ask any more."""
        self._given_up.append(questions)
        # The garbage collector may end a reader in the midst of any of these methods, in the same thread: then the
        # next one does it.
        if self._lock.acquire(blocking=False):
            try:
                self._drop_given_up()
                self._start_waiting()
            finally:
                self._lock.release()

    def forget_old(self) -> None:
        """Lets go of what nobody will ask for."""
        with self._lock:
            self._drop_given_up()
            self._forget_old()

    def _start_waiting(self) -> None:
        room = max(LEAST, min(MOST, int(MOST_BYTES / max(self._sizes.mean, 1))))
        while self._waiting and self._started < room:
            question = self._waiting.popleft()
            begun = self._begun.get(question)
            if begun is not None and begun.future is None:  # or it was asked for already
                self._begin(question, begun)

    def _begin(self, question: Hashable, begun: _Begun) -> None:
        begun.future = self._start_one(question)
        self._started += 1

    def _start_one(self, question: Hashable) -> Future:
        future = self._start(question)
        future.add_done_callback(self._measure)
        return future

    def _measure(self, future: Future) -> None:
        if not future.cancelled() and future.exception() is None and isinstance(future.result(), bytes):
            self._sizes.add(len(future.result()))

    def _drop(self, question: Hashable) -> _Begun:
        begun = self._begun.pop(question)
        if begun.future is not None:
            self._started -= 1
        return begun

    def _drop_given_up(self) -> None:
        while self._given_up:
            questions = self._given_up.popleft()
            for question in [each for each in self._begun if questions(each)]:
                begun = self._drop(question)
                if begun.future is not None and not begun.given:
                    begun.future.cancel()

    def _forget_old(self) -> None:
        now = self._clock()
        while self._begun:
            question, oldest = next(iter(self._begun.items()))
            overtaken = self._taken - oldest.taken > max(OVERTAKEN, 2 * len(self._begun))
            if not overtaken and now - oldest.when <= EXPIRE_S:
                return
            self._drop(question)
