"""Pictures that come out of a cache, in the format that the model wants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from amalthea.sources.cached import Cached
from amalthea.sources.pixelwise import Pixelwise

__all__ = ["Finished"]


class Finished:
    """Pictures of a cache, each finished as it is written into its row.

    Args:
        source: uint8 of shape `(height, width, channels)`.
        finish: What is done to each pixel.
    """

    def __init__(self, source: Cached, finish: Pixelwise) -> None:
        self._source, self._finish = source, finish

    def __len__(self) -> int:
        return len(self._source)

    def __getitem__(self, index: int) -> npt.NDArray[Any]:
        return self._finish(self._source[index])

    @property
    def name(self) -> Callable[[int], Any] | None:
        """Says what a sample is, where the source can."""
        return self._source.name

    @property
    def fetch_ahead(self) -> Callable[[npt.NDArray[np.int64]], None] | None:
        """Begins to fetch samples that will be asked for soon, where the source can."""
        return self._source.fetch_ahead

    def read_into(self, index: int, row: npt.NDArray[Any]) -> None:
        """Writes a picture into its row."""
        self._source.read_into(index, row, self._finish.write)

    def read_rows(self, indices: npt.NDArray[np.int64], rows: npt.NDArray[Any]) -> None:
        """Writes several pictures into their rows."""
        self._source.read_rows(indices, rows, self._finish.write)
