"""Some samples of a source."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from amalthea._shared import shared_empty
from amalthea.errors import ConfigurationError
from amalthea.sources import _reading
from amalthea.sources.protocol import Source

__all__ = ["Subset", "checked_indices"]

Indices = npt.NDArray[np.int64]


class Subset:
    """Some samples of a source, in the order of their indices.

    Args:
        source: The source.
        indices: Which samples: integers of 0 or more, each as often as it is named; or one boolean for each sample.

    Attributes:
        source: As given.
        indices: int64 of shape `(samples,)`.
        lengths: How long each sample is, int of shape `(samples,)`, where they differ, or `None`.

    Raises:
        ConfigurationError: If an index is no sample of the source.

    Example:
    >>> list(Subset(["a", "b", "c"], [2, 0]))
    ['c', 'a']
    """

    def __init__(self, source: Source, indices: Any) -> None:
        source = _reading.by_place(source)
        self.source, self.indices = source, checked_indices(indices, len(source))
        lengths = _reading.lengths_of(source)
        self.lengths = None if lengths is None else lengths[self.indices]

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: int) -> Any:
        return self.source[int(self.indices[index])]

    @property
    def name(self) -> Callable[[int], Any] | None:
        """Says what a sample is, where the source can."""
        return self._by_index(_reading.name_of(self.source))

    @property
    def read_into(self) -> Callable[..., None] | None:
        """Writes a sample into its row, where the source can."""
        return self._by_index(getattr(self.source, "read_into", None))

    @property
    def draw(self) -> Callable[..., Any] | None:
        """Draws a sample, where the source does."""
        return self._by_index(getattr(self.source, "draw", None))

    @property
    def read_rows(self) -> Callable[[Indices, Any], None] | None:
        """Writes several samples into their rows, where the source can."""
        return self._read_rows if _reading.reads_at_once(self.source) else None

    @property
    def fetch_ahead(self) -> Callable[[Indices], None] | None:
        """Begins to fetch samples that will be asked for soon, where the source can."""
        fetch = _reading.fetches(self.source)
        return None if fetch is None else lambda indices: fetch(self.indices[indices])

    @property
    def pad(self) -> Callable[[Any, Any], None] | None:
        """Writes a sample into a row that is longer, where the source can."""
        return getattr(self.source, "pad", None)

    def _by_index(self, method: Callable[..., Any] | None) -> Callable[..., Any] | None:
        return None if method is None else functools.partial(self._call, method)

    def _call(self, method: Callable[..., Any], index: int, *args: Any) -> Any:
        return method(int(self.indices[index]), *args)

    def _read_rows(self, indices: Indices, rows: Any) -> None:
        _reading.read_rows(self.source, self.indices[indices], rows)


def checked_indices(indices: Any, size: int) -> Indices:
    """Returns which samples are meant, int64 in shared memory."""
    given = np.asarray(indices)
    if given.dtype == bool and given.shape == (size,):
        given = np.flatnonzero(given)
    if given.ndim != 1 or (given.size and given.dtype.kind not in "iu"):
        raise ConfigurationError(
            f"`indices` is of dtype {given.dtype} and shape {given.shape}; it must be a list of integers, or of one "
            f"boolean for each of the {size} samples."
        )
    wrong = np.flatnonzero((given < 0) | (given >= size))
    if wrong.size:
        raise ConfigurationError(
            f"`indices` holds {given[wrong[0]]} at place {wrong[0]}; the samples of the source are those of "
            f"0 .. {size - 1}."
        )
    shared: Indices = shared_empty(len(given), np.int64)
    shared[:] = given
    return shared
