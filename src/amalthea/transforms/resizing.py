"""Resizing to a given size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from amalthea.transforms._checks import bad, choice, length, number
from amalthea.transforms._images import Image, cast_pixels, on_image, through_opencv
from amalthea.transforms._windows import largest_window

Kernel = Callable[[NDArray[np.float64]], NDArray[np.float64]]


@dataclass(eq=False)
class Resizing:
    """Resizes the image, as `keras.layers.Resizing`.

    Args:
        height: Rows of the result, pixels.
        width: Columns of the result, pixels.
        interpolation: `"bilinear"`, `"nearest"`, `"bicubic"`, `"lanczos3"` or `"lanczos5"`.
        crop_to_aspect_ratio: Resize the largest centred part that has the aspect ratio of the result.
        pad_to_aspect_ratio: Pad the image evenly to the aspect ratio of the result before it is resized.
        fill_mode: `"constant"`, the only one there is.
        fill_value: What is padded, in units of the pixels.
        antialias: Whether each pixel of a smaller result is the mean of all that it covers.

    Raises:
        ConfigurationError: An argument is none of these, or both ways to keep the aspect ratio are asked for.
    """

    height: int
    width: int
    interpolation: str = "bilinear"
    crop_to_aspect_ratio: bool = False
    pad_to_aspect_ratio: bool = False
    fill_mode: str = "constant"
    fill_value: float = 0.0
    antialias: bool = field(default=False)

    def __post_init__(self) -> None:
        length("height", self.height)
        length("width", self.width)
        choice("interpolation", self.interpolation, ("nearest", *_KERNELS))
        choice("fill_mode", self.fill_mode, ("constant",))
        number("fill_value", self.fill_value)
        if self.crop_to_aspect_ratio and self.pad_to_aspect_ratio:
            allowed = "False where crop_to_aspect_ratio is True"
            raise bad("pad_to_aspect_ratio", True, allowed, "Either crop or pad: leave one of them out.")

    def __call__(self, sample: Any, rng: np.random.Generator | None = None) -> Any:
        """The sample with its image of shape (height, width, channels); the dtype stays."""
        return on_image(sample, self._resized)

    def _resized(self, image: Image) -> Image:
        if self.crop_to_aspect_ratio:
            image = largest_window(image, self.height, self.width)
        if self.pad_to_aspect_ratio:
            image = _padded(image, self.height, self.width, self.fill_value)
        if self.interpolation == "nearest":
            return _nearest(image, self.height, self.width)
        if self.interpolation == "bilinear" and not self.antialias:
            return through_opencv(image, lambda block: cv2.resize(block, (self.width, self.height)))
        return _weighted(image, self.height, self.width, self.interpolation, self.antialias)


def _padded(image: Image, height: int, width: int, fill_value: float) -> Image:
    rows, columns = image.shape[:2]
    above = (max(rows, int(columns * height / width)) - rows) // 2
    beside = (max(columns, int(rows * width / height)) - columns) // 2
    fill = cast_pixels(np.array([fill_value]), image.dtype)[0]
    return np.pad(image, ((above, above), (beside, beside), (0, 0)), constant_values=fill)


def _nearest(image: Image, height: int, width: int) -> Image:
    rows = ((np.arange(height) + 0.5) * image.shape[0] / height).astype(int)
    columns = ((np.arange(width) + 0.5) * image.shape[1] / width).astype(int)
    resized: Image = image[rows[:, None], columns]
    return resized


def _weighted(image: Image, height: int, width: int, interpolation: str, antialias: bool) -> Image:
    down = _weights(image.shape[0], height, interpolation, antialias)
    across = _weights(image.shape[1], width, interpolation, antialias)
    # (height, rows) x (rows, columns * channels), then (width, columns) x (height, columns, channels)
    rows = (down @ image.reshape(image.shape[0], -1)).reshape(height, *image.shape[1:])
    return cast_pixels(across @ rows, image.dtype)


@lru_cache(maxsize=64)
def _weights(old: int, new: int, interpolation: str, antialias: bool) -> NDArray[np.float32]:
    """The share of each old pixel in each new one, shape (new, old); each row sums to 1."""
    step = old / new
    centres = (np.arange(new) + 0.5) * step - 0.5
    distances = np.abs(centres[:, None] - np.arange(old)) / (max(step, 1.0) if antialias else 1.0)
    weights = _KERNELS[interpolation](distances)
    shares: NDArray[np.float32] = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return shares


def _triangle(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.maximum(0.0, 1.0 - distance)


def _cubic(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    # Keys' cubic with a = -1/2, as Pillow, JAX and TensorFlow have it; OpenCV has a = -3/4.
    near = (1.5 * distance - 2.5) * distance**2 + 1.0
    far = ((2.5 - 0.5 * distance) * distance - 4.0) * distance + 2.0
    return np.where(distance < 1, near, np.where(distance < 2, far, 0.0))


def _lanczos3(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(distance < 3, np.sinc(distance) * np.sinc(distance / 3), 0.0)


def _lanczos5(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(distance < 5, np.sinc(distance) * np.sinc(distance / 5), 0.0)


_KERNELS: dict[str, Kernel] = {
    "bilinear": _triangle,
    "bicubic": _cubic,
    "lanczos3": _lanczos3,
    "lanczos5": _lanczos5,
}
