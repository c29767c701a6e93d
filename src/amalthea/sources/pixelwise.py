"""What is done to each pixel of an image at the end."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from amalthea._checks import check_choice
from amalthea.errors import ConfigurationError

__all__ = ["DATA_FORMATS", "DTYPES", "Pixelwise"]

DATA_FORMATS = ("channels_last", "channels_first")
DTYPES = ("uint8", "float16", "float32", "float64")


class Pixelwise:
    """What is done to each pixel at the end: scaled, cast, axes put in order.

    Also a transform of an image.

    Args:
        rescale: Factor for each value, or `None`.
        dtype: `"uint8"`, `"float16"`, `"float32"` or `"float64"`.
        data_format: `"channels_last"` or `"channels_first"`.
    """

    def __init__(self, rescale: float | None, dtype: str, data_format: str) -> None:
        self.dtype = np.dtype(check_choice("dtype", dtype, DTYPES))
        check_choice("data_format", data_format, DATA_FORMATS)
        self.channels_first = data_format == "channels_first"
        if rescale is not None and self.dtype.kind != "f":
            raise ConfigurationError(
                f"`rescale` is {rescale!r} and `dtype` {dtype!r}: scaled values are no integers. "
                "Use a float dtype, or leave `rescale` out and put a `keras.layers.Rescaling` into the model."
            )
        self._factor = None if rescale is None else _checked_factor(rescale)

    def shape(self, height: int, width: int, channels: int) -> tuple[int, int, int]:
        """Returns the shape of an image in this format."""
        return (channels, height, width) if self.channels_first else (height, width, channels)

    def write(self, pixels: npt.NDArray[Any], row: npt.NDArray[Any]) -> None:
        """Writes an image of shape `(height, width, channels)` into its row."""
        if self.channels_first:
            pixels = pixels.transpose(2, 0, 1)
        np.copyto(row, pixels, casting="unsafe")
        if self._factor is not None:  # NumPy takes longer for both in one step, by way of a buffer
            np.multiply(row, self._factor, out=row, dtype=row.dtype)

    @property
    def rescales(self) -> bool:
        """Whether values are scaled."""
        return self._factor is not None

    @property
    def as_is(self) -> bool:
        """Whether a pixel of 8 bits is left as it is."""
        return self._factor is None and self.dtype == np.uint8 and not self.channels_first

    def recipe(self) -> list[Any]:
        """Returns what decides the values, in types of JSON."""
        return [self._factor, str(self.dtype), self.channels_first]

    def __call__(self, image: npt.NDArray[Any], rng: np.random.Generator | None = None) -> npt.NDArray[Any]:
        """Returns an image of shape `(height, width, channels)` in this format; nothing in it is random."""
        row = np.empty(self.shape(*image.shape), self.dtype)
        self.write(image, row)
        return row


def _checked_factor(rescale: Any) -> float:
    if isinstance(rescale, bool) or not isinstance(rescale, int | float | np.number) or not math.isfinite(rescale):
        raise ConfigurationError(
            f"`rescale` is {rescale!r}; it must be a finite number, for instance 1 / 255, or None."
        )
    return float(rescale)
