"""Processes that rewrite programs side by side: in threads, libcst would take turns at Python's lock."""

from __future__ import annotations

import contextlib
import functools
import itertools
import queue
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from typing import Any

from loky.backend import get_context

from amalthea.migrate.files import RefusedError
from amalthea.migrate.programs import check_parses
from amalthea.migrate.rewrite import Rewritten, UnparsableError, rewrite

__all__ = ["Answer", "Crew", "attempt"]

Answer = Rewritten | RefusedError

GRACE_S = 5.0


def attempt(text: str) -> Answer:
    """Rewrites a program; what is wrong with it is returned, and not raised."""
    try:
        return rewrite(text)
    except UnparsableError as error:
        return _in_words_of_python(text) or RefusedError(error.line, error.reason)
    except Exception as error:  # whatever a pass stumbles over in one program must not end the work on all others
        return RefusedError(None, f"it could not be rewritten: {type(error).__name__}: {error}")


def _in_words_of_python(text: str) -> RefusedError | None:
    """Returns what Python has to say of a program that libcst cannot parse: it knows what people mean."""
    try:
        check_parses(text)
    except RefusedError as error:
        return error
    return None


class Crew:
    """A number of processes that rewrite; a thread for each waits for it.

        program --> [texts] --> thread 1 <-- pipe --> process 1
                            --> thread 2 <-- pipe --> process 2

    A process is started when there is work that no other is free for. One that dies is replaced, and the program that
    it had is refused.

    Args:
        count: Number of processes; with 1 or fewer the caller does it itself.
    """

    def __init__(self, count: int) -> None:
        self.room = 4 * count if count > 1 else 0  # so many texts may wait without the processes waiting for more
        self._workers = [_Worker() for _ in range(count)]
        self._free: queue.LifoQueue[_Worker] = queue.LifoQueue()
        for worker in self._workers:
            self._free.put(worker)
        self._threads = ThreadPoolExecutor(max(1, count), "amalthea")

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *exception: object) -> None:
        """Ends the processes at once, whatever they are doing."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._workers:
            worker.end()
        self._threads.shutdown()

    def rewrite(self, text: str) -> Callable[[], Answer]:
        """Begins with a text; returns a function that waits for what comes of it."""
        if not self.room:
            return functools.partial(attempt, text)
        return self._threads.submit(self._rewrite, text).result

    def _rewrite(self, text: str) -> Answer:
        worker = self._free.get()
        try:
            return worker.rewrite(text)
        finally:
            self._free.put(worker)


class _Worker:
    """A process, started when it is first needed."""

    _names = itertools.count()

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ended = False
        self._process: Any = None
        self._connection: Connection | None = None

    def rewrite(self, text: str) -> Answer:
        connection = self._started()
        try:
            connection.send(text)
            answer: Answer = connection.recv()
            return answer
        except (EOFError, OSError):
            self._process.join(GRACE_S)
            code, self._process = self._process.exitcode, None
            return RefusedError(None, f"the process that rewrote it ended with exit code {code}")

    def end(self) -> None:
        with self._lock:
            self._ended = True
            process = self._process
        if process is not None:
            process.terminate()  # its pipe closes, so that the thread that waits for it goes on
            process.join(GRACE_S)

    def _started(self) -> Connection:
        with self._lock:
            if self._ended:
                raise RuntimeError("the crew has ended")
            if self._process is None:
                context = get_context("loky")
                self._connection, child = context.Pipe(duplex=True)
                self._process = context.Process(
                    target=_serve, args=(child,), name=f"amalthea-{next(self._names)}", daemon=True
                )
                with _without_interrupts():
                    self._process.start()
                child.close()
            assert self._connection is not None
            return self._connection


def _serve(connection: Connection) -> None:
    """Rewrites what comes, until the other side is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is for the program, which ends us
    with contextlib.suppress(EOFError, OSError):
        while True:
            connection.send(attempt(connection.recv()))


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    """Lets a process that is started hear none: while it starts it would end with a traceback."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
