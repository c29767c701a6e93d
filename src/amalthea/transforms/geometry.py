"""Transforms that move pixels: flip, rotation, zoom, translation."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from amalthea.transforms._checks import Factor, bounds, choice
from amalthea.transforms._warp import Matrix, Sampling, mirror, warp_sample

_MODES = ("horizontal", "vertical", "horizontal_and_vertical")


@dataclass(eq=False)
class RandomFlip:
    """Flips half of the images, as `keras.layers.RandomFlip`.

    Args:
        mode: `"horizontal"` (left-right), `"vertical"` (top-bottom) or `"horizontal_and_vertical"`: as in
            Keras both at once or none, which is a half turn. For independent flips use one transform of each.

    Raises:
        ConfigurationError: `mode` is none of these.

    Example:
        ```python
        flip = RandomFlip("horizontal")
        image = flip(np.zeros((4, 6, 3), "uint8"), np.random.default_rng(0))  # (4, 6, 3) uint8
        ```
    """

    mode: str = "horizontal_and_vertical"

    def __post_init__(self) -> None:
        choice("mode", self.mode, _MODES)

    @property
    def sampling(self) -> Sampling | None:
        """`None`: a flip reads nothing between pixels or outside, so it joins any warp."""
        return None

    def matrix(self, rng: np.random.Generator, height: int, width: int) -> Matrix:
        """Output pixel to input pixel, shape (3, 3); draws 1 number."""
        flip = rng.random() <= 0.5
        return mirror(flip and "horizontal" in self.mode, flip and "vertical" in self.mode, height, width)

    def __call__(self, sample: Any, rng: np.random.Generator) -> Any:
        """The sample with its image flipped or not; shape and dtype stay."""
        return warp_sample(sample, rng, [self])


@dataclass(eq=False)
class RandomRotation:
    """Rotates the image about its centre, as `keras.layers.RandomRotation`.

    Args:
        factor: Share of a full turn, -1 to 1. A number `f` means `(-f, f)`; positive is counter-clockwise.
        fill_mode: What lies outside: `"reflect"` (d c b a | a b c d | d c b a), `"constant"`, `"wrap"` or
            `"nearest"`.
        interpolation: `"bilinear"` or `"nearest"`.
        fill_value: What lies outside with `fill_mode="constant"`, in units of the pixels.

    Raises:
        ConfigurationError: An argument is none of these.
    """

    factor: Factor
    fill_mode: str = "reflect"
    interpolation: str = "bilinear"
    fill_value: float = field(default=0.0, kw_only=True)

    def __post_init__(self) -> None:
        self._turns = bounds("factor", self.factor, -1, 1, symmetric=True)
        self.sampling = Sampling(self.fill_mode, self.interpolation, self.fill_value)

    def matrix(self, rng: np.random.Generator, height: int, width: int) -> Matrix:
        """Output pixel to input pixel, shape (3, 3); draws 1 number."""
        angle = 2 * math.pi * rng.uniform(*self._turns)
        cos, sin = math.cos(angle), math.sin(angle)
        x, y = (width - 1) / 2, (height - 1) / 2
        return np.array([(cos, -sin, x - x * cos + y * sin), (sin, cos, y - x * sin - y * cos), (0, 0, 1)])

    def __call__(self, sample: Any, rng: np.random.Generator) -> Any:
        """The sample with its image rotated; shape and dtype stay."""
        return warp_sample(sample, rng, [self])


@dataclass(eq=False)
class RandomZoom:
    """Zooms about the centre of the image, as `keras.layers.RandomZoom`.

    Args:
        height_factor: Vertical zoom, -1 to 1: positive zooms out, negative in. A number `f` means `(-f, f)`.
        width_factor: Horizontal zoom; `None` keeps the aspect ratio.
        fill_mode: What lies outside: `"reflect"` (d c b a | a b c d | d c b a), `"constant"`, `"wrap"` or
            `"nearest"`.
        interpolation: `"bilinear"` or `"nearest"`.
        fill_value: What lies outside with `fill_mode="constant"`, in units of the pixels.

    Raises:
        ConfigurationError: An argument is none of these.
    """

    height_factor: Factor
    width_factor: Factor | None = None
    fill_mode: str = "reflect"
    interpolation: str = "bilinear"
    fill_value: float = field(default=0.0, kw_only=True)

    def __post_init__(self) -> None:
        self._height = bounds("height_factor", self.height_factor, -1, 1, symmetric=True)
        width = self.height_factor if self.width_factor is None else self.width_factor
        self._width = bounds("width_factor", width, -1, 1, symmetric=True)
        self.sampling = Sampling(self.fill_mode, self.interpolation, self.fill_value)

    def matrix(self, rng: np.random.Generator, height: int, width: int) -> Matrix:
        """Output pixel to input pixel, shape (3, 3); draws 2 numbers."""
        zoom_y, zoom_x = 1 + rng.uniform(*self._height), 1 + rng.uniform(*self._width)
        if self.width_factor is None:
            zoom_x = zoom_y
        x, y = (width - 1) / 2 * (1 - zoom_x), (height - 1) / 2 * (1 - zoom_y)
        return np.array([(zoom_x, 0, x), (0, zoom_y, y), (0, 0, 1)])

    def __call__(self, sample: Any, rng: np.random.Generator) -> Any:
        """The sample with its image zoomed; shape and dtype stay."""
        return warp_sample(sample, rng, [self])


@dataclass(eq=False)
class RandomTranslation:
    """Shifts the image, as `keras.layers.RandomTranslation`.

    Args:
        height_factor: Shift as a share of the height, -1 to 1, positive down. A number `f` means `(-f, f)`.
        width_factor: Shift as a share of the width, positive to the right.
        fill_mode: What lies outside: `"reflect"` (d c b a | a b c d | d c b a), `"constant"`, `"wrap"` or
            `"nearest"`.
        interpolation: `"bilinear"` or `"nearest"`.
        fill_value: What lies outside with `fill_mode="constant"`, in units of the pixels.

    Raises:
        ConfigurationError: An argument is none of these.
    """

    height_factor: Factor
    width_factor: Factor
    fill_mode: str = "reflect"
    interpolation: str = "bilinear"
    fill_value: float = field(default=0.0, kw_only=True)

    def __post_init__(self) -> None:
        self._height = bounds("height_factor", self.height_factor, -1, 1, symmetric=True)
        self._width = bounds("width_factor", self.width_factor, -1, 1, symmetric=True)
        self.sampling = Sampling(self.fill_mode, self.interpolation, self.fill_value)

    def matrix(self, rng: np.random.Generator, height: int, width: int) -> Matrix:
        """Output pixel to input pixel, shape (3, 3); draws 2 numbers."""
        down, right = height * rng.uniform(*self._height), width * rng.uniform(*self._width)
        return np.array([(1, 0, -right), (0, 1, -down), (0, 0, 1)])

    def __call__(self, sample: Any, rng: np.random.Generator) -> Any:
        """The sample with its image shifted; shape and dtype stay."""
        return warp_sample(sample, rng, [self])
