"""Brightness: one shift for all values of an image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from amalthea.transforms._checks import Factor, bounds, value_range
from amalthea.transforms._images import Image, on_image, pointwise


@dataclass(eq=False)
class RandomBrightness:
    """Adds one random number to all pixels, as `keras.layers.RandomBrightness`.

    Args:
        factor: What is added, as a share of the value range, -1 to 1. A number `f` means `(-f, f)`.
        value_range: Smallest and largest pixel value; the result is clipped to it.

    Raises:
        ConfigurationError: An argument is none of these.
    """

    factor: Factor
    value_range: Sequence[float] = (0, 255)

    def __post_init__(self) -> None:
        self._shares = bounds("factor", self.factor, -1, 1, symmetric=True)
        self._limits = value_range(self.value_range)

    def __call__(self, sample: Any, rng: np.random.Generator) -> Any:
        """The sample with its image brighter or darker; shape and dtype stay. Draws 1 number."""
        lowest, highest = self._limits
        shift = rng.uniform(*self._shares) * (highest - lowest)

        def brighten(image: Image) -> Image:
            return pointwise(image, lambda values: np.clip(values + shift, lowest, highest))

        return on_image(sample, brighten)
