"""Crops of a given size, at a random place or in the centre."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from amalthea.transforms._images import Image, on_image
from amalthea.transforms._windows import window
from amalthea.transforms.resizing import Resizing


@dataclass(eq=False)
class RandomCrop:
    """Cuts a window out of the image at a random place, as `keras.layers.RandomCrop`, for each image anew.

    An image that is smaller than the window in any direction is resized instead: the largest centred part
    that has the window's aspect ratio.

    Args:
        height: Rows of the window, pixels.
        width: Columns of the window, pixels.
        interpolation: How it is resized, as in `Resizing`.

    Raises:
        ConfigurationError: A length is no whole number of 1 or more, or there is no such interpolation.
    """

    height: int
    width: int
    interpolation: str = field(default="bilinear", kw_only=True)

    def __post_init__(self) -> None:
        self._resizing = Resizing(self.height, self.width, interpolation=self.interpolation, crop_to_aspect_ratio=True)

    def __call__(self, sample: Any, rng: np.random.Generator) -> Any:
        """The sample with its image of shape (height, width, channels); the dtype stays. Draws 2 numbers."""
        down, right = rng.random(2)
        return on_image(sample, lambda image: _crop(image, self._resizing, down, right))


@dataclass(eq=False)
class CenterCrop:
    """Cuts the centre out of the image, as `keras.layers.CenterCrop`.

    An image that is smaller than the window in any direction is resized instead: the largest centred part
    that has the window's aspect ratio.

    Args:
        height: Rows of the window, pixels.
        width: Columns of the window, pixels.
        interpolation: How it is resized, as in `Resizing`.

    Raises:
        ConfigurationError: A length is no whole number of 1 or more, or there is no such interpolation.
    """

    height: int
    width: int
    interpolation: str = field(default="bilinear", kw_only=True)

    def __post_init__(self) -> None:
        self._resizing = Resizing(self.height, self.width, interpolation=self.interpolation, crop_to_aspect_ratio=True)

    def __call__(self, sample: Any, rng: np.random.Generator | None = None) -> Any:
        """The sample with its image of shape (height, width, channels); the dtype stays."""
        return on_image(sample, lambda image: _crop(image, self._resizing, None, None))


def _crop(image: Image, resizing: Resizing, down: float | None, right: float | None) -> Image:
    height, width = resizing.height, resizing.width
    rows, columns = image.shape[0] - height, image.shape[1] - width
    if rows < 0 or columns < 0:
        resized: Image = resizing(image)
        return resized
    return window(image, _start(rows, down), _start(columns, right), height, width).copy()


def _start(spare: int, share: float | None) -> int:
    """The first of `spare + 1` places at a share from 0 to 1 (excluded); the middle one without a share."""
    return spare // 2 if share is None else int(share * (spare + 1))
