"""Files that were read from URLs, kept in a folder that is bounded in size."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import struct
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

__all__ = ["Downloads", "Found"]

# How a file begins: with the stamp of what it is a copy of, and a checksum, as a system that crashed may have left it.
HEADER = struct.Struct("<4sQQI")
MAGIC = b"amal"

PART = ".part"
# Whatever else is in the folder is not ours to take away.
SHELF, NAME = re.compile(r"[0-9a-f]{2}"), re.compile(r"[0-9a-f]{30}(\.\d+\.\d+\.part)?")

# It is emptied to the first share when it is filled to the second, as to count its files takes a while. Before they
# are counted again, a process writes such a part of what is free: so many processes keep within the bound.
EMPTIED, FILLED, PROCESSES = 0.9, 0.98, 16


class Found(NamedTuple):
    """A file that is kept.

    Attributes:
        stamp: Of the file that it is a copy of.
        data: The file.
        checked: Whether that was still its stamp in this run.
    """

    stamp: tuple[int, int]
    data: bytes
    checked: bool


class _Kept(NamedTuple):
    used_ns: int
    size: int
    path: str


class Downloads:
    """A folder of files, each under a digest of its URL.

    Any number of processes may use it at once: a file is written beside its place and then put there, whole. A disk
    that is full, or a folder that cannot be written to, only means that nothing is kept.

    Args:
        folder: The folder; it is made with the first file.
        most_bytes: How much it holds.
        since_ns: When this run has begun. A file that was used later has been checked in it.
    """

    def __init__(self, folder: str, most_bytes: int, since_ns: int) -> None:
        self._folder, self._most_bytes, self._since_ns = Path(folder), most_bytes, since_ns
        self._lock = threading.Lock()
        self._allowed = 0  # bytes that may be written before the files are counted again

    def find(self, url: str) -> Found | None:
        """Returns a file that is kept, or `None`."""
        path = self._path(url)
        try:
            checked = path.stat().st_mtime_ns >= self._since_ns
            whole = path.read_bytes()
            magic, size, mark, checksum = HEADER.unpack_from(whole)
        except (OSError, struct.error):
            return None
        data = whole[HEADER.size :]
        if magic != MAGIC or checksum != zlib.crc32(data):
            return None
        return Found((size, mark), data, checked)

    def use(self, url: str) -> None:
        """Notes that a file was used, and is good."""
        with contextlib.suppress(OSError):
            _mark(self._path(url))

    def keep(self, url: str, stamp: tuple[int, int], data: bytes) -> None:
        """Keeps a file, if there is room for it; those that were used longest ago are taken away."""
        size = HEADER.size + len(data)
        if size > self._most_bytes:
            return
        path = self._path(url)
        part = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}{PART}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                file.truncate(size)  # it takes its room before it looks for it: others may look at the same moment
                _mark(part)
                has_room = self._has_room(part, size)
                if has_room:
                    file.write(HEADER.pack(MAGIC, *stamp, zlib.crc32(data)) + data)
            if has_room:
                _mark(part)
                part.replace(path)
        except OSError:
            has_room = False
        if not has_room:
            with contextlib.suppress(OSError):
                part.unlink()

    def _has_room(self, part: Path, size: int) -> bool:
        with self._lock:
            self._allowed -= size
            if self._allowed >= 0:
                return True
            kept = sorted(self._all())
            total = sum(each.size for each in kept)
            if total > FILLED * self._most_bytes:
                for each in kept:
                    if total <= EMPTIED * self._most_bytes:
                        break
                    path = Path(each.path)
                    if path != part:
                        with contextlib.suppress(OSError):
                            path.unlink()
                        total -= each.size
            self._allowed = (self._most_bytes - total) // PROCESSES
            return total <= self._most_bytes

    def _all(self) -> Iterator[_Kept]:
        for shelf in _listed(self._folder, SHELF):
            for entry in _listed(shelf, NAME):
                with contextlib.suppress(OSError):
                    found = entry.stat()
                    yield _Kept(found.st_mtime_ns, found.st_size, entry.path)

    def _path(self, url: str) -> Path:
        digest = hashlib.blake2b(url.encode(errors="surrogateescape"), digest_size=16).hexdigest()
        return self._folder / digest[:2] / digest[2:]


def _mark(path: Path) -> None:
    # The clock of the file system is behind that of the program by a tick.
    now = time.time_ns()
    os.utime(path, ns=(now, now))


def _listed(folder: os.PathLike[str], names: re.Pattern[str]) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return [entry for entry in entries if names.fullmatch(entry.name)]
    except OSError:  # it is not there, or it is no folder
        return []
