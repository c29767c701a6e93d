"""Work on one number after another by several threads, until all is done or the time is over."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

__all__ = ["Done", "each"]


@dataclasses.dataclass(frozen=True)
class Done:
    """How much was done.

    Attributes:
        count: The work on `0 .. count - 1` was done.
        seconds: Time that it took.
    """

    count: int
    seconds: float

    @property
    def per_second(self) -> float:
        """How many in a second."""
        return self.count / max(self.seconds, 1e-9)


def each(work: Callable[[int], None], count: int, *, threads: int, seconds: float) -> Done:
    """Calls `work(0) .. work(count - 1)` from threads.

    Args:
        work: What is to be done; what it raises is raised here.
        count: How many times, of 1 or more.
        threads: Number of threads.
        seconds: When no more are begun; the first is always done.

    Example:
    >>> seen = []
    >>> each(seen.append, 5, threads=2, seconds=60).count, sorted(seen)
    (5, [0, 1, 2, 3, 4])
    """
    numbers, lock = iter(range(count)), threading.Lock()
    start = time.perf_counter()
    stop = start + seconds
    begun = 0

    def run() -> None:
        nonlocal stop, begun
        try:
            while True:
                with lock:
                    if begun and time.perf_counter() >= stop:
                        return
                    number = next(numbers, None)
                    if number is None:
                        return
                    begun += 1
                work(number)
        except BaseException:
            stop = start  # the others end too
            raise

    with ThreadPoolExecutor(threads) as pool:
        try:
            for future in [pool.submit(run) for _ in range(threads)]:
                future.result()
        finally:
            stop = start  # an interrupt ends them
    return Done(begun, time.perf_counter() - start)
