"""How a row of a batch is made from its sample, and what stands in its place when that fails."""

from __future__ import annotations

import contextlib
import copy
import functools
import os
from collections.abc import Callable, Collection, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from amalthea._trees import each_row, map_leaves
from amalthea.batches import Plan, as_sample
from amalthea.errors import SampleError
from amalthea.quarantine import NOTHING, Quarantine
from amalthea.sources._reading import draw, is_random, lengths_of, put, read_into
from amalthea.sources.protocol import Source

__all__ = ["ON_ERROR", "Rows", "Transform"]

Transform = Callable[[Any, np.random.Generator], Any]

ON_ERROR = ("raise", "skip", "substitute")

# So many others are tried in the place of a broken sample. Where they all fail, all is broken.
OTHERS = 100


class Rows:
    """Makes one row of a batch from one sample: read, transform, write.

    Args:
        source: The samples.
        seed: With the epoch and the index it decides all that is random in a sample, and what stands in its place.
        transform: `(sample, rng) -> sample`, or `None`.
        on_error: What becomes of a row whose sample cannot be made: `"raise"` ends the batch, `"skip"` takes another
            sample, `"substitute"` writes zeros, with a weight of zero.
        quarantine: Samples that are known to be broken and not read.
        weighted: Whether each row has a sample weight: 1 where its sample brings none.

    Attributes:
        seed: As given.
        deadly: Samples that have ended worker processes; only the program itself keeps this.
    """

    unit = "Sample"

    def __init__(
        self,
        source: Source,
        *,
        seed: int,
        transform: Transform | None = None,
        on_error: str = "raise",
        quarantine: Quarantine = NOTHING,
        weighted: bool = False,
    ) -> None:
        self._source = source
        self.seed = seed
        self._transform = transform
        in_place = transform is None and not is_random(source)
        self._read_into = getattr(source, "read_into", None) if in_place else None
        self._read_rows = getattr(source, "read_rows", None) if in_place else None
        # The quickest way to a row, where nothing goes wrong.
        plain = in_place and lengths_of(source) is None
        self._read_quickly = self._read_into or (functools.partial(read_into, source) if plain else None)
        self._fetch_ahead = getattr(source, "fetch_ahead", None)
        if self._fetch_ahead is not None:  # to read what cannot be had takes long: it is done once, and carefully
            self._read_quickly = None
        self._on_error, self._quarantine, self._weights = on_error, quarantine, weighted
        self._adds_weight = False
        self.deadly: set[int] = set()

    @property
    def mends(self) -> bool:
        """Whether a broken sample is no error."""
        return self._on_error != "raise"

    @property
    def at_once(self) -> bool:
        """Whether the source writes several rows at a time."""
        return self._read_rows is not None

    @property
    def fetches(self) -> bool:
        """Whether the source can begin to fetch samples before they are asked for."""
        return self._fetch_ahead is not None

    def fetch(self, indices: npt.NDArray[np.int64]) -> None:
        """Has the source begin to fetch these samples."""
        with contextlib.suppress(Exception):  # what is wrong with one shows, with its name, when it is asked for
            if self._quarantine != NOTHING:
                indices = np.array([each for each in indices.tolist() if not self._known_broken(each)], np.int64)
            if self._fetch_ahead is not None:
                self._fetch_ahead(indices)

    def by_value(self) -> tuple[str, ...]:
        """Returns the modules that a worker process need not import: none, they are those of samples."""
        return ()

    def sown(self, seed: int) -> Rows:
        """Returns rows as these, with what is random in them by another seed."""
        rows = copy.copy(self)
        rows.seed, rows.deadly = seed, set(self.deadly)
        return rows

    def first(self, report: Callable[[list[SampleError]], None]) -> Any:
        """Returns the first sample that can be made, which tells the shapes.

        Args:
            report: Is told of each before it that cannot; what it raises ends the search.

        Raises:
            SampleError: If none can be made.
        """
        for index in range(len(self._source)):
            if self._known_broken(index):
                continue
            try:
                sample = self.sample(0, index)
            except SampleError as error:
                if not self.mends:
                    raise
                report([_bare(error)])
                continue
            weights = self._weights or self._on_error == "substitute"
            self._adds_weight = weights and isinstance(sample, tuple) and len(sample) == 2
            return (*sample, np.float32(1)) if self._adds_weight else sample
        raise SampleError(0, "source", "no sample is left: all are broken or in `quarantine`", self._name(0))

    def sample(self, epoch: int, index: int) -> Any:
        """Returns the transformed sample.

        Raises:
            SampleError: If the source or a transform fails.
        """
        if self._transform is None and not is_random(self._source):
            return as_sample(self._stage("source", index, self._source.__getitem__, index))
        rng = np.random.default_rng([self.seed, epoch, index])
        sample = self._stage("source", index, draw, self._source, index, rng)
        if self._transform is not None:
            # A copy: the transform may write into its sample, which may be the source's own memory.
            sample = self._stage("transform", index, self._transform, _copied(sample), rng)
        return as_sample(sample)

    def fill(
        self,
        arrays: Any,
        plan: Plan,
        rows: range,
        first: int = 0,
        deadly: Collection[int] = (),
        trying: Callable[[int], None] | None = None,
    ) -> list[SampleError]:
        """Writes these rows of the batch; `plan` tells their samples, from row `first` on.

        Args:
            arrays: The arrays of the batch.
            plan: Tells the samples.
            rows: Which rows.
            first: The row of the plan's first sample.
            deadly: Samples that end their worker process: they are not tried again.
            trying: Is told of each sample before it is tried.

        Returns:
            The errors of the samples that others, or zeros, stand in for.

        Raises:
            SampleError: At the first row that cannot be made.
        """
        indices = plan.indices[rows.start - first : rows.stop - first]
        views = map_leaves(lambda array: array[rows.start : rows.stop], arrays)
        straight = trying is None and not deadly and self._quarantine == NOTHING
        if straight and len(rows) > 1 and self._tried(self._read_rows, indices, views):
            return []
        errors: list[SampleError] = []
        for index, row in zip(indices.tolist(), each_row(views), strict=True):
            if not (straight and self._tried(self._read_quickly, index, row)):
                errors += self._fill_row(row, plan.epoch, index, deadly, trying)
        return errors

    def _tried(self, read: Callable[..., None] | None, what: Any, views: Any) -> bool:
        """Returns whether the source has written into these views by itself, the quickest way."""
        if read is None:
            return False
        try:
            read(what, self._weighted(views))
        except (Exception, SystemExit):  # which sample it was, and what becomes of it, is seen on the careful way
            return False
        return True

    def _weighted(self, views: Any) -> Any:
        """Returns the views of what the source gives, after a weight of 1 was written beside it, if we add weights."""
        if not self._adds_weight:
            return views
        *views, weight = views
        weight[...] = 1
        return tuple(views)

    def _fill_row(
        self, views: Any, epoch: int, index: int, deadly: Collection[int], trying: Callable[[int], None] | None
    ) -> list[SampleError]:
        errors: list[SampleError] = []
        for candidate in self._candidates(epoch, index):
            if self._known_broken(candidate):
                continue
            if trying is not None:
                trying(candidate)
            try:
                self._write(views, epoch, candidate, deadly, stands_in=candidate != index)
                return errors
            except SampleError as error:
                if not self.mends:
                    raise
                errors.append(_bare(error))
        if self._on_error == "skip":
            reason = f"neither it nor any of {OTHERS} others, drawn to take its place, could be made"
            raise SampleError(index, "source", reason, self._name(index))
        map_leaves(lambda view: view.fill(0), views)
        return errors

    def _candidates(self, epoch: int, index: int) -> Iterator[int]:
        """Gives the sample itself, then those that may take its place, the same ones wherever they are drawn."""
        yield index
        if self._on_error == "skip":
            # The 2 at the end keeps this stream apart from those of samples and batches.
            rng = np.random.default_rng([self.seed, epoch, index, 2])
            yield from map(int, rng.integers(len(self._source), size=OTHERS))

    def _write(self, views: Any, epoch: int, index: int, deadly: Collection[int], *, stands_in: bool) -> None:
        if index in deadly:
            raise SampleError(index, "worker", "it ends its worker process, or is stuck in it", self._name(index))
        views = self._weighted(views)
        # What stands in for another sample may be longer than the batch, whose length was planned without it.
        cut = stands_in and lengths_of(self._source) is not None
        if self._read_into is not None and not cut:
            self._stage("source", index, self._read_into, index, views)
        else:
            put_in = functools.partial(put, cut=cut)
            self._stage("batch", index, put_in, self._source, self.sample(epoch, index), views)

    def _stage(self, stage: str, index: int, function: Callable[..., Any], *args: Any) -> Any:
        try:
            return function(*args)
        except (Exception, SystemExit) as error:  # other people's code may raise anything; it arrives as the cause
            # A source may say so itself, by an index of its own; what is wrong is to be read once.
            reason = error.reason if isinstance(error, SampleError) else f"{type(error).__name__}: {error}"
            raise SampleError(index, stage, reason, self._name(index)) from error

    def _known_broken(self, index: int) -> bool:
        known = self._quarantine
        return index in known.indices or (bool(known.paths) and known.holds(self._name(index)))

    def _name(self, index: int) -> str | None:
        name = getattr(self._source, "name", None)
        path = name(index) if callable(name) else None
        return None if path is None else os.fsdecode(path) if isinstance(path, os.PathLike | bytes) else str(path)


def _bare(error: SampleError) -> SampleError:
    """Returns an error without its traceback, which would keep alive all that its frames hold."""
    return SampleError(error.index, error.stage, error.reason, error.path)


def _copied(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return type(value)(map(_copied, value)) if type(value) in (tuple, list) else value
