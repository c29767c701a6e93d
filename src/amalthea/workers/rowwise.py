"""Batches made row by row, in a block of memory each."""

from __future__ import annotations

import copy
import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from amalthea._trees import map_leaves
from amalthea.batches import Layout, Plan, as_sample
from amalthea.errors import SampleError
from amalthea.rows import Rows
from amalthea.workers.blocks import Blocks, Store
from amalthea.workers.jobs import Job, Origin, Place
from amalthea.workers.stream import Workers, budget

__all__ = ["BatchTransform", "RowByRow"]

BatchTransform = Callable[[Any, np.random.Generator], Any]

# In so many spans a batch is given out to each worker: to hear of one costs a process a few tenths of a millisecond,
# and several let the workers end a batch at about the same time.
SPANS_PER_WORKER = 2


class RowByRow:
    """The recipe for batches whose rows are made one by one, by whoever is free.

    Args:
        rows: How a row is made.
        layout: Where the arrays of a batch lie in its block.
        workers: Who makes them.
        max_queue_size: Finished or begun batches ahead of the one in use.
        batch_transform: `(batch, rng) -> batch`, on each finished batch.
    """

    def __init__(
        self,
        rows: Rows,
        layout: Layout,
        workers: Workers,
        *,
        max_queue_size: int,
        batch_transform: BatchTransform | None = None,
    ) -> None:
        self._rows, self._layout = rows, layout
        self._spans = workers.count * SPANS_PER_WORKER or 1
        self._workers, self._keep = workers, budget(max_queue_size)
        self._memory, self._blocks = self._no_memory()
        self._batch_transform = batch_transform

    @property
    def in_use(self) -> int:
        """How many batches somebody can still see."""
        return self._blocks.in_use

    def job(self, plan: Plan) -> Job:
        """Returns the work of making a batch."""
        rows, block = len(plan.indices), self._blocks.lease()
        return Job(
            self._layout.arrays(block.memory, rows, plan.length),
            rows=rows,
            span=math.ceil(rows / self._spans),
            fill=functools.partial(_fill, self._rows, plan),
            complete=functools.partial(_complete, self._batch_transform, self._rows.seed, plan),
            origin=Origin(self._rows, plan, Place(self._layout, self._memory, block.number)),
            fetch=functools.partial(_fetch, self._rows, plan) if self._rows.fetches else None,
        )

    def clear(self) -> None:
        """Lets go of all memory: what nobody uses is gone at once, the rest with the batches in it."""
        self._blocks.clear()
        self._memory, self._blocks = self._no_memory()
        self._rows = copy.copy(self._rows)  # what was sent of the other lives as long as it

    def _no_memory(self) -> tuple[Store, Blocks]:
        memory = self._workers.memory(self._layout)
        return memory, Blocks(memory, keep=self._keep)


def _fill(rows: Rows, plan: Plan, arrays: Any, span: range) -> list[SampleError]:
    return rows.fill(arrays, plan, span)


def _fetch(rows: Rows, plan: Plan, span: range) -> None:
    rows.fetch(plan.indices[span.start : span.stop])


def _complete(transform: BatchTransform | None, seed: int, plan: Plan, arrays: Any) -> Any:
    if plan.repeated is not None:
        map_leaves(lambda weights: weights.__setitem__(plan.repeated, 0), arrays[2])
    if transform is None:
        return arrays
    # The 1 keeps this stream apart from those of the samples, whose key has three parts. Shards draw each their own.
    rng = np.random.default_rng([seed, plan.epoch, plan.number, 1, *[plan.shard] * bool(plan.shard)])
    try:
        return map_leaves(_checked_array, as_sample(transform(arrays, rng)))
    except Exception as error:  # other people's code may raise anything; it arrives as the cause
        reason = f"{type(error).__name__}: {error}"
        raise SampleError(int(plan.indices[0]), "batch_transform", reason) from error


def _checked_array(leaf: Any) -> Any:
    if not isinstance(leaf, np.ndarray):
        raise TypeError(f"it must return NumPy arrays, not {type(leaf).__name__}")
    return leaf
