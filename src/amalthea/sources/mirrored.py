"""Samples that are their own targets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from amalthea.sources import _reading
from amalthea.sources.protocol import Column, Source

__all__ = ["Mirrored", "mirrored"]


class Mirrored:
    """Sample i is `(x, x)`, or `(x, x, weight)`: what autoencoders are trained with. x is read once.

    Args:
        source: Gives x, an array.
        sample_weight: Weight of each sample, or `None`.

    Example:
    >>> Mirrored([10.0, 20.0], sample_weight=[1.0, 0.5])[1]
    (20.0, 20.0, 0.5)
    """

    def __init__(self, source: Source, sample_weight: Column | None = None) -> None:
        self._source, self._weight = source, sample_weight

    def __len__(self) -> int:
        return len(self._source)

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        x = self._source[index]
        return (x, x) if self._weight is None else (x, x, self._weight[index])

    @property
    def name(self) -> Callable[[int], Any] | None:
        """Says what a sample is, where the source can."""
        return _reading.name_of(self._source)

    @property
    def fetch_ahead(self) -> Callable[[npt.NDArray[np.int64]], None] | None:
        """Begins to fetch samples that will be asked for soon, where the source can."""
        return _reading.fetches(self._source)

    def read_into(self, index: int, rows: Any) -> None:
        """Writes a sample into its rows."""
        x, y, *weight = rows
        _reading.read_into(self._source, index, x)
        np.copyto(y, x)
        if self._weight is not None:
            weight[0][...] = self._weight[index]

    @property
    def read_rows(self) -> Callable[[npt.NDArray[np.int64], Any], None] | None:
        """Writes several samples into their rows, where the source can."""
        return self._read_rows if _reading.reads_at_once(self._source) else None

    def _read_rows(self, indices: npt.NDArray[np.int64], rows: Any) -> None:
        x, y, *weights = rows
        _reading.read_rows(self._source, indices, x)
        np.copyto(y, x)
        if self._weight is not None:
            _reading.read_rows(self._weight, indices, weights[0])


def mirrored(sample: Any, rng: np.random.Generator | None = None) -> Any:
    """Returns the sample with x for y: the last of the transforms, which have changed x."""
    x, _, *weight = sample
    # A copy: a training step that writes into x must not change its target.
    return x, np.array(x), *weight
