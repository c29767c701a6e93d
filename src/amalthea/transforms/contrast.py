"""Contrast: the distance of each value from the mean of its channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from amalthea.transforms._checks import Factor, bounds, value_range
from amalthea.transforms._images import Image, channel_blocks, on_image, pointwise


@dataclass(eq=False)
class RandomContrast:
    """Multiplies the distance from the channel's mean by a random number, as `keras.layers.RandomContrast`.

    Args:
        factor: A number `f` from 0 to 1 draws the multiplier from 1 - f to 1 + f, as Keras documents it; a
            pair `(lower, upper)` from 1 - lower to 1 + upper.
        value_range: Smallest and largest pixel value; the result is clipped to it.

    Raises:
        ConfigurationError: An argument is none of these.
    """

    factor: Factor
    value_range: Sequence[float] = (0, 255)

    def __post_init__(self) -> None:
        bounds("factor", self.factor, 0, 1, symmetric=False)
        less, more = self.factor if isinstance(self.factor, Sequence) else (self.factor, self.factor)
        self._multipliers = 1 - less, 1 + more
        self._limits = value_range(self.value_range)

    def __call__(self, sample: Any, rng: np.random.Generator) -> Any:
        """The sample with its image's contrast changed; shape and dtype stay. Draws 1 number."""
        multiplier = rng.uniform(*self._multipliers)

        def stretch(image: Image) -> Image:
            mean, limits = channel_means(image), self._limits
            return pointwise(image, lambda values: np.clip((values - mean) * multiplier + mean, *limits))

        return on_image(sample, stretch)


def channel_means(image: Image) -> NDArray[np.float32]:
    """The mean of each channel, shape (channels,)."""
    known = image if image.dtype in (np.uint8, np.float32, np.float64) else image.astype(np.float32)
    means = [cv2.mean(block)[: block.shape[2]] for block in channel_blocks(known)]
    return np.concatenate(means).astype(np.float32)
