"""Threads that take turns often, so that what can go wrong between them does."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator

__all__ = ["all_at_once", "frequent_turns"]

THREADS = 4
LEAST_S = 0.05


@contextlib.contextmanager
def frequent_turns() -> Iterator[None]:
    """Lets Python give its lock to another thread every microsecond."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)


def all_at_once(work: Callable[[float], str | None]) -> str | None:
    """Runs the same work in several threads, again and again for a twentieth of a second, and once at least.

    Args:
        work: Given the share of the threads that come before its own, 0 to 1, it returns what went wrong, or `None`.

    Returns:
        What went wrong in one of them.
    """
    found: list[str] = []
    together = threading.Barrier(THREADS)

    def run(number: int) -> None:
        together.wait()
        end = time.monotonic() + LEAST_S
        while not found:
            wrong = work(number / THREADS)
            if wrong is not None:
                found.append(wrong)
            if time.monotonic() > end:
                return

    threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(THREADS)]
    with frequent_turns():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return found[0] if found else None
