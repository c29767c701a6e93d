"""Threads for file systems that know only calls that wait."""

from __future__ import annotations

import collections
import concurrent.futures
import threading
from collections.abc import Callable
from typing import Any

__all__ = ["Pool"]

IDLE_S = 10.0


class Pool(concurrent.futures.Executor):
    """Threads that no program waits for at its end: one may be stuck in a connection for ever.

    They are started when there is something to do, and end when there is nothing any more.

    Args:
        size: How many there are at most.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._changed = threading.Condition()  # of all that follows
        self._calls: collections.deque[Callable[[], None]] = collections.deque()
        self._threads = self._waiting = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> concurrent.futures.Future[Any]:
        """Returns the future of a call."""
        future: concurrent.futures.Future[Any] = concurrent.futures.Future()

        def call() -> None:
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(fn(*args, **kwargs))
                except BaseException as error:  # it belongs to whoever waits
                    future.set_exception(error)

        with self._changed:
            self._calls.append(call)
            if self._waiting < len(self._calls) and self._threads < self._size:
                threading.Thread(target=self._work, name="amalthea-remote", daemon=True).start()
                self._threads += 1
            self._changed.notify()
        return future

    def _work(self) -> None:
        while (call := self._next()) is not None:
            call()
            del call  # an idle thread keeps no file in memory

    def _next(self) -> Callable[[], None] | None:
        with self._changed:
            while not self._calls:
                self._waiting += 1
                woken = self._changed.wait(IDLE_S)
                self._waiting -= 1
                if not woken and not self._calls:
                    self._threads -= 1
                    return None
            return self._calls.popleft()
