"""The planned batches, made ahead: what the loader asks for and what the workers do meet here."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from typing import Any, Protocol

from amalthea.batches import Layout, Plan
from amalthea.errors import SampleError
from amalthea.workers.blocks import Store
from amalthea.workers.jobs import Job

__all__ = ["Recipe", "Stream", "Workers"]


class Workers(Protocol):
    """Who makes the batches.

    Attributes:
        count: How many they are.
        apart: Whether they are processes of their own.
    """

    count: int
    apart: bool

    def memory(self, layout: Layout) -> Store:
        """Returns where the memory of batches comes from."""

    def open(self) -> None:
        """Allows workers to be started, at first and after a `close`."""

    def start(self, job: Job) -> None:
        """Begins to make a batch, behind those that were started before."""

    def finish(self, job: Job) -> None:
        """Returns when the batch is made."""

    def close(self) -> None:
        """Ends the workers. Until `open`, batches are made by whoever waits for them."""


class Plans(Protocol):
    """What each batch holds."""

    def plan(self, batch: int) -> Plan:
        """Returns the plan of a batch, counted over all epochs."""


class Recipe(Protocol):
    """How a batch is made."""

    @property
    def in_use(self) -> int:
        """How many batches somebody can still see, as far as that costs memory here."""

    def job(self, plan: Plan) -> Job:
        """Returns the work of making a batch."""

    def clear(self) -> None:
        """Gives memory that nobody uses back to the system."""


class Stream:
    """Gives planned batches by number, and makes those that come next meanwhile.

    Args:
        batches: The plans.
        recipe: How a batch is made.
        workers: Who makes them.
        max_queue_size: Finished or begun batches ahead of the one in use.
        report: Is told, in the order of the batches, of samples that others stand in for; what it raises ends the
            batch.

    Attributes:
        seconds: What the rows of the batch that was given last have taken.
    """

    def __init__(
        self,
        batches: Plans,
        recipe: Recipe,
        workers: Workers,
        *,
        max_queue_size: int,
        report: Callable[[list[SampleError]], None] | None = None,
    ) -> None:
        self.max_queue_size = max_queue_size
        self.seconds = math.inf
        self._batches, self._recipe, self._workers, self._report = batches, recipe, workers, report
        self._ahead = max_queue_size if workers.count else 0
        self._budget = budget(max_queue_size)
        self._jobs: dict[int, Job] = {}
        self._closed = False
        self._lock = threading.Lock()

    def get(self, batch: int, *, upcoming: int | None, end: int | None = None, keep: bool = False) -> Any:
        """Returns the planned batch of that number.

        Args:
            batch: Its number, counted over all epochs.
            upcoming: The batch that will be asked for next, as far as is known.
            end: No batch from this one on is made ahead.
            keep: Whether it may be asked for again: then a copy is returned, and the batch is not made twice.

        Raises:
            SampleError: If one of its rows cannot be made.
        """
        try:
            return self._get(batch, upcoming, end, keep)
        finally:
            if self._closed:  # TensorFlow's thread may ask once more: no memory is kept for that
                with self._lock:
                    self._recipe.clear()

    def _get(self, batch: int, upcoming: int | None, end: int | None, keep: bool) -> Any:
        with self._lock:
            # Taken out, so that nobody who asks for another batch meanwhile drops this one.
            made_ahead = self._jobs.pop(batch, None)
            job = made_ahead or self._started(batch)
            self._work_ahead(batch, upcoming, end)
        self._finish(job)
        if job is made_ahead and isinstance(job.error, Exception):
            # What was wrong when it was made ahead may be mended since: only what fails now is an error.
            with self._lock:
                job = self._started(batch)
            self._finish(job)
        if job.mended and self._report is not None:
            self._report(job.mended)
        self.seconds = job.seconds
        if not keep:
            return job.result()
        result = job.copy()
        with self._lock:
            if not self._closed:
                self._jobs[batch] = job
        return result

    def open(self) -> None:
        """Allows workers to be started, at first and after a `close`."""
        self._closed = False
        self._workers.open()

    def drop(self) -> None:
        """Forgets what was made ahead; when it returns, nobody is at work on it."""
        with self._lock:
            jobs = list(self._jobs.values())
            self._drop(self._jobs.keys())
        for job in jobs:
            job.settle()

    def close(self) -> None:
        """Ends the workers and forgets what they have made ahead."""
        self._closed = True
        with self._lock:
            self._drop(self._jobs.keys())
        self._workers.close()
        self._recipe.clear()

    def _finish(self, job: Job) -> None:
        try:
            self._workers.finish(job)
        except BaseException:  # an interrupt of the waiting: nobody will come back for this batch
            job.cancel()
            raise

    def _work_ahead(self, batch: int, upcoming: int | None, end: int | None) -> None:
        ahead = range(0)
        if upcoming is not None and not self._closed:
            stop = upcoming + self._ahead
            ahead = range(upcoming, stop if end is None else min(stop, end))
        self._drop(self._jobs.keys() - set(ahead))
        for number in ahead:
            if self._recipe.in_use >= self._budget:
                break
            if number not in self._jobs and number != batch:
                self._jobs[number] = self._started(number)

    def _started(self, batch: int) -> Job:
        job = self._recipe.job(self._batches.plan(batch))
        self._workers.start(job)
        return job

    def _drop(self, numbers: Any) -> None:
        for number in list(numbers):
            self._jobs.pop(number).cancel()


def budget(max_queue_size: int) -> int:
    """Returns how many batches are in memory: those ahead, the one in use, and the one being handed over."""
    return max_queue_size + 2
