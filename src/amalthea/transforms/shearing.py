"""Transforms that shear: the rows or columns of an image slide along each other."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from amalthea.transforms._checks import Factor, bounds
from amalthea.transforms._warp import Matrix, Sampling, warp_sample


@dataclass(eq=False)
class RandomShear:
    """Shears the image about its upper left pixel, as `keras.layers.RandomShear`.

    Args:
        x_factor: Horizontal shear in pixels per row, 0 to 1. A number `f` means `(-f, f)`. Half of the
            images are sheared the other way, in both directions at once.
        y_factor: Vertical shear in pixels per column.
        interpolation: `"bilinear"` or `"nearest"`.
        fill_mode: What lies outside: `"reflect"` (d c b a | a b c d | d c b a), `"constant"`, `"wrap"` or
            `"nearest"`.
        fill_value: What lies outside with `fill_mode="constant"`, in units of the pixels.

    Raises:
        ConfigurationError: An argument is none of these.
    """

    x_factor: Factor = 0.0
    y_factor: Factor = 0.0
    interpolation: str = "bilinear"
    fill_mode: str = "reflect"
    fill_value: float = 0.0

    def __post_init__(self) -> None:
        self._x = bounds("x_factor", self.x_factor, 0, 1, symmetric=True)
        self._y = bounds("y_factor", self.y_factor, 0, 1, symmetric=True)
        self.sampling = Sampling(self.fill_mode, self.interpolation, self.fill_value)

    def matrix(self, rng: np.random.Generator, height: int, width: int) -> Matrix:
        """Output pixel to input pixel, shape (3, 3), whatever the size; draws 3 numbers."""
        sign = -1.0 if rng.random() > 0.5 else 1.0
        y, x = sign * rng.uniform(*self._y), sign * rng.uniform(*self._x)
        return np.array([(1, x, 0), (y, 1, 0), (0, 0, 1)])

    def __call__(self, sample: Any, rng: np.random.Generator) -> Any:
        """The sample with its image sheared; shape and dtype stay."""
        return warp_sample(sample, rng, [self])


@dataclass(eq=False)
class RandomShearAngle:
    """Shears the image about its centre by an angle, as `shear_range` of the legacy `ImageDataGenerator`.

    A pixel `y` below the centre is read `sin(angle) * y` to the left and `cos(angle) * y` below it.

    Args:
        factor: Angle in degrees, -360 to 360. A number `f` means `(-f, f)`.
        fill_mode: What lies outside: `"reflect"` (d c b a | a b c d | d c b a), `"constant"`, `"wrap"` or
            `"nearest"`.
        interpolation: `"bilinear"` or `"nearest"`.
        fill_value: What lies outside with `fill_mode="constant"`, in units of the pixels.

    Raises:
        ConfigurationError: An argument is none of these.

    Example:
        ```python
        shear = RandomShearAngle((20, 20), fill_mode="nearest")  # 20 degrees, always
        image = shear(np.zeros((4, 6, 3), "uint8"), np.random.default_rng(0))  # (4, 6, 3) uint8
        ```
    """

    factor: Factor
    fill_mode: str = "reflect"
    interpolation: str = "bilinear"
    fill_value: float = field(default=0.0, kw_only=True)

    def __post_init__(self) -> None:
        self._degrees = bounds("factor", self.factor, -360, 360, symmetric=True)
        self.sampling = Sampling(self.fill_mode, self.interpolation, self.fill_value)

    def matrix(self, rng: np.random.Generator, height: int, width: int) -> Matrix:
        """Output pixel to input pixel, shape (3, 3), whatever the width; draws 1 number."""
        angle = math.radians(rng.uniform(*self._degrees))
        cos, sin, y = math.cos(angle), math.sin(angle), (height - 1) / 2
        return np.array([(1, -sin, y * sin), (0, cos, y - y * cos), (0, 0, 1)])

    def __call__(self, sample: Any, rng: np.random.Generator) -> Any:
        """The sample with its image sheared; shape and dtype stay."""
        return warp_sample(sample, rng, [self])
