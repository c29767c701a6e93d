"""Writing a value into its row of a batch."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["write"]


def write(row: npt.NDArray[Any], value: Any) -> None:
    """Writes a value into its row.

    Raises:
        ValueError: If it has another shape.
        TypeError: If it does not fit into the row's dtype.
    """
    if np.shape(value) != row.shape:
        raise ValueError(
            f"its shape is {np.shape(value)}, that of the first sample is {row.shape}; all samples of a batch have "
            "one shape: resize, crop or pad them in the source or in `transform`"
        )
    # Fewer bits of a float are a rounding; fewer bits of an integer are another number.
    np.copyto(row, value, casting="same_kind" if row.dtype.kind == "f" else "safe")
