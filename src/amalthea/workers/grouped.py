"""Batches of next to no work, small ones many at a time: they share what a batch costs beside its rows."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from typing import Any

from amalthea._trees import cut_rows
from amalthea.batches import Batches, Groups, Layout
from amalthea.errors import SampleError
from amalthea.rows import Rows
from amalthea.workers.inline import Inline
from amalthea.workers.rowwise import BatchTransform, RowByRow
from amalthea.workers.stream import Stream, Workers

__all__ = ["Grouped", "stream_of"]

# So much memory may a group take, and so many batches may it hold: with more of them nothing is gained.
GROUP_BYTES = 1 << 20
MOST = 64

# Rows that take less than this are made by whoever asks for them: to give them to a worker takes as long.
QUICK_S = 0.0002


class Grouped:
    """Gives planned batches by number as a `Stream` does, cut out of groups that are made as one.

    Groups are for batches that are asked for in turn, and whose rows take next to no time: that is seen from those
    before. A cache that is being filled is slow, for instance, and quick when it is full. A group is made by whoever
    asks, all others by the workers.

    Args:
        batches: The plans of the batches.
        groups: The plans of the groups.
        stream: Gives single batches.
        stream_of_groups: Gives groups.
    """

    def __init__(self, batches: Batches, groups: Groups, stream: Stream, stream_of_groups: Stream) -> None:
        self.max_queue_size = stream.max_queue_size
        self._rows, self._groups = batches.rows, groups
        self._stream, self._stream_of_groups = stream, stream_of_groups
        self._ready: dict[int, Any] = {}  # what is left of the last group, by the numbers of the batches
        self._least_s = math.inf  # what a batch has taken, at the best, since the last group began

    def get(self, batch: int, *, upcoming: int | None, end: int | None = None, keep: bool = False) -> Any:
        """Returns the planned batch of that number, see `Stream.get`."""
        if upcoming != batch + 1 or keep:
            return self._stream.get(batch, upcoming=upcoming, end=end, keep=keep)
        try:
            return self._ready.pop(batch)
        except KeyError:
            return self._in_turn(batch)

    def _in_turn(self, batch: int) -> Any:
        group, place = self._groups.group_of(batch)
        if not place:
            least_s, self._least_s = self._least_s, math.inf
            if least_s <= QUICK_S:
                # One that fails is given up: each of its batches is tried, and fails, by itself.
                with contextlib.suppress(SampleError):
                    return self._of_group(batch, group)
        made = self._stream.get(batch, upcoming=batch + 1, end=batch - place + self._groups.size)
        self._least_s = min(self._least_s, self._stream.seconds)
        return made

    def _of_group(self, batch: int, group: int) -> Any:
        arrays = self._stream_of_groups.get(group, upcoming=None)
        self._least_s = self._stream_of_groups.seconds / self._groups.size
        # Somebody else may ask, or close, meanwhile: this batch is taken before the others are there for all.
        ready = dict(enumerate(cut_rows(arrays, self._rows), start=batch))
        asked = ready.pop(batch)
        self._ready = ready
        return asked

    def open(self) -> None:
        """Allows workers to be started, at first and after a `close`."""
        self._stream.open()
        self._stream_of_groups.open()

    def drop(self) -> None:
        """Forgets what was made ahead; when it returns, nobody is at work on it."""
        self._ready = {}
        self._stream.drop()
        self._stream_of_groups.drop()

    def close(self) -> None:
        """Ends the workers and forgets what they have made ahead."""
        self._ready = {}
        self._stream.close()
        self._stream_of_groups.close()


def stream_of(
    batches: Batches,
    rows: Rows,
    sample: Any,
    workers: Workers,
    *,
    max_queue_size: int,
    batch_transform: BatchTransform | None = None,
    report: Callable[[list[SampleError]], None] | None = None,
) -> Stream | Grouped:
    """Returns what gives batches that are made row by row, or in groups where that is as good and they are small.

    Args:
        batches: The plans.
        rows: How rows are made.
        sample: One of the samples.
        workers: Who makes them.
        max_queue_size: Finished or begun batches, or groups of them, ahead of the one in use.
        batch_transform: `(batch, rng) -> batch`, on each finished batch.
        report: As for `Stream`.
    """
    layout = Layout(sample, batches.rows, batches.longest)

    def stream(plans: Batches | Groups, layout: Layout, workers: Workers, queue: int) -> Stream:
        recipe = RowByRow(rows, layout, workers, max_queue_size=queue, batch_transform=batch_transform)
        return Stream(plans, recipe, workers, max_queue_size=queue, report=report)

    single = stream(batches, layout, workers, max_queue_size)
    # Where samples may stand for others, each is told of with its batch; where a batch has a length, so has a group;
    # and what may end a process is not for this one.
    plain = rows.at_once and not rows.mends and batch_transform is None and batches.longest is None
    if not plain or workers.apart:
        return single
    groups = Groups(batches, max(1, min(MOST, GROUP_BYTES // max(layout.block_bytes, 1), batches.in_epoch)))
    return Grouped(batches, groups, single, stream(groups, Layout(sample, batches.rows * groups.size), Inline(), 0))
