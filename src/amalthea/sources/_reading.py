"""Reading from a source by the best of the ways that it has."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from amalthea._trees import map_leaves
from amalthea._write import write

__all__ = ["draw", "is_random", "read_rows", "reads_in_place"]


def reads_in_place(source: Any) -> bool:
    """Returns whether a source writes samples into rows by itself."""
    return any(getattr(source, name, None) is not None for name in ("read_rows", "read_into"))


def is_random(source: Any) -> bool:
    """Returns whether a source has samples that are drawn anew in each epoch."""
    return getattr(source, "draw", None) is not None


def draw(source: Any, index: int, rng: np.random.Generator) -> Any:
    """Returns a sample, of a source that may be random or not."""
    return source.draw(index, rng) if is_random(source) else source[index]


def read_rows(source: Any, indices: npt.NDArray[np.int64], rows: Any) -> None:
    """Writes several samples into their rows.

    Args:
        source: Not a random one.
        indices: The samples, shape `(rows,)`.
        rows: Arrays of shape `(rows, ...)` in the structure of a sample.
    """
    if getattr(source, "read_rows", None) is not None:
        source.read_rows(indices, rows)
        return
    read_into = getattr(source, "read_into", None)
    for place, index in enumerate(indices.tolist()):
        row = map_leaves(lambda array, place=place: array[place, ...], rows)
        if read_into is not None:
            read_into(index, row)
        else:
            map_leaves(write, row, source[index])
