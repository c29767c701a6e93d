"""No workers: batches are made by the thread that asks, when it asks."""

from __future__ import annotations

from amalthea.batches import Layout
from amalthea.workers.blocks import PrivateMemory
from amalthea.workers.jobs import Job, make_all

__all__ = ["Inline"]


class Inline:
    """Makes each batch when it is waited for, in the calling thread."""

    count = 0
    apart = False

    def memory(self, layout: Layout) -> PrivateMemory:
        """Returns where the memory of batches comes from."""
        return PrivateMemory(layout.block_bytes)

    def open(self) -> None:
        """Has nothing to begin."""

    def start(self, job: Job) -> None:
        """Does nothing yet."""

    def finish(self, job: Job) -> None:
        """Makes the batch."""
        make_all(job)

    def close(self) -> None:
        """Has nothing to end."""
