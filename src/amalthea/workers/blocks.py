"""Memory for batches: a block is used again when the last reference to its batch has died."""

from __future__ import annotations

import collections
import contextlib
import itertools
import weakref
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from amalthea.batches import ALIGNMENT

__all__ = ["Block", "Blocks", "Memory", "PrivateMemory", "Store"]

Memory = npt.NDArray[np.uint8]


class Block(NamedTuple):
    """A block of memory.

    Attributes:
        number: Which one it is.
        memory: uint8 of shape `(block_bytes,)`, aligned; what it holds is arbitrary.
    """

    number: int
    memory: Memory


class Store(Protocol):
    """Where the memory of blocks comes from."""

    def allocate(self, number: int) -> Memory:
        """Makes the memory of the block of that number."""

    def release(self, number: int) -> None:
        """Takes it back, when nobody sees it any more."""


class _Lease:
    """Owns a block as long as an array looks at it.

    NumPy keeps, as the `base` of every view, the object whose memory it shows. JAX, PyTorch and TensorFlow, which may
    use that memory without a copy, keep the NumPy array. So this object dies when nobody can see the block any more.
    """

    def __init__(self, memory: Memory) -> None:
        self.__array_interface__ = memory.__array_interface__
        self._memory = memory


class Blocks:
    """Blocks of one size.

    Args:
        store: Where their memory comes from.
        keep: How many blocks nobody uses are kept for the next batches.
    """

    def __init__(self, store: Store, *, keep: int) -> None:
        self._store, self._keep = store, keep
        # A lease may die in any thread and in the middle of anything, so what its end calls takes no lock; a deque's
        # and a set's single operations are atomic.
        self._free: collections.deque[Block] = collections.deque()
        self._spare_numbers: collections.deque[int] = collections.deque()
        self._numbers = itertools.count()
        self._leases: set[int] = set()

    @property
    def in_use(self) -> int:
        """How many blocks somebody can still see."""
        return len(self._leases)

    def clear(self) -> None:
        """Gives the memory that nobody uses back to the system."""
        with contextlib.suppress(IndexError):
            while True:
                self._let_go(self._free.pop().number)

    def lease(self) -> Block:
        """Returns a block that nobody else sees."""
        try:
            block = self._free.pop()
        except IndexError:
            block = self._new()
        lease = _Lease(block.memory)
        self._leases.add(id(lease))
        weakref.finalize(lease, self._give_back, block, id(lease)).atexit = False
        return Block(block.number, np.asarray(lease))

    def _new(self) -> Block:
        try:
            number = self._spare_numbers.pop()
        except IndexError:
            number = next(self._numbers)
        return Block(number, self._store.allocate(number))

    def _give_back(self, block: Block, lease: int) -> None:
        self._leases.discard(lease)
        if len(self._free) < self._keep:
            self._free.append(block)
        else:
            self._let_go(block.number)

    def _let_go(self, number: int) -> None:
        self._store.release(number)
        self._spare_numbers.append(number)


class PrivateMemory:
    """Memory of this process.

    Args:
        block_bytes: Size of a block.
    """

    def __init__(self, block_bytes: int) -> None:
        self._block_bytes = block_bytes

    def allocate(self, number: int) -> Memory:
        """Makes a block."""
        memory: npt.NDArray[Any] = np.empty(self._block_bytes + ALIGNMENT, np.uint8)
        start = -memory.ctypes.data % ALIGNMENT
        return memory[start : start + self._block_bytes]

    def release(self, number: int) -> None:
        """Has nothing to do: the memory goes with its last reference."""
