"""Blocks of memory that worker processes fill: one shared file, in which each block has its place."""

from __future__ import annotations

import mmap

from amalthea._shared import Mapping, SharedFile
from amalthea.errors import WorkerError
from amalthea.workers.blocks import Memory

__all__ = ["Arena", "SharedMemory"]

# Blocks of the first mapping; each further one holds twice as many. Python keeps a file descriptor for each mapping,
# and somebody who keeps a thousand batches must not run out of them.
FIRST = 16


class SharedMemory:
    """The blocks of an arena as a process sees them.

    Args:
        file: The file of the arena; `None` makes one when the first block is.
        block_bytes: Size of a block.
    """

    def __init__(self, file: SharedFile | None, block_bytes: int) -> None:
        self._file = file
        self._block_bytes = block_bytes
        self._stride = -(-max(block_bytes, 1) // mmap.ALLOCATIONGRANULARITY) * mmap.ALLOCATIONGRANULARITY
        self._mappings: dict[int, Mapping] = {}

    @property
    def file(self) -> SharedFile:
        """The file of the arena."""
        if self._file is None:
            self._file = SharedFile()
        return self._file

    def map(self, number: int) -> Memory:
        """Returns the memory of a block, uint8 of shape `(block_bytes,)`."""
        mapping = self._mapping_of(number)
        start = number * self._stride - mapping.offset
        return mapping.memory[start : start + self._block_bytes]

    def _mapping_of(self, number: int) -> Mapping:
        place = (number // FIRST + 1).bit_length() - 1
        if place not in self._mappings:
            first, count = ((1 << place) - 1) * FIRST, FIRST << place
            self._reach((first + count) * self._stride)
            self._mappings[place] = self.file.map(count * self._stride, offset=first * self._stride)
        return self._mappings[place]

    def _reach(self, size: int) -> None:
        """Is called before bytes of the file up to here are mapped."""


class Arena(SharedMemory):
    """Shared memory of this process and its workers, made block by block.

    Args:
        block_bytes: Size of a block.
    """

    def __init__(self, block_bytes: int) -> None:
        super().__init__(None, block_bytes)

    def allocate(self, number: int) -> Memory:
        """Makes a block. Its space is reserved before anything is written.

        Raises:
            WorkerError: If there is no space left.
        """
        try:
            self.file.reserve(number * self._stride, self._stride)
            return self.map(number)
        except OSError as error:
            raise WorkerError(
                f"There is no shared memory for a batch of {self._block_bytes:,} bytes: {error}. "
                "Make `batch_size` or `max_queue_size` smaller, or use threads: `use_multiprocessing=False`."
            ) from error

    def release(self, number: int) -> None:
        """Gives the memory of a block back to the system."""
        if hasattr(mmap, "MADV_REMOVE"):
            mapping = self._mapping_of(number)
            mapping.madvise(mmap.MADV_REMOVE, number * self._stride - mapping.offset, self._stride)

    def _reach(self, size: int) -> None:
        self.file.extend(size)
