"""Samples with the weights of their classes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from amalthea.labels import class_weights
from amalthea.sources import _reading
from amalthea.sources.protocol import Source
from amalthea.sources.subset import Subset

__all__ = ["ClassWeighted"]


class ClassWeighted:
    """Puts the weight of its class beside each sample of a source.

    Args:
        source: Gives `(x, y)`.
        classes: Number of the class of each sample, shape `(samples,)`.
        class_weight: As for `labels.class_weights`.
        class_names: Names of the classes in the order of their numbers, or `None`.
        weights: The weight of each sample, where it is known.

    Attributes:
        source: As given.
        lengths: How long each sample is, int of shape `(samples,)`, where they differ, or `None`.

    Raises:
        ConfigurationError: If `class_weight` cannot be used.

    Example:
    >>> source = ClassWeighted([(5.0, 0), (6.0, 0), (7.0, 1)], np.array([0, 0, 1]), "balanced")
    >>> source[2]
    (7.0, 1, np.float32(1.5))
    """

    def __init__(
        self,
        source: Source,
        classes: npt.NDArray[np.integer[Any]],
        class_weight: Any,
        class_names: Sequence[str] | None = None,
        weights: npt.NDArray[np.float32] | None = None,
    ) -> None:
        self.source, self.lengths = source, _reading.lengths_of(source)
        self._classes, self._class_weight, self._class_names = classes, class_weight, class_names
        self._weights = class_weights(classes, class_weight, class_names) if weights is None else weights

    def __len__(self) -> int:
        return len(self.source)

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        return *self.source[index], self._weights[index]

    def part(self, indices: Any, *, training: bool) -> Source:
        """Returns some of the samples, weighed among themselves; without weights if they are not for training."""
        subset = Subset(self.source, indices)
        if not training:
            return subset
        # A balance is one of the part itself; a dict may name classes that are not in it.
        known = None if self._class_weight == "balanced" else self._weights[subset.indices]
        return ClassWeighted(subset, self._classes[subset.indices], self._class_weight, self._class_names, known)

    @property
    def name(self) -> Callable[[int], Any] | None:
        """Says what a sample is, where the source can."""
        return _reading.name_of(self.source)

    @property
    def fetch_ahead(self) -> Callable[[npt.NDArray[np.int64]], None] | None:
        """Begins to fetch samples that will be asked for soon, where the source can."""
        return _reading.fetches(self.source)

    @property
    def draw(self) -> Callable[[int, np.random.Generator], Any] | None:
        """Draws a sample, where the source does."""
        return self._draw if _reading.is_random(self.source) else None

    @property
    def read_into(self) -> Callable[[int, Any], None] | None:
        """Writes a sample into its rows, where the source can."""
        return self._read_into if getattr(self.source, "read_into", None) is not None else None

    @property
    def read_rows(self) -> Callable[[npt.NDArray[np.int64], Any], None] | None:
        """Writes several samples into their rows, where the source can."""
        return self._read_rows if _reading.reads_at_once(self.source) else None

    @property
    def pad(self) -> Callable[[Any, Any], None] | None:
        """Writes x into a row that is longer, where the source can."""
        return getattr(self.source, "pad", None)

    def _draw(self, index: int, rng: np.random.Generator) -> Any:
        return *_reading.draw(self.source, index, rng), self._weights[index]

    def _read_into(self, index: int, rows: Any) -> None:
        *of_source, weight = rows
        _reading.read_into(self.source, index, tuple(of_source))
        weight[...] = self._weights[index]

    def _read_rows(self, indices: npt.NDArray[np.int64], rows: Any) -> None:
        *of_source, weights = rows
        _reading.read_rows(self.source, indices, tuple(of_source))
        np.copyto(weights, self._weights[indices])
