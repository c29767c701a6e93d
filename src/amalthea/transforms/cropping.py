"""Crops of a given size, at a random place or in the centre."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from amalthea.transforms._images import Image, on_image
from amalthea.transforms._windows import window
from amalthea.transforms.resizing import Resizing


@dataclass(eq=False)
class _Crop:
    """A window of a given size."""

    height: int
    width: int
    interpolation: str = field(default="bilinear", kw_only=True)

    def __post_init__(self) -> None:
        self._resizing = Resizing(self.height, self.width, interpolation=self.interpolation, crop_to_aspect_ratio=True)

    def _cut(self, image: Image, down: float | None = None, right: float | None = None) -> Image:
        """The window at these shares of the room that there is for it; in the middle without them."""
        rows, columns = image.shape[0] - self.height, image.shape[1] - self.width
        if rows < 0 or columns < 0:
            resized: Image = self._resizing(image)
            return resized
        return window(image, _start(rows, down), _start(columns, right), self.height, self.width).copy()


class RandomCrop(_Crop):
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

    def __call__(self, sample: Any, rng: np.random.Generator) -> Any:
        """The sample with its image of shape (height, width, channels); the dtype stays. Draws 2 numbers."""
        down, right = rng.random(2)
        return on_image(sample, lambda image: self._cut(image, down, right))


class CenterCrop(_Crop):
    """Cuts the centre out of the image, as `keras.layers.CenterCrop`; what is smaller is resized as in `RandomCrop`.

    Args:
        height: As in `RandomCrop`.
        width: As in `RandomCrop`.
        interpolation: As in `RandomCrop`.

    Raises:
        ConfigurationError: As in `RandomCrop`.
    """

    def __call__(self, sample: Any, rng: np.random.Generator | None = None) -> Any:
        """The sample with its image of shape (height, width, channels); the dtype stays."""
        return on_image(sample, self._cut)


def _start(spare: int, share: float | None) -> int:
    """The first of `spare + 1` places at a share from 0 to 1 (excluded); the middle one without a share."""
    return spare // 2 if share is None else int(share * (spare + 1))
