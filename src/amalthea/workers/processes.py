"""Worker processes: a thread for each hands it rows to fill in shared memory, and replaces it when it dies."""

from __future__ import annotations

import functools
import threading
import weakref

from amalthea.batches import Layout
from amalthea.workers.jobs import Job, make_all
from amalthea.workers.process import Process
from amalthea.workers.shared import Arena
from amalthea.workers.threads import Threads

__all__ = ["Processes"]

# An idle process ends after so long: TensorFlow keeps every loader, and so its processes, that it was ever given.
IDLE_S = 60.0


class Processes:
    """A number of processes that make batches, shared by all loaders that ask for as many.

        loader --> [oldest job, ...] --> thread 1 <-- pipe --> process 1 --.
        loader --'                   --> thread 2 <-- pipe --> process 2 --+--> rows of shared memory
                                     a few numbers for each span of rows

    They are started afresh, not forked, and without the program's main module.

    Args:
        count: Number of processes, 1 or more.
        timeout_s: Seconds that a worker may take for the rows that it is given at a time, or `None`.
    """

    apart = True

    def __init__(self, count: int, *, timeout_s: float | None = None) -> None:
        self.count = count
        self._pool = _pool_of(count, timeout_s)
        self._open = True
        self._users = self._pool.users
        weakref.finalize(self, _left, self._pool).atexit = False  # the pool itself ends them with the program

    def memory(self, layout: Layout) -> Arena:
        """Returns where the memory of batches comes from."""
        return Arena(layout.block_bytes)

    def open(self) -> None:
        """Allows processes to be started."""
        self._open = True

    def start(self, job: Job) -> None:
        """Puts a batch behind those that were started before."""
        if self._open:
            self._users.add(self)
            self._pool.threads.open()
            self._pool.threads.start(job)

    def finish(self, job: Job) -> None:
        """Waits until the batch is made; makes it, if there is nobody else to do it."""
        if not self._open:
            make_all(job)
        self._pool.threads.finish(job)

    def close(self) -> None:
        """Ends the processes, if no other loader uses them."""
        self._open = False
        self._users.discard(self)
        if not self._users:
            self._pool.threads.close()


class _Pool:
    def __init__(self, count: int, timeout_s: float | None) -> None:
        self.users: weakref.WeakSet[Processes] = weakref.WeakSet()
        self.threads = Threads(count, idle_s=IDLE_S, helper=functools.partial(Process, timeout_s))


def _left(pool: _Pool) -> None:
    """Ends the processes when the last loader that used them is garbage; another may still hold their pool, closed."""
    if not list(pool.users):
        pool.threads.end()


_pools: weakref.WeakValueDictionary[tuple[int, float | None], _Pool] = weakref.WeakValueDictionary()
_pools_lock = threading.Lock()


def _pool_of(count: int, timeout_s: float | None) -> _Pool:
    with _pools_lock:
        pool = _pools.get((count, timeout_s))
        if pool is None:
            pool = _pools[count, timeout_s] = _Pool(count, timeout_s)
        return pool
