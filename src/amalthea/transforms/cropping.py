"""Crops of a given size, at a random place or in the centre."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from amalthea.transforms._checks import length
from amalthea.transforms._images import Image, on_image
from amalthea.transforms._windows import window
from amalthea.transforms.resizing import Resizing


@dataclass(eq=False)
class RandomCrop:
    """Cuts a window out of the image at a random place, as `keras.layers.RandomCrop`, for each image anew.

    An image that is smaller than the window in any direction is resized instead: the largest centred part
    that has the window's aspect ratio, bilinear.

    Args:
        height: Rows of the window, pixels.
        width: Columns of the window, pixels.

    Raises:
        ConfigurationError: A length is no whole number of 1 or more.
    """

    height: int
    width: int

    def __post_init__(self) -> None:
        length("height", self.height)
        length("width", self.width)

    def __call__(self, sample: Any, rng: np.random.Generator) -> Any:
        """The sample with its image of shape (height, width, channels); the dtype stays. Draws 2 numbers."""
        down, right = rng.random(2)
        return on_image(sample, lambda image: _crop(image, self.height, self.width, down, right))


@dataclass(eq=False)
class CenterCrop:
    """Cuts the centre out of the image, as `keras.layers.CenterCrop`.

    An image that is smaller than the window in any direction is resized instead: the largest centred part
    that has the window's aspect ratio, bilinear.

    Args:
        height: Rows of the window, pixels.
        width: Columns of the window, pixels.

    Raises:
        ConfigurationError: A length is no whole number of 1 or more.
    """

    height: int
    width: int

    def __post_init__(self) -> None:
        length("height", self.height)
        length("width", self.width)

    def __call__(self, sample: Any, rng: np.random.Generator | None = None) -> Any:
        """The sample with its image of shape (height, width, channels); the dtype stays."""
        return on_image(sample, lambda image: _crop(image, self.height, self.width, None, None))


def _crop(image: Image, height: int, width: int, down: float | None, right: float | None) -> Image:
    rows, columns = image.shape[0] - height, image.shape[1] - width
    if rows < 0 or columns < 0:
        resized: Image = Resizing(height, width, crop_to_aspect_ratio=True)(image)
        return resized
    return window(image, _start(rows, down), _start(columns, right), height, width).copy()


def _start(spare: int, share: float | None) -> int:
    """The first of `spare + 1` places at a share from 0 to 1 (excluded); the middle one without a share."""
    return spare // 2 if share is None else int(share * (spare + 1))
