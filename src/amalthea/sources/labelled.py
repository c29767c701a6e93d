"""Samples with a target each."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from amalthea._write import write
from amalthea.errors import ConfigurationError
from amalthea.sources.protocol import Column, Source

__all__ = ["Labelled"]


class Labelled:
    """Puts a target, and perhaps a weight, beside each sample of a source.

    Args:
        source: Gives x.
        targets: y of each sample: anything with a length and an index.
        sample_weight: Weight of each sample, or `None`.

    Raises:
        ConfigurationError: If the lengths differ.

    Example:
    >>> Labelled([10.0, 20.0], targets=[0, 1])[1]
    (20.0, 1)
    """

    def __init__(self, source: Source, targets: Column, sample_weight: Column | None = None) -> None:
        self._source = source
        self._columns = [targets] if sample_weight is None else [targets, sample_weight]
        for name, column in zip(("targets", "sample_weight"), self._columns, strict=False):
            if len(column) != len(source):
                raise ConfigurationError(
                    f"`{name}` has {len(column)} entries, the source has {len(source)} samples; "
                    "there must be one for each."
                )

    @property
    def read_into(self) -> Callable[[int, Any], None] | None:
        """Writes a sample into its rows, where the source can."""
        read_into = getattr(self._source, "read_into", None)
        return None if read_into is None else functools.partial(self._read_into, read_into)

    @property
    def name(self) -> Callable[[int], str] | None:
        """Says what a sample is, where the source can."""
        return getattr(self._source, "name", None)

    def __len__(self) -> int:
        return len(self._source)

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        return self._source[index], *(column[index] for column in self._columns)

    def _read_into(self, read_into: Callable[[int, Any], None], index: int, rows: tuple[Any, ...]) -> None:
        read_into(index, rows[0])
        for row, column in zip(rows[1:], self._columns, strict=True):
            write(row, column[index])
