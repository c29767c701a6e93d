"""Worker threads: whoever is free fills the next rows of the oldest batch."""

from __future__ import annotations

import atexit
import collections
import contextlib
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from typing import Protocol

from amalthea.batches import Layout
from amalthea.errors import SampleError, WorkerError
from amalthea.workers.blocks import PrivateMemory
from amalthea.workers.jobs import Job, make_all

__all__ = ["Threads"]

# How often a waiting caller looks whether the threads that it waits for are still there.
LIVENESS_S = 1.0
# An idle thread ends after so long: TensorFlow keeps every dataset, and so every loader, that it was ever given.
IDLE_S = 10.0
# How long the end of the threads is waited for.
GRACE_S = 4.0

THREAD_NAME = "amalthea"


Fill = Callable[[Job, range], list[SampleError]]


class Filler(Protocol):
    """Who fills rows for a thread."""

    def fill(self, job: Job, rows: range) -> list[SampleError]:
        """Makes rows, as `Job.make` wants it."""

    def fetch(self, job: Job, rows: range) -> None:
        """Begins to fetch what rows are made from that will be made soon."""


Helper = Callable[[Callable[[], bool]], contextlib.AbstractContextManager[Filler | None]]


class Threads:
    """A number of threads that make batches.

        start(job) --> [oldest job, ..., newest job] --> thread 1: rows 0, 1 of the oldest
                                                     --> thread 2: rows 2, 3 of the oldest
                                                     --> thread 3: rows 0, 1 of the next: the oldest has none left

    The threads start with the first batch after `open` and end with `close`, with the last reference to this object,
    or with the program; they hold no reference to it themselves. Without threads
    whoever waits makes the batch himself.

    Args:
        count: Number of threads, 1 or more.
        idle_s: Seconds after which an idle thread ends; the next batch starts another.
        helper: Gives a thread who fills rows for it, from its start to its end, and is given a function that tells
            whether that has come; `None` is itself.
    """

    apart = False

    def __init__(self, count: int, *, idle_s: float = IDLE_S, helper: Helper | None = None) -> None:
        self.count = count
        self._helper = helper or _nobody
        self._queue = _Queue(idle_s)
        self._threads: list[threading.Thread] = []
        self._changing = threading.Lock()  # TensorFlow may ask in its thread while the program closes in another
        self._open = True
        # Without a deadline, or from the garbage collector, waiting for a thread could be for ever.
        weakref.finalize(self, self._queue.close).atexit = False
        _all_queues.add(self._queue)

    def memory(self, layout: Layout) -> PrivateMemory:
        """Returns where the memory of batches comes from."""
        return PrivateMemory(layout.block_bytes)

    def open(self) -> None:
        """Allows threads to be started."""
        self._open = True

    def start(self, job: Job) -> None:
        """Puts a batch behind those that were started before."""
        with self._changing:
            if self._open:
                self._queue.put(job)
                self._start_threads()

    def finish(self, job: Job) -> None:
        """Waits until the batch is made; makes it, if there is nobody else to do it.

        Raises:
            WorkerError: If rows of it are lost with their threads, as in a forked child of the program.
        """
        while not job.finished.is_set():
            if not self._queue.has(job):  # closed meanwhile, or all of its rows are under way
                make_all(job)
            if job.finished.wait(LIVENESS_S) or self._alive():
                continue
            if not self._queue.has(job):  # closed while this waited
                make_all(job)
            if not job.finished.is_set():
                raise WorkerError(
                    "The threads that made this batch are gone. If this process was forked from the program, "
                    "make a loader of its own in it."
                )

    def end(self) -> None:
        """Ends the threads, and waits for none; the next batch starts others."""
        self._queue.close()

    def close(self) -> None:
        """Ends the threads, each after the rows it is at; none are started until `open`."""
        with self._changing:
            self._open = False
            self._queue.close()
            _join(self._threads, GRACE_S)

    def _alive(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    def _start_threads(self) -> None:
        self._threads[:] = [thread for thread in self._threads if thread.is_alive()]
        for _ in range(self.count - len(self._queue.threads)):
            thread = threading.Thread(target=_work, args=(self._queue, self._helper), name=THREAD_NAME, daemon=True)
            self._threads.append(thread)  # it may be at work before an interrupt ends the start
            try:
                self._queue.expect(thread)
                thread.start()
            except BaseException as error:
                self._queue.leave(thread)  # if it comes all the same, it ends after its rows
                if not isinstance(error, RuntimeError):
                    raise
                return  # the system has no more: those that are there make the batch, or whoever waits


class _Queue:
    """The batches in the making, and the threads that come for them; all of it changes under `changed` only.

    Nothing is given to a thread that is not expected.
    """

    def __init__(self, idle_s: float) -> None:
        self.changed = threading.Condition()
        self.jobs: collections.deque[Job] = collections.deque()
        self.threads: set[threading.Thread] = set()
        self._idle_s = idle_s
        self._closed = False

    def put(self, job: Job) -> None:
        """Adds a batch."""
        with self.changed:
            self._closed = False
            self.jobs.append(job)
            self.changed.notify_all()

    def take(self, *, wait: bool = True) -> tuple[Job, range] | None:
        """Waits for rows to make; `None` when the thread is to end, or if there are none and it does not wait."""
        with self.changed:
            me = threading.current_thread()
            while not self._closed and me in self.threads:
                if (work := self._of_oldest()) is not None or not wait:
                    return work
                if self._closed or (not self.changed.wait(self._idle_s) and not self.jobs):
                    break
            if wait:
                self.leave(me)
            return None

    def _of_oldest(self) -> tuple[Job, range] | None:
        # The garbage collector may run in the middle of this, find the loader dead, and close the queue: it is in this
        # very thread, which the lock lets in again.
        with contextlib.suppress(IndexError):
            while True:
                job = self.jobs[0]
                if (rows := job.take()) is not None:
                    return job, rows
                self.jobs.popleft()
        return None

    def is_closed(self) -> bool:
        """Tells whether the threads are to end."""
        return self._closed

    def expect(self, thread: threading.Thread) -> None:
        """Says that a thread will come for rows."""
        with self.changed:
            self.threads.add(thread)

    def leave(self, thread: threading.Thread) -> None:
        """Says that a thread will not come any more."""
        with self.changed:
            self.threads.discard(thread)

    def has(self, job: Job) -> bool:
        """Tells whether somebody will come to make rows of the batch."""
        with self.changed:
            return bool(self.threads) and job in self.jobs

    def close(self) -> None:
        with self.changed:
            self._closed = True
            self.jobs.clear()
            self.changed.notify_all()


Taken = collections.deque[tuple[Job, range]]


@contextlib.contextmanager
def _nobody(closed: Callable[[], bool]) -> Iterator[None]:
    """The thread fills rows itself."""
    yield None


def _work(queue: _Queue, helper: Helper) -> None:
    try:
        with helper(queue.is_closed) as filler:
            taken: Taken = collections.deque()
            while _take(queue, taken, filler):
                job, rows = taken.popleft()
                job.make(rows, None if filler is None else filler.fill)
                del job  # an idle thread keeps no batch alive
    finally:
        queue.leave(threading.current_thread())


def _take(queue: _Queue, taken: Taken, filler: Filler | None) -> bool:
    """Takes rows to make, or several where what they are made from must be fetched: that is under way meanwhile."""
    while not taken or sum(len(rows) for _, rows in taken) < taken[-1][0].ahead:
        work = queue.take(wait=not taken)
        if work is None:
            break
        taken.append(work)
        job, rows = work
        if job.ahead:
            job.fetch(rows) if filler is None else filler.fetch(job, rows)
    return bool(taken)


_all_queues: weakref.WeakSet[_Queue] = weakref.WeakSet()


@atexit.register
def _end_all() -> None:
    """Ends all threads with the program: none may be inside of a library that is being taken down."""
    for queue in list(_all_queues):
        queue.close()
    _join([thread for thread in threading.enumerate() if thread.name == THREAD_NAME], GRACE_S)


def _join(threads: list[threading.Thread], timeout_s: float) -> None:
    """Waits for threads to end; one that is stuck in a sample is left behind."""
    deadline = time.monotonic() + timeout_s
    for thread in threads:
        if thread is not threading.current_thread() and thread.is_alive():
            thread.join(max(0.0, deadline - time.monotonic()))
