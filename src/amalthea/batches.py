"""A batch as rows of one block of memory: its plan and its layout."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from amalthea.errors import ConfigurationError
from amalthea.order import Indices, Order

__all__ = ["ALIGNMENT", "Batches", "Layout", "Plan", "as_sample", "check_sample", "map_leaves"]

Array = npt.NDArray[Any]

# Where a field starts in its block. 64 bytes let JAX and TensorFlow use the memory as it is, without a copy.
ALIGNMENT = 64


@dataclasses.dataclass(frozen=True)
class Plan:
    """What a batch holds, before anything is read.

    Attributes:
        epoch: The pass over the data that the batch belongs to.
        number: Place of the batch in its epoch.
        indices: Indices of its samples in the source, int64, shape `(rows,)`.
    """

    epoch: int
    number: int
    indices: Indices


class Batches:
    """The plans of all batches of all epochs.

    Args:
        order: Order of the samples.
        batch_size: Rows of a batch.
        drop_remainder: Whether the last batch of an epoch is left out when it is short.
    """

    def __init__(self, order: Order, batch_size: int, *, drop_remainder: bool) -> None:
        self._order = order
        self._batch_size = batch_size
        self.in_epoch = order.size // batch_size if drop_remainder else math.ceil(order.size / batch_size)

    def plan(self, batch: int) -> Plan:
        """Returns the plan of a batch, counted over all epochs."""
        epoch, number = divmod(batch, self.in_epoch)
        start = number * self._batch_size
        stop = min(start + self._batch_size, self._order.size)
        return Plan(epoch, number, self._order.indices(epoch, start, stop))


def map_leaves(function: Callable[..., Any], tree: Any, *others: Any) -> Any:
    """Returns the tree with `function(leaf, *leaves of the others at the same place)` for each leaf.

    Raises:
        ValueError: If another tree has another structure.
    """
    if isinstance(tree, dict):
        for other in others:
            if not isinstance(other, dict) or other.keys() != tree.keys():
                raise ValueError(f"a dict with the keys {list(tree)} is expected, not {_structure(other)}")
        return {key: map_leaves(function, tree[key], *(other[key] for other in others)) for key in tree}
    if isinstance(tree, tuple):
        for other in others:
            if not isinstance(other, tuple | list) or len(other) != len(tree):
                raise ValueError(f"a tuple of {len(tree)} is expected, not {_structure(other)}")
        return tuple(map_leaves(function, *leaves) for leaves in zip(tree, *others, strict=True))
    return function(tree, *others)


def _structure(tree: Any) -> str:
    if isinstance(tree, dict):
        return f"a dict with the keys {list(tree)}"
    return f"a {type(tree).__name__} of {len(tree)}" if isinstance(tree, tuple | list) else type(tree).__name__


@dataclasses.dataclass(frozen=True)
class Field:
    """One array of a batch: the shape and dtype of its rows, and where in the block it starts."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    offset: int

    def bytes_of(self, rows: int) -> int:
        return rows * math.prod(self.shape) * self.dtype.itemsize


class Layout:
    """Where the arrays of a batch lie in its block.

    Args:
        sample: A sample like all others: an array, `(x, y)`, `(x, y, sample_weight)` or a dict, of arrays, numbers,
            tuples or dicts of them.
        rows: Rows of a full batch.

    Raises:
        ConfigurationError: If Keras could not take such a sample on every backend.
    """

    def __init__(self, sample: Any, rows: int) -> None:
        self.block_bytes = 0

        def place(leaf: Any) -> Field:
            field = Field(np.shape(leaf), _dtype_of(leaf), self.block_bytes)
            self.block_bytes += math.ceil(field.bytes_of(rows) / ALIGNMENT) * ALIGNMENT
            return field

        self._fields = map_leaves(place, sample)

    def arrays(self, block: Array, rows: int) -> Any:
        """Returns the arrays of a batch of so many rows as views of its block, each of shape `(rows, ...)`."""

        def view(field: Field) -> Array:
            memory = block[field.offset : field.offset + field.bytes_of(rows)]
            return memory.view(field.dtype).reshape(rows, *field.shape)

        return map_leaves(view, self._fields)


def _dtype_of(leaf: Any) -> np.dtype[Any]:
    if isinstance(leaf, float) and not isinstance(leaf, np.floating):
        return np.dtype(np.float32)  # a Python number has no precision of its own; Keras computes in float32
    dtype = np.asarray(leaf).dtype
    if dtype.kind not in "biuf":
        raise ConfigurationError(
            f"A sample holds {leaf!r:.80} of type {type(leaf).__name__}, which is not an array of numbers. "
            "Keras takes numbers only on JAX and PyTorch: turn it into numbers in the source or in `transform`."
        )
    return dtype


def as_sample(value: Any) -> Any:
    """Returns what a source or a transform gave in the form that a batch has: tuples for lists, no trailing `None`."""
    if isinstance(value, list) and not _is_numbers(value):
        value = tuple(value)
    if isinstance(value, tuple):
        while value and value[-1] is None:
            value = value[:-1]
        return tuple(as_sample(item) for item in value)
    if isinstance(value, dict):
        return {key: as_sample(item) for key, item in value.items()}
    return value


def _is_numbers(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(map(_is_numbers, value))
    return isinstance(value, bool | int | float | np.number)


def check_sample(sample: Any) -> None:
    """Raises ConfigurationError for a sample that Keras would not take as a row of `x`, `(x, y)` or with weights."""
    if isinstance(sample, tuple) and len(sample) not in (1, 2, 3):
        raise ConfigurationError(
            f"A sample is a tuple of {len(sample)}. Keras takes x, (x, y) or (x, y, sample_weight): "
            "put several inputs into a tuple or a dict of their own, as in ((image, text), label)."
        )
