"""Memory that other processes can see: files without a name, mapped."""

from __future__ import annotations

import contextvars
import math
import mmap
import os
import sys
import tempfile
import weakref
from multiprocessing import reduction
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "LEAST_BYTES",
    "Growing",
    "Mapping",
    "SharedFile",
    "by_handle",
    "file_of",
    "mapping_of",
    "nameless_file",
    "receive_handle",
    "send_handle",
    "shared_empty",
    "shared_take",
]

# Whether what is pickled goes to a worker process, which is given the handles of its files.
by_handle: contextvars.ContextVar[bool] = contextvars.ContextVar("by_handle", default=False)

# Less than this is not worth a file of its own.
LEAST_BYTES = 1 << 16

TAKEN = 1 << 14  # so many at a time: NumPy makes a copy of all that it takes


class SharedFile:
    """A file without a name.

    On Linux it is memory, and no part of /dev/shm: a small one in a container does not limit it. Elsewhere it is a
    temporary file. The system takes it back with the last process that sees it, however that ends.

    Args:
        handle: Its file descriptor, which this object closes; `None` makes a new file.
    """

    def __init__(self, handle: int | None = None) -> None:
        self.handle = nameless_file() if handle is None else handle
        self._close = weakref.finalize(self, os.close, self.handle)

    def reserve(self, start: int, size: int) -> None:
        """Gives these bytes space, so that writing them later never ends in a bus error.

        Raises:
            OSError: If there is none.
        """
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(self.handle, start, size)
        else:
            self.extend(start + size)

    @property
    def closed(self) -> bool:
        """Whether the file can be used no more, but for what is mapped."""
        return not self._close.alive

    @property
    def size(self) -> int:
        """Its length in bytes."""
        return os.fstat(self.handle).st_size

    def extend(self, size: int) -> None:
        """Makes the file so long at least; what is not reserved takes no space."""
        if self.size < size:
            os.ftruncate(self.handle, size)

    def map(self, size: int, *, offset: int = 0, private: bool = False, read_only: bool = False) -> Mapping:
        """Maps bytes of the file.

        Args:
            size: How many; 1 or more.
            offset: Where they start, a multiple of `mmap.ALLOCATIONGRANULARITY`.
            private: Whether what is written stays in this process.
            read_only: Whether nothing is written.
        """
        access = mmap.ACCESS_COPY if private else mmap.ACCESS_READ if read_only else mmap.ACCESS_WRITE
        mapping = Mapping(self.handle, size, access=access, offset=offset)
        mapping.file, mapping.offset, mapping.private = self, offset, private
        return mapping

    def close(self) -> None:
        """Lets go of the file; what is mapped stays."""
        self._close()


class Mapping(mmap.mmap):
    """Mapped bytes of a shared file, which lives as long as they do.

    Attributes:
        file: The file.
        offset: Where in it the bytes start.
        private: Whether what is written stays in this process.
    """

    file: SharedFile
    offset: int
    private: bool

    @property
    def memory(self) -> npt.NDArray[np.uint8]:
        """The bytes."""
        return np.frombuffer(self, np.uint8)


def shared_empty(count: int, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """Returns an array of so many numbers, not filled; a large one is shared with worker processes, not copied."""
    dtype = np.dtype(dtype)
    size = count * dtype.itemsize
    if size < LEAST_BYTES:
        return np.empty(count, dtype)
    file = SharedFile()
    file.reserve(0, size)
    return file.map(size).memory.view(dtype)


def shared_take(array: npt.NDArray[Any], indices: npt.NDArray[np.integer]) -> npt.NDArray[Any]:
    """Returns `array[indices]`, in memory as that of `shared_empty`."""
    shape = (len(indices), *array.shape[1:])
    taken = shared_empty(math.prod(shape), array.dtype).reshape(shape)
    for start in range(0, len(indices), TAKEN):
        taken[start : start + TAKEN] = array[indices[start : start + TAKEN]]
    return taken


class Growing:
    """Numbers that come piece by piece, into memory that is shared as that of `shared_empty` is.

    They are in memory once: a list that grows is copied whenever it is full, and again at the end.

    Args:
        dtype: Of the numbers.
    """

    def __init__(self, dtype: npt.DTypeLike) -> None:
        self._dtype = np.dtype(dtype)
        self._held = bytearray()
        self._file: SharedFile | None = None

    def append(self, piece: bytes) -> None:
        """Takes the bytes of the next numbers.

        Raises:
            OSError: If there is no space for them.
        """
        self._held += piece
        if len(self._held) >= LEAST_BYTES:
            self._write()

    def array(self) -> npt.NDArray[Any]:
        """Returns all numbers; no more may come."""
        if self._file is None:
            return np.frombuffer(self._held, np.uint8).view(self._dtype)
        self._write()
        return self._file.map(self._file.size).memory.view(self._dtype)

    def _write(self) -> None:
        self._file = self._file or SharedFile()
        with memoryview(self._held) as held:
            written = 0
            while written < len(held):  # the system takes 2 GB at a time at most
                written += os.write(self._file.handle, held[written:])
        self._held = bytearray()


def file_of(array: npt.NDArray[Any]) -> tuple[SharedFile, int] | None:
    """Returns the shared file that an array lies in, and where in it.

    `None` is for an array elsewhere, or in a file that is closed, or with changes that the file does not have.
    """
    mapping = mapping_of(array)
    if mapping is None or mapping.private or mapping.file.closed:
        return None
    return mapping.file, mapping.offset + array.ctypes.data - mapping.memory.ctypes.data


def mapping_of(array: npt.NDArray[Any]) -> Mapping | None:
    """Returns the mapped bytes that an array lies in, or `None` for an array elsewhere."""
    base: Any = array
    while base is not None and not isinstance(base, Mapping):
        base = base.obj if isinstance(base, memoryview) else getattr(base, "base", None)
    return base


def send_handle(connection: Connection, handle: int, pid: int) -> None:
    """Gives another process a file descriptor, behind a message that tells it to expect one."""
    if sys.platform == "win32":
        import msvcrt

        handle = msvcrt.get_osfhandle(handle)
    reduction.send_handle(connection, handle, pid)


def receive_handle(connection: Connection) -> int:
    """Takes a file descriptor that another process has sent; it belongs to the caller."""
    handle = reduction.recv_handle(connection)
    if sys.platform == "win32":
        import msvcrt

        handle = msvcrt.open_osfhandle(handle, os.O_RDWR)
    return handle


def nameless_file() -> int:
    """Returns the descriptor of a new file that has no name."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("amalthea", os.MFD_CLOEXEC)
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
