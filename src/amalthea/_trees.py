"""Trees of tuples and dicts, with arrays for leaves: samples, rows and batches are such."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["as_sample", "cut_rows", "each_row", "map_leaves"]


def map_leaves(function: Callable[..., Any], tree: Any, *others: Any) -> Any:
    """Returns the tree with `function(leaf, *leaves of the others at the same place)` for each leaf.

    Raises:
        ValueError: If another tree has another structure.
    """
    if isinstance(tree, dict):
        for other in others:
            if not isinstance(other, dict) or other.keys() != tree.keys():
                raise ValueError(f"a dict with the keys {list(tree)} is expected, not {_structure(other)}")
        return {key: map_leaves(function, tree[key], *(other[key] for other in others)) for key in tree}
    if isinstance(tree, tuple):
        for other in others:
            if not isinstance(other, tuple | list) or len(other) != len(tree):
                raise ValueError(f"a tuple of {len(tree)} is expected, not {_structure(other)}")
        return tuple(map_leaves(function, *leaves) for leaves in zip(tree, *others, strict=True))
    return function(tree, *others)


def cut_rows(tree: Any, size: int) -> list[Any]:
    """Returns trees of views of `size` rows each, the last of what is left, of a tree of arrays of as many rows."""
    return _unzipped(tree, lambda array: [array[start : start + size] for start in range(0, len(array), size)])


def each_row(tree: Any) -> list[Any]:
    """Returns a tree of views for each row of a tree of arrays of as many rows."""
    return _unzipped(tree, lambda array: [array[row, ...] for row in range(len(array))])


def _unzipped(tree: Any, cut: Callable[[Any], list[Any]]) -> list[Any]:
    """Returns trees of the first, second, ... of what each leaf is cut into; none for a tree without leaves."""
    if not isinstance(tree, tuple | dict):
        return cut(tree)
    branches = [_unzipped(item, cut) for item in (tree.values() if isinstance(tree, dict) else tree)]
    count = max(map(len, branches), default=0)
    # A branch without leaves is the same everywhere.
    whole = [
        branch or [item] * count
        for branch, item in zip(branches, tree.values() if isinstance(tree, dict) else tree, strict=True)
    ]
    parts: list[Any] = list(zip(*whole, strict=True))
    return [dict(zip(tree, part, strict=True)) for part in parts] if isinstance(tree, dict) else parts


def as_sample(value: Any) -> Any:
    """Returns what a source or a transform gave in the form that a batch has: tuples for lists, no trailing `None`."""
    if isinstance(value, list) and not _is_numbers(value):
        value = tuple(value)
    if isinstance(value, tuple):
        while value and value[-1] is None:
            value = value[:-1]
        return tuple(as_sample(item) for item in value)
    if isinstance(value, dict):
        return {key: as_sample(item) for key, item in value.items()}
    return value


def _is_numbers(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(map(_is_numbers, value))
    return isinstance(value, bool | int | float | np.generic) or (isinstance(value, np.ndarray) and not value.ndim)


def _structure(tree: Any) -> str:
    if isinstance(tree, dict):
        return f"a dict with the keys {list(tree)}"
    return f"a {type(tree).__name__} of {len(tree)}" if isinstance(tree, tuple | list) else type(tree).__name__
