"""All of a file, wherever it is: on a disk or behind a URL."""

from __future__ import annotations

import contextlib
import functools
import io
import os
import sys
import threading
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["begin", "check_readable", "content_of", "fetcher", "forget", "in_turn", "reading_for", "stamp_of"]

AHEAD = 64  # files that are fetched at a time
SMALL = 1 << 16  # bytes of a file that is read in one go
READ = os.O_RDONLY | getattr(os, "O_BINARY", 0)

# The clock that file systems write into files ticks this often at least; a file that has changed since the last tick
# may change once more without another time.
TICK_S = 0.02


Fetch = Callable[[npt.NDArray[np.int64]], None]


class _Reader(threading.local):
    key: Hashable = None


_reader = _Reader()


def content_of(path: str) -> bytes:
    """Returns all of a file.

    Each call to the system gives Python's lock away and waits to get it back, which for a tiny file is most of the
    work; `open` and `readall` make seven of them.

    Raises:
        OSError: If it cannot be read.
    """
    if "://" in path:
        from amalthea.sources import _remote

        return _remote.content(path, _reader.key)
    file = os.open(path, READ)
    try:
        data = os.read(file, SMALL)
        if len(data) < SMALL and not os.read(file, 1):
            return data
        os.lseek(file, 0, os.SEEK_SET)
        with io.FileIO(file, closefd=False) as rest:
            return rest.readall()
    finally:
        os.close(file)


def stamp_of(path: str) -> tuple[int, ...]:
    """Returns what becomes another one when a file is changed: of one on a disk its size and its times in nanoseconds.

    Raises:
        OSError: If there is no such file.
    """
    if "://" in os.fspath(path):
        from amalthea.sources import _remote

        return _remote.stamp(path, _reader.key)
    found = Path(path).stat()
    # The second time is there for a file that takes the place of another one of the same size and age.
    if abs(time.time_ns() - max(found.st_mtime_ns, found.st_ctime_ns)) < TICK_S * 1e9:
        time.sleep(TICK_S)  # nothing tells that the clock of a file system has ticked
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns


def check_readable(paths: Sequence[str]) -> None:
    """Raises ConfigurationError if the first of the paths is a URL that nothing here can read."""
    if len(paths) and "://" in paths[0]:
        from amalthea.sources import _remote_systems

        _remote_systems.check_installed(paths[0])


def in_turn(count: int, read: Callable[[int], Any], fetch: Fetch | None) -> Iterator[Any]:
    """Gives `read(0)`, `read(1)`, ..., `read(count - 1)`; what they are made from is fetched ahead.

    Args:
        count: How many.
        read: Makes one.
        fetch: Begins to fetch what those of such numbers are made from; `None` where that is at hand.
    """
    if fetch is None:
        yield from map(read, range(count))
        return
    reader = object()
    try:
        for number in range(count):
            with reading_for(reader):
                if number % AHEAD == 0:
                    fetch(np.arange(number + AHEAD if number else 0, min(number + 2 * AHEAD, count)))
                made = read(number)
            yield made
    finally:
        forget(reader)  # what an error has left


def begin(chunk: list[str], *, stamps: bool = False) -> list[str]:
    """Begins to fetch those of these files that are behind URLs, or their stamps; returns the paths."""
    if any("://" in path for path in chunk):
        from amalthea.sources import _remote

        _remote.begin((path for path in chunk if "://" in path), _reader.key, stamps=stamps)
    return chunk


def fetcher(paths: Sequence[str], *, stamps: bool = False) -> Fetch | None:
    """Returns what begins to fetch the files of given indices, or their stamps; `None` where the first is no URL."""
    return functools.partial(_fetch, paths, stamps) if len(paths) and "://" in paths[0] else None


def _fetch(paths: Sequence[str], stamps: bool, indices: npt.NDArray[np.int64]) -> None:
    begin([paths[index] for index in indices.tolist()], stamps=stamps)


@contextlib.contextmanager
def reading_for(reader: Hashable) -> Iterator[None]:
    """Lets this thread read for somebody, who alone is given what was begun for him."""
    before, _reader.key = _reader.key, reader
    try:
        yield
    finally:
        _reader.key = before


def forget(reader: Hashable) -> None:
    """Gives up what was begun for a reader and not asked for: it may be out of date when somebody does."""
    remote = sys.modules.get("amalthea.sources._remote")
    if remote is not None:
        remote.forget(reader)
