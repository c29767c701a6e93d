"""Where the samples of a cache lie in its file."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import numpy.typing as npt

from amalthea._trees import map_leaves
from amalthea.errors import ConfigurationError

__all__ = ["MARK_BYTES", "Columns"]

MARK_BYTES = 8
ALIGNMENT = 64


@dataclasses.dataclass(frozen=True)
class Column:
    """One array of all samples: where it begins, and what it is for one of them."""

    offset: int
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def sample_bytes(self) -> int:
        return math.prod(self.shape) * self.dtype.itemsize


class Columns:
    """The marks of all samples, then one array of all samples after the other.

    Args:
        sample: A sample like all others.
        count: Number of samples.
        start: Where the marks begin, in bytes.

    Attributes:
        count, start: As given.
        end: Where the last array ends.

    Raises:
        ConfigurationError: If a sample is not made of numbers.
    """

    def __init__(self, sample: Any, count: int, start: int = 0) -> None:
        self.count, self.start = count, start
        self.end = _aligned(start + MARK_BYTES * count)
        self._columns = map_leaves(self._add, sample)

    def _add(self, leaf: Any) -> Column:
        # As in a batch, a Python number has no precision of its own.
        array = np.asarray(leaf, np.float32 if type(leaf) is float else None)
        if array.dtype.kind not in "biuf":
            raise ConfigurationError(
                f"`source` has a sample that holds {leaf!r:.80} of type {type(leaf).__name__}; a cache holds arrays of "
                "numbers. Turn it into numbers before it is cached."
            )
        column = Column(self.end, array.shape, array.dtype.newbyteorder("="))
        self.end = _aligned(column.offset + self.count * column.sample_bytes)
        return column

    def __str__(self) -> str:
        shapes: list[str] = []
        map_leaves(lambda column: shapes.append(" x ".join(map(str, column.shape)) or "1"), self._columns)
        return " + ".join(shapes)

    def mark(self, index: int) -> int:
        """Returns where the mark of a sample is."""
        return self.start + MARK_BYTES * index

    def marks(self, memory: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint64]:
        """Returns the marks in the file that was mapped here, of shape `(samples,)`."""
        return memory[self.start : self.mark(self.count)].view(np.uint64)

    def arrays(self, memory: npt.NDArray[np.uint8]) -> Any:
        """Returns the arrays of all samples there, each of shape `(samples, ...)`."""

        def view(column: Column) -> npt.NDArray[Any]:
            part = memory[column.offset :][: self.count * column.sample_bytes]
            return part.view(column.dtype).reshape(self.count, *column.shape)

        return map_leaves(view, self._columns)

    def empty(self) -> Any:
        """Returns the arrays of one sample, not filled."""
        return map_leaves(lambda column: np.empty(column.shape, column.dtype), self._columns)

    def parts(self, index: int, sample: Any) -> list[tuple[int, npt.NDArray[np.uint8]]]:
        """Returns where each array of a sample belongs, and its bytes."""
        parts: list[tuple[int, npt.NDArray[np.uint8]]] = []

        def add(column: Column, array: npt.NDArray[Any]) -> None:
            parts.append((column.offset + index * column.sample_bytes, array.reshape(-1).view(np.uint8)))

        map_leaves(add, self._columns, sample)
        return parts


def _aligned(size: int) -> int:
    return math.ceil(size / ALIGNMENT) * ALIGNMENT
