"""Random erasing: a rectangle of the image is overwritten."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from amalthea.transforms._checks import Factor, bad, bounds, is_number, value_range
from amalthea.transforms._images import Image, cast_pixels, on_image


@dataclass(eq=False)
class RandomErasing:
    """Overwrites a random rectangle of the image, as `keras.layers.RandomErasing`.

    The method is from Zhong et al., https://arxiv.org/abs/1708.04896.

    Args:
        factor: Probability that an image is changed, 0 to 1: a number `f` draws it from 0 to f, a pair from
            between the two. `(1, 1)` changes each image.
        scale: The square of the rectangle's share of each side, 0 to 1, drawn for each side by itself. A
            number `s` means `(0, s)`.
        fill_value: What is written: a number, a number for each channel, or `None` for noise, normal with
            the largest pixel value as its standard deviation. Clipped to the value range.
        value_range: Smallest and largest pixel value.

    Raises:
        ConfigurationError: An argument is none of these.
    """

    factor: Factor = 1.0
    scale: Factor = (0.02, 0.33)
    fill_value: float | Sequence[float] | None = None
    value_range: Sequence[float] = field(default=(0, 255))

    def __post_init__(self) -> None:
        self._probabilities = bounds("factor", self.factor, 0, 1, symmetric=False)
        self._areas = bounds("scale", self.scale, 0, 1, symmetric=False)
        self._limits = value_range(self.value_range)
        _check_fill_value(self.fill_value)

    def __call__(self, sample: Any, rng: np.random.Generator) -> Any:
        """The sample with a rectangle of its image overwritten or not. Draws 7 numbers."""
        sides = np.sqrt(rng.uniform(*self._areas, size=2))
        places = rng.random(2)
        erases = rng.random() < rng.uniform(*self._probabilities)
        # The noise has a stream of its own, so that its amount moves nothing that is drawn later from rng.
        noise = np.random.default_rng(rng.integers(2**63))

        def erase(image: Image) -> Image:
            changed = image.copy()
            if erases:
                rows, columns = (span(*one) for one in zip(sides, places, image.shape[:2], strict=True))
                changed[rows, columns] = self._fill(changed[rows, columns].shape, noise, image)
            return changed

        return on_image(sample, erase)

    def _fill(self, shape: tuple[int, ...], noise: np.random.Generator, image: Image) -> Image:
        values: NDArray[np.float32]
        if self.fill_value is None:
            values = noise.standard_normal(shape, dtype=np.float32) * np.float32(self._limits[1])
        else:
            values = np.asarray(self.fill_value, dtype=np.float32)
            if values.ndim and len(values) != image.shape[2]:
                raise ValueError(
                    f"fill_value={self.fill_value!r} of RandomErasing has {len(values)} numbers, the image "
                    f"of shape {image.shape} has {image.shape[2]} channels. Give as many, or one number."
                )
        return cast_pixels(np.clip(values, *self._limits), image.dtype)


def span(share: float, place: float, pixels: int) -> slice:
    """A stretch of about `share` of the pixels, at `place` (0 to 1) between first and last."""
    size = share * pixels
    start = place * (pixels - size)
    return slice(math.ceil(start), math.ceil(start + size))


def _check_fill_value(value: Any) -> None:
    each = value if isinstance(value, list | tuple) else [0.0 if value is None else value]
    if not each or not all(map(is_number, each)):
        remedy = "Write fill_value=None for noise, or fill_value=0.0, for instance."
        raise bad("fill_value", value, "None, a number or a list of a number for each channel", remedy)
