"""Reading from a source by the best of the ways that it has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from amalthea._trees import as_sample, map_leaves
from amalthea._write import write

__all__ = [
    "by_place",
    "draw",
    "fetches",
    "is_random",
    "lengths_of",
    "name_of",
    "put",
    "read_into",
    "read_rows",
    "reads_at_once",
    "reads_in_place",
]


def by_place(source: Any) -> Any:
    """Returns a source whose index is a place: that of a pandas object is a label."""
    return source.to_numpy() if hasattr(source, "iloc") else source


def reads_in_place(source: Any) -> bool:
    """Returns whether a source writes samples into rows by itself."""
    return reads_at_once(source) or getattr(source, "read_into", None) is not None


def reads_at_once(source: Any) -> bool:
    """Returns whether a source writes several samples into their rows at once."""
    return getattr(source, "read_rows", None) is not None


def is_random(source: Any) -> bool:
    """Returns whether a source has samples that are drawn anew in each epoch."""
    return getattr(source, "draw", None) is not None


def name_of(source: Any) -> Callable[[int], Any] | None:
    """Returns what says what a sample is, or `None`: a column of a table has a name of another kind."""
    name = getattr(source, "name", None)
    return name if callable(name) else None


def fetches(source: Any) -> Callable[[npt.NDArray[np.int64]], None] | None:
    """Returns what begins to fetch samples that will be asked for soon, or `None` where all is at hand."""
    return getattr(source, "fetch_ahead", None)


def lengths_of(source: Any) -> npt.NDArray[Any] | None:
    """Returns the lengths of the samples of a source, or `None` where they are all of one shape."""
    return getattr(source, "lengths", None)


def draw(source: Any, index: int, rng: np.random.Generator) -> Any:
    """Returns a sample, of a source that may be random or not."""
    return source.draw(index, rng) if is_random(source) else source[index]


def read_into(source: Any, index: int, row: Any) -> None:
    """Writes a sample into its row.

    Args:
        source: Not a random one.
        index: The sample.
        row: Arrays in the structure of the sample.
    """
    read = getattr(source, "read_into", None)
    if read is not None:
        read(index, row)
    elif isinstance(source, np.ndarray) and source.dtype == row.dtype:
        np.copyto(row, source[index])
    else:
        put(source, source[index], row)


def put(source: Any, sample: Any, row: Any, *, cut: bool = False) -> None:
    """Writes a sample of a source into its row.

    Args:
        source: The source.
        sample: The sample.
        row: Its row, which is longer where the samples differ in length.
        cut: Whether the row may be shorter instead, and the sample is cut.
    """
    sample = as_sample(sample)
    if lengths_of(source) is None:
        map_leaves(write, row, sample)
        return
    sample = _fitted(sample, row, cut)
    (x, value), *rest = zip(*(map(_as_tuple, (row, sample))), strict=True)
    source.pad(value, x)
    for part, values in rest:
        map_leaves(write, part, values)


def read_rows(source: Any, indices: npt.NDArray[np.int64], rows: Any) -> None:
    """Writes several samples into their rows.

    Args:
        source: Not a random one.
        indices: The samples, shape `(rows,)`.
        rows: Arrays of shape `(rows, ...)` in the structure of a sample.
    """
    if reads_at_once(source):
        source.read_rows(indices, rows)
    elif isinstance(source, np.ndarray):
        write(rows, source[indices])
    else:
        for place, index in enumerate(indices.tolist()):
            read_into(source, index, map_leaves(lambda array, place=place: array[place, ...], rows))


def _fitted(sample: Any, row: Any, cut: bool) -> Any:
    """Returns a sample whose first array is no longer than its row."""
    seen = False

    def fit(view: Any, leaf: Any) -> Any:
        nonlocal seen
        if seen:
            return leaf
        seen = True
        if cut or len(leaf) <= len(view):
            return leaf[: len(view)]
        raise ValueError(
            f"x has {len(leaf)} steps, more than the {len(view)} of its batch: where samples differ in length, a "
            "transform may make x shorter than `source.lengths` says, not longer"
        )

    return map_leaves(fit, row, sample)


def _as_tuple(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)
