"""A batch as rows of one block of memory: its plan and its layout. Small ones are planned in groups."""

from __future__ import annotations

import copy
import dataclasses
import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from amalthea._trees import as_sample, map_leaves
from amalthea.errors import ConfigurationError
from amalthea.order import Indices, Order

__all__ = [
    "ALIGNMENT",
    "WHOLE",
    "Batches",
    "Groups",
    "Layout",
    "Lengths",
    "Plan",
    "Shard",
    "as_sample",
    "check_sample",
    "longer",
    "rows_of_shard",
]

Array = npt.NDArray[Any]

# Where a field starts in its block. 64 bytes let JAX and TensorFlow use the memory as it is, without a copy.
ALIGNMENT = 64


class Shard(NamedTuple):
    """Which part of each batch is made here: that of process `index` of `count`."""

    index: int  # type: ignore[assignment]  # hides `tuple.index`, which nobody calls on a shard
    count: int  # type: ignore[assignment]  # hides `tuple.count`, as above


WHOLE = Shard(0, 1)


@dataclasses.dataclass(frozen=True)
class Plan:
    """What a batch holds, before anything is read.

    Attributes:
        epoch: The pass over the data that the batch belongs to.
        number: Place of the batch in its epoch.
        indices: Indices of its samples in the source, int64, shape `(rows,)`.
        length: Length of the first axis of x, where that differs from batch to batch.
        shard: The index of the shard whose rows these are.
        repeated: Rows that hold a sample of the batch once more, so that all shards have as many rows, int64; `None`
            where shards never do.
    """

    epoch: int
    number: int
    indices: Indices
    length: int | None = None
    shard: int = 0
    repeated: Indices | None = None


class Lengths:
    """How long the samples of a batch are, when they are of different lengths.

    Args:
        of_samples: Length of the first axis of x of each sample, int of shape `(samples,)`.
        multiple: A batch is as long as its longest sample, rounded up to a multiple of this, but never longer than the
            longest of all. A model is compiled anew for each length that it meets on JAX: fewer are faster.
    """

    def __init__(self, of_samples: npt.NDArray[Any], multiple: int = 1) -> None:
        self._of_samples, self._multiple = of_samples, multiple
        self.longest = max(1, int(of_samples.max()))

    def of(self, indices: Indices) -> int:
        """Returns the length of a batch of these samples, of 1 or more."""
        longest = max(1, int(self._of_samples[indices].max()))
        return min(self.longest, math.ceil(longest / self._multiple) * self._multiple)


def rows_of_shard(samples: int, batch_size: int, shard: Shard) -> tuple[Indices, Indices]:
    """Returns which places of a run of batches are the rows of a shard, and which of these rows repeat a sample.

    A batch of n samples has `ceil(n / count)` rows on each shard. Those behind its end take its samples once more.

    Args:
        samples: Samples of all the batches, the last of which may be short.
        batch_size: Samples of a full batch.
        shard: The shard.

    Example:
    >>> places, repeated = rows_of_shard(5, 5, Shard(1, 2))
    >>> places.tolist(), repeated.tolist()
    ([3, 4, 0], [2])
    """
    share = math.ceil(min(samples, batch_size) / shard.count)
    last, shares = samples % batch_size, [share] * (samples // batch_size)
    if last:
        shares.append(math.ceil(last / shard.count))
    starts = np.repeat(np.arange(len(shares), dtype=np.int64) * batch_size, shares)  # (rows,)
    sizes = np.minimum(batch_size, samples - starts)  # (rows,): samples of the batch that a row is of
    rows = np.concatenate([np.arange(each, dtype=np.int64) + shard.index * each for each in shares])
    return starts + rows % sizes, np.flatnonzero(rows >= sizes)


class Batches:
    """The plans of all batches of all epochs, or of a shard's rows of them.

    Args:
        order: Order of the samples.
        batch_size: Samples of a batch, over all shards.
        drop_remainder: Whether the last batch of an epoch is left out when it is short.
        lengths: Of samples that differ in length, or `None`.
        shard: The shard.

    Attributes:
        size: Samples of a full batch, over all shards.
        rows: Rows of the largest batch here.
        shard: As given.
        repeats: Whether some rows repeat a sample.
        longest: Length of the longest sample, where they differ.
        in_epoch: Batches of an epoch.
    """

    def __init__(
        self,
        order: Order,
        batch_size: int,
        *,
        drop_remainder: bool,
        lengths: Lengths | None = None,
        shard: Shard = WHOLE,
    ) -> None:
        self._order = order
        self._lengths = lengths
        self.size, self.shard = batch_size, shard
        self.rows = math.ceil(min(batch_size, order.size) / shard.count)
        self.longest = None if lengths is None else lengths.longest
        whole, rest = divmod(order.size, batch_size)
        self.in_epoch = whole if drop_remainder or not rest else whole + 1
        sizes = [batch_size] * bool(whole) + [rest] * (self.in_epoch - whole)
        self.repeats = any(size % shard.count for size in sizes)

    def ordered(self, order: Order) -> Batches:
        """Returns batches as these, of another order of as many samples."""
        batches = copy.copy(self)
        batches._order = order
        return batches

    def plan(self, batch: int) -> Plan:
        """Returns the plan of a batch, counted over all epochs."""
        epoch, number = self.place(batch)
        return self.plan_of(epoch, number, number + 1)

    def plan_of(self, epoch: int, first: int, stop: int) -> Plan:
        """Returns one plan for the batches `first` to `stop - 1` of an epoch."""
        indices = self._order.indices(epoch, first * self.size, min(stop * self.size, self._order.size))
        length = None if self._lengths is None else self._lengths.of(indices)  # the same on all shards
        if self.shard == WHOLE:
            return Plan(epoch, first, indices, length)
        places, repeated = rows_of_shard(len(indices), self.size, self.shard)
        return Plan(epoch, first, indices[places], length, self.shard.index, repeated if self.repeats else None)

    def place(self, batch: int) -> tuple[int, int]:
        """Returns the epoch of a batch, counted over all epochs, and its place there."""
        return divmod(batch, self.in_epoch)


class Groups:
    """The plans of groups of batches: each of so many that follow each other in an epoch, the last of what is left.

    Args:
        batches: The batches.
        size: How many make a group.
    """

    def __init__(self, batches: Batches, size: int) -> None:
        self._batches, self.size = batches, size
        self.in_epoch = math.ceil(batches.in_epoch / size)

    def group_of(self, batch: int) -> tuple[int, int]:
        """Returns the group of a batch, counted over all epochs, and its place there."""
        epoch, number = self._batches.place(batch)
        group, place = divmod(number, self.size)
        return epoch * self.in_epoch + group, place

    def plan(self, group: int) -> Plan:
        """Returns the plan of a group, counted over all epochs, as if it were one batch."""
        epoch, number = divmod(group, self.in_epoch)
        first = number * self.size
        return self._batches.plan_of(epoch, first, min(first + self.size, self._batches.in_epoch))


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
        longest: Length of the first axis of x in the longest sample, if the samples differ in it.

    Raises:
        ConfigurationError: If Keras could not take such a sample on every backend.
    """

    def __init__(self, sample: Any, rows: int, longest: int | None = None) -> None:
        self.block_bytes = 0
        self._varying = longest is not None

        def place(leaf: Any) -> Field:
            shape = np.shape(leaf)
            if longest is not None and not self.block_bytes:  # x comes first
                shape = (longest, *shape[1:])
            field = Field(shape, _dtype_of(leaf), self.block_bytes)
            self.block_bytes += math.ceil(field.bytes_of(rows) / ALIGNMENT) * ALIGNMENT
            return field

        self._fields = map_leaves(place, sample)

    def arrays(self, block: Array, rows: int, length: int | None = None) -> Any:
        """Returns the arrays of a batch as views of its block, each of shape `(rows, ...)`.

        Args:
            block: Memory, uint8 of shape `(block_bytes,)` or more.
            rows: Rows of the batch.
            length: Length of the first axis of x, where it differs from batch to batch.
        """

        def view(field: Field) -> Array:
            if length is not None and self._varying and not field.offset:
                field = dataclasses.replace(field, shape=(length, *field.shape[1:]))
            memory = block[field.offset : field.offset + field.bytes_of(rows)]
            return memory.view(field.dtype).reshape(rows, *field.shape)

        return map_leaves(view, self._fields)


def _dtype_of(leaf: Any) -> np.dtype[Any]:
    if isinstance(leaf, float) and not isinstance(leaf, np.floating):
        return np.dtype(np.float32)  # a Python number has no precision of its own; Keras computes in float32
    dtype = np.asarray(leaf).dtype
    if dtype.kind not in "biuf" or dtype.itemsize > 8:
        raise ConfigurationError(
            f"A sample holds {leaf!r:.80} of type {type(leaf).__name__}, which is not an array of numbers of up to 8 "
            "bytes. Keras takes numbers only on JAX and PyTorch: turn it into numbers in the source or in `transform`."
        )
    return dtype.newbyteorder("=")  # JAX and PyTorch take no other byte order than the machine's


def check_sample(sample: Any) -> None:
    """Raises ConfigurationError for a sample that Keras would not take as a row of `x`, `(x, y)` or with weights."""
    if isinstance(sample, tuple) and len(sample) not in (1, 2, 3):
        raise ConfigurationError(
            f"A sample is a tuple of {len(sample)}. Keras takes x, (x, y) or (x, y, sample_weight): "
            "put several inputs into a tuple or a dict of their own, as in ((image, text), label)."
        )


def longer(batch: Any) -> Any:
    """Returns a batch in which x, or the first array of x, has one step more."""
    seen = False

    def lengthen(array: Array) -> Array:
        nonlocal seen
        if seen:
            return array
        seen = True
        return np.concatenate([array, np.zeros_like(array[:, :1])], axis=1)

    return map_leaves(lengthen, batch)
