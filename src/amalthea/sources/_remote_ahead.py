"""What was begun before it is asked for: bounded in number and in bytes."""

from __future__ import annotations

import collections
import concurrent.futures
import dataclasses
import threading
import time
from collections.abc import Callable, Hashable, Iterable
from typing import Any

__all__ = ["Ahead"]

Future = concurrent.futures.Future[Any]

MOST = 128  # under way or finished, and not asked for yet
MOST_BYTES = 64 << 20
LEAST = 4  # of whatever size

# What nobody has asked for after so many others, or so long, was begun for a batch that was given up.
OVERTAKEN = 4 * MOST
EXPIRE_S = 60.0


@dataclasses.dataclass
class _Begun:
    uses: int
    taken: int  # how many others had been asked for
    when: float
    future: Future | None = None
    shared: bool = False  # with somebody who came after it had been started


class Ahead:
    """Answers that are begun, in order, and kept until somebody asks for them.

        begin(a, b, c, d) --> a, b, c under way --> a finished --> take(a)
                              d waits for room  <-------------------'

    Args:
        start: Begins to find an answer.
        clock: Tells the seconds.
    """

    def __init__(self, start: Callable[[Any], Future], clock: Callable[[], float] = time.monotonic) -> None:
        self._start, self._clock = start, clock
        self._lock = threading.Lock()
        self._begun: dict[Hashable, _Begun] = {}  # the oldest first
        self._waiting: collections.deque[Hashable] = collections.deque()
        self._started = self._taken = 0
        self._mean_bytes = 0.0

    def __len__(self) -> int:
        return len(self._begun)

    def begin(self, questions: Iterable[Hashable]) -> None:
        """Begins to find answers that will be asked for soon, each as often as it is named."""
        with self._lock:
            for question in questions:
                begun = self._begun.get(question)
                if begun is not None:
                    begun.uses += 1
                    begun.shared = begun.shared or begun.future is not None
                else:
                    self._begun[question] = _Begun(1, self._taken, self._clock())
                    self._waiting.append(question)
            self._forget_old()
            self._start_waiting()

    def take(self, question: Hashable) -> tuple[Future, bool]:
        """Returns what was begun, or begins it, and whether it may be older than the wish for it."""
        with self._lock:
            self._taken += 1
            begun = self._begun.get(question)
            if begun is None:
                return self._start(question), False
            if begun.future is None:
                self._begin(question, begun)
            assert begun.future is not None
            begun.uses -= 1
            if not begun.uses:
                self._drop(question)
            self._start_waiting()
            return begun.future, begun.shared

    def known(self, question: Hashable) -> Future | None:
        """Returns what was begun, and leaves it for who asks for it."""
        with self._lock:
            begun = self._begun.get(question)
            return None if begun is None else begun.future

    def forget(self) -> None:
        """Lets go of everything."""
        with self._lock:
            self._begun.clear()
            self._waiting.clear()
            self._started = 0

    def forget_old(self) -> None:
        """Lets go of what nobody will ask for."""
        with self._lock:
            self._forget_old()

    def _start_waiting(self) -> None:
        room = max(LEAST, min(MOST, int(MOST_BYTES / max(self._mean_bytes, 1))))
        while self._waiting and self._started < room:
            question = self._waiting.popleft()
            begun = self._begun.get(question)
            if begun is not None and begun.future is None:  # or it was asked for already
                self._begin(question, begun)

    def _begin(self, question: Hashable, begun: _Begun) -> None:
        begun.future = self._start(question)
        begun.future.add_done_callback(self._measure)
        self._started += 1

    def _measure(self, future: Future) -> None:
        if not future.cancelled() and future.exception() is None and isinstance(future.result(), bytes):
            self._mean_bytes += (len(future.result()) - self._mean_bytes) / 16

    def _drop(self, question: Hashable) -> None:
        if self._begun.pop(question).future is not None:
            self._started -= 1

    def _forget_old(self) -> None:
        now = self._clock()
        while self._begun:
            question, oldest = next(iter(self._begun.items()))
            overtaken = self._taken - oldest.taken > max(OVERTAKEN, 2 * len(self._begun))
            if not overtaken and now - oldest.when <= EXPIRE_S:
                return
            self._drop(question)
