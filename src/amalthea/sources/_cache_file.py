"""The samples of a cache, in a file that all processes map: one with a name lasts, one without is memory.

    header | mark of each sample | first array of each sample | second array of each sample | ...

A mark of 0 says that a sample is not there. Any other one is a checksum of the sample and of what it was made from. It
is written after the sample, and taken away before another is written in its place, so a program that ends in between
leaves no sample. After a power loss the parts of a file may be of different ages: a sample is only believed when its
mark has been computed anew, once in a run.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from amalthea._shared import LEAST_BYTES, SharedFile, mapping_of
from amalthea._trees import map_leaves
from amalthea.sources._cache_columns import MARK_BYTES, Columns

if sys.platform != "win32":  # which has no such locks
    import fcntl

__all__ = ["CacheFile", "Write", "file_bytes"]

Indices = npt.NDArray[np.int64]
Write = Callable[[npt.NDArray[Any], npt.NDArray[Any]], None]

WRITES_AT = hasattr(os, "pwrite")

# Threads of one process; locks of the system are between processes.
_one_thread = threading.Lock()


def _unlock() -> None:
    """Is called in a forked process, where whoever held the lock does not exist."""
    global _one_thread
    _one_thread = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_unlock)


class CacheFile:
    """Samples in a file, for all threads and processes that have it open.

    Args:
        file: The file, as long as it must be.
        columns: Where the samples lie in it.
        lasting: Whether samples of earlier runs may be in it, and other programs may write into it.
        read_only: Whether it is not written to.
    """

    def __init__(self, file: SharedFile, columns: Columns, *, lasting: bool, read_only: bool = False) -> None:
        self.columns, self.lasting = columns, lasting
        # Its last word says that nothing more is written.
        size = max(MARK_BYTES * (columns.count + 1), LEAST_BYTES)
        known = SharedFile()
        known.reserve(0, size)
        self._open(file, known)
        self._known[-1] = read_only

    def _open(self, file: SharedFile, known: SharedFile) -> None:
        self._file = file
        # Writing to a mapping ends in a bus error when the disk is full: it is for reading, where there is a choice.
        self._memory = file.map(file_bytes(self.columns), read_only=WRITES_AT).memory
        self._known = known.map(known.size).memory.view(np.uint64)
        self._marks = self.columns.marks(self._memory)
        self._arrays = self.columns.arrays(self._memory)

    def __getstate__(self) -> tuple[Any, ...]:
        # Large arrays of a shared file are sent to a worker process by the handle of the file.
        return self.columns, self.lasting, self._memory, self._known

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.columns, self.lasting, *arrays = state
        # What comes out there is a mapping whose changes stay in the process; the file itself is mapped again.
        mappings = [mapping_of(array) for array in arrays]
        file, known = (
            _of_copy(array) if mapping is None else mapping.file
            for mapping, array in zip(mappings, arrays, strict=True)
        )
        self._open(file, known)

    @property
    def filled(self) -> int:
        """Number of samples that have a mark."""
        return int(np.count_nonzero(self._marks)) if self._is_whole() else 0

    @property
    def closed(self) -> bool:
        """Whether nothing more is written."""
        return bool(self._known[-1])

    def take(self, indices: Indices, rows: Any, write: Write | None = None) -> npt.NDArray[np.bool_]:
        """Copies those of the samples that are known to be good into their rows.

        Args:
            indices: The samples, shape `(rows,)`.
            rows: Arrays of shape `(rows, ...)` in the structure of a sample.
            write: Writes an array of a sample into its row; `None` copies it.

        Returns:
            Which of the rows were written.
        """
        if not self._is_whole():
            return np.zeros(len(indices), bool)
        known = self._known[indices]
        good: npt.NDArray[np.bool_] = known != 0
        if good.all() and write is None:
            map_leaves(lambda array, row: _gather(array, indices, row), self._arrays, rows)
        else:
            for place in np.flatnonzero(good).tolist():
                index = indices[place]
                self._copy(index, map_leaves(lambda row, place=place: row[place, ...], rows), write or _copy)
        # Another program that takes a sample for outdated takes its mark away before it writes another one.
        good &= self._marks[indices] == known
        return good

    def missing(self, indices: Indices) -> Indices:
        """Returns those of the samples that are not there."""
        missing: Indices = indices[self._marks[indices] == 0] if self._is_whole() else indices
        return missing

    def unproved(self, indices: Indices) -> Indices:
        """Returns those of the samples that are there, and not known to be good."""
        if not self.lasting or not self._is_whole():
            return indices[:0]
        unproved: Indices = indices[(self._known[indices] != self._marks[indices]) & (self._marks[indices] != 0)]
        return unproved

    def view(self, index: int) -> tuple[Any, int]:
        """Returns a sample as it is there, and its mark."""
        return map_leaves(lambda array: array[index, ...], self._arrays), self.mark(index)

    def mark(self, index: int) -> int:
        """Returns the mark of a sample: 0 if it is not there."""
        return int(self._marks[index]) if self._is_whole() else 0

    def trust(self, index: int, mark: int) -> None:
        """Notes for all processes of this run that a sample of this mark is good."""
        self._known[index] = mark

    def store(self, index: int, sample: Any, mark: int, instead_of: int) -> None:
        """Writes a sample, unless somebody else has done so since its mark was `instead_of`, or does so now."""
        if self.closed or not self._is_whole():
            return
        with _alone(self._file.handle, self.columns.mark(index)) as alone:
            if not alone or int(self._marks[index]) != instead_of:
                return
            try:
                self._store(index, sample, mark)
            except OSError as error:
                self._give_up(error)

    def _copy(self, index: int, row: Any, write: Write) -> None:
        map_leaves(lambda array, view: write(array[index, ...], view), self._arrays, row)

    def _store(self, index: int, sample: Any, mark: int) -> None:
        place = self.columns.mark(index)
        self._put(place, np.zeros(1, np.uint64))
        for offset, data in self.columns.parts(index, sample):
            self._put(offset, data)
        self._put(place, np.array([mark], np.uint64))
        self.trust(index, mark)

    def _put(self, offset: int, data: npt.NDArray[Any]) -> None:
        data = data.view(np.uint8)
        if not WRITES_AT:
            self._memory[offset : offset + data.size] = data
            return
        written = 0
        while written < data.size:
            written += os.pwrite(self._file.handle, data.data[written:], offset + written)

    def _give_up(self, error: OSError) -> None:
        """Says once that samples that are not there are made anew from now on."""
        if self.closed:
            return
        self._known[-1] = 1
        warnings.warn(
            f"The cache cannot be written to any more ({error.strerror or error}), with {self.filled:,} of "
            f"{self.columns.count:,} samples in it. What is not in it is made anew each time.",
            stacklevel=2,
        )

    def _is_whole(self) -> bool:
        # Reading a mapping beyond the end of its file ends in a bus error; somebody may have cut it.
        return not self.lasting or self._file.size >= self.columns.end


def file_bytes(columns: Columns) -> int:
    """Returns how long the file must be. Smaller arrays than that are sent to worker processes as copies."""
    return max(columns.end, LEAST_BYTES)


def _of_copy(array: npt.NDArray[Any]) -> SharedFile:
    """Returns a new file with what an array holds: it was copied by other means than our workers'."""
    file = SharedFile()
    file.reserve(0, array.nbytes)
    file.map(array.nbytes).memory[:] = array.view(np.uint8)
    return file


def _copy(sample: npt.NDArray[Any], row: npt.NDArray[Any]) -> None:
    np.copyto(row, sample)


def _gather(array: npt.NDArray[Any], indices: Indices, rows: npt.NDArray[Any]) -> None:
    if rows.dtype == array.dtype and rows.flags.c_contiguous:
        np.take(array, indices, axis=0, out=rows, mode="wrap")  # the mode that checks writes to a buffer first
    else:
        np.copyto(rows, array[indices])


@contextlib.contextmanager
def _alone(handle: int, place: int) -> Iterator[bool]:
    """Tells whether nobody else writes the sample whose mark is at this place; waits for no other process."""
    with _one_thread:
        if sys.platform == "win32":
            yield True
            return
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB, MARK_BYTES, place)
        except (BlockingIOError, PermissionError):
            yield False
            return
        except OSError:  # a file system without locks
            yield True
            return
        try:
            yield True
        finally:
            fcntl.lockf(handle, fcntl.LOCK_UN, MARK_BYTES, place)
