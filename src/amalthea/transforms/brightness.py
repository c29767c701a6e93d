"""Brightness: one shift or one factor for all values of an image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from amalthea.transforms._checks import Factor, bad, bounds, is_pair, value_range
from amalthea.transforms._images import Image, on_image, pointwise

# The largest pixel value: that of 16 bits.
_LARGEST = 65535


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


@dataclass(eq=False)
class RandomGain:
    """Multiplies all pixels by one random number, as `brightness_range` of the legacy `ImageDataGenerator`.

    Args:
        factor: The smallest and the largest multiplier, 0 or more: below 1 is darker, above 1 brighter.
        value_range: Smallest and largest pixel value; the result is clipped to it.

    Raises:
        ConfigurationError: An argument is none of these.

    Example:
        ```python
        gain = RandomGain((0.5, 0.5))
        image = gain(np.full((4, 6, 3), 100, "uint8"), np.random.default_rng(0))  # all 50
        ```
    """

    factor: Sequence[float]
    value_range: Sequence[float] = (0, 255)

    def __post_init__(self) -> None:
        if not is_pair(self.factor) or not all(0 <= number <= _LARGEST for number in self.factor):
            allowed = f"a pair of numbers from 0 to {_LARGEST}"
            raise bad("factor", self.factor, allowed, "Write factor=(0.8, 1.2), for instance.")
        self._multipliers = min(self.factor), max(self.factor)
        self._limits = value_range(self.value_range)

    def __call__(self, sample: Any, rng: np.random.Generator) -> Any:
        """The sample with its image brighter or darker; shape and dtype stay. Draws 1 number."""
        multiplier = rng.uniform(*self._multipliers)

        def amplify(image: Image) -> Image:
            return pointwise(image, lambda values: np.clip(values * multiplier, *self._limits))

        return on_image(sample, amplify)


@dataclass(eq=False)
class RandomChannelShift:
    """Adds one random number to all values, as `channel_shift_range` of the legacy `ImageDataGenerator`.

    It differs from `RandomBrightness` in its units, and in that the result is clipped to the smallest and the
    largest value that the image itself has.

    Args:
        factor: What is added, in units of the pixels, -65535 to 65535. A number `f` means `(-f, f)`.

    Raises:
        ConfigurationError: `factor` is none of these.

    Example:
        ```python
        shift = RandomChannelShift((10, 10))
        image = shift(np.array([[[0], [100], [200]]], "uint8"), np.random.default_rng(0))  # 10, 110, 200
        ```
    """

    factor: Factor

    def __post_init__(self) -> None:
        self._shifts = bounds("factor", self.factor, -_LARGEST, _LARGEST, symmetric=True)

    def __call__(self, sample: Any, rng: np.random.Generator) -> Any:
        """The sample with its image shifted; shape and dtype stay. Draws 1 number."""
        shift = rng.uniform(*self._shifts)

        def shifted(image: Image) -> Image:
            lowest, highest = float(image.min()), float(image.max())
            return pointwise(image, lambda values: np.clip(values + shift, lowest, highest))

        return on_image(sample, shifted)
