"""Small batches, made many at a time: what a batch costs beside its rows is then shared by all of them."""

from __future__ import annotations

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


class Grouped:
    """Gives planned batches by number as a `Stream` does, cut out of groups that are made as one.

    Args:
        batches: The plans of the batches.
        groups: The plans of the groups.
        stream: Gives the groups.
        alone: Gives single batches: those that are asked for out of turn.
    """

    def __init__(self, batches: Batches, groups: Groups, stream: Stream, alone: Stream) -> None:
        self.max_queue_size = stream.max_queue_size
        self._size, self._groups, self._stream, self._alone = batches.size, groups, stream, alone
        self._ready: dict[int, Any] = {}  # what is left of the last group, by the numbers of the batches
        self._failed = -1  # a group that cannot be made: each of its batches is tried, and fails, by itself

    def get(self, batch: int, *, upcoming: int | None, end: int | None = None, keep: bool = False) -> Any:
        """Returns the planned batch of that number, see `Stream.get`."""
        if upcoming != batch + 1 or keep:
            return self._alone.get(batch, upcoming=None)
        try:
            return self._ready.pop(batch)
        except KeyError:
            return self._of_group(batch)

    def _of_group(self, batch: int) -> Any:
        group, place = self._groups.group_of(batch)
        if group != self._failed:
            try:
                arrays = self._stream.get(group, upcoming=group + 1)
            except SampleError:
                self._failed = group
            else:
                self._ready = dict(enumerate(cut_rows(arrays, self._size), start=batch - place))
                return self._ready.pop(batch)
        return self._alone.get(batch, upcoming=None)

    def open(self) -> None:
        """Allows workers to be started, at first and after a `close`."""
        self._failed = -1
        self._stream.open()
        self._alone.open()

    def drop(self) -> None:
        """Forgets what was made ahead; when it returns, nobody is at work on it."""
        self._ready = {}
        self._stream.drop()

    def close(self) -> None:
        """Ends the workers and forgets what they have made ahead."""
        self._ready = {}
        self._stream.close()
        self._alone.close()


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

    # Where samples may stand for others, each is told of with its batch; where a batch has a length, so has a group.
    plain = rows.at_once and not rows.mends and batch_transform is None and batches.longest is None
    size = min(MOST, GROUP_BYTES // max(layout.block_bytes, 1), batches.in_epoch) if plain else 1
    if size < 2:
        return stream(batches, layout, workers, max_queue_size)
    groups = Groups(batches, size)
    of_group = stream(groups, Layout(sample, batches.rows * size), workers, max_queue_size)
    return Grouped(batches, groups, of_group, stream(batches, layout, Inline(), 0))
