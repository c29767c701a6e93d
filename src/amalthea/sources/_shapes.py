"""What samples are made of: their structure, shapes and dtypes."""

from __future__ import annotations

from typing import Any

import numpy as np

from amalthea._trees import as_sample, map_leaves

__all__ = ["shapes_of"]


def shapes_of(sample: Any, varying: bool = False) -> Any:
    """Returns a sample with the dtype and the shape of each array in its place, in words.

    Args:
        sample: A sample.
        varying: Whether the first axis of the first array may be of any length.

    Example:
    >>> shapes_of((np.zeros((2, 3), "uint8"), 1.0))
    ('uint8 (2, 3)', 'float32 ()')
    >>> shapes_of({"a": np.zeros((2, 3), "uint8")}, varying=True)
    {'a': 'uint8 (..., 3)'}
    """
    first = varying

    def words(leaf: Any) -> str:
        nonlocal first
        # A Python float has no precision of its own, as in a batch.
        dtype = "float32" if type(leaf) is float else str(np.asarray(leaf).dtype)
        shape = str(np.shape(leaf))
        if first and shape != "()":
            shape = f"(...,{shape.partition(',')[2]}"
        first = False
        return f"{dtype} {shape}"

    return map_leaves(words, as_sample(sample))
