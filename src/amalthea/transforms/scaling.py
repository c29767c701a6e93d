"""Values to a scale that a model learns well from; the results are float32."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from amalthea.transforms._checks import bad
from amalthea.transforms._images import Image, on_image

# keras.config.epsilon() as Keras sets it: the smallest deviation that is divided by.
_SMALLEST_DEVIATION = np.float32(1e-7)


@dataclass(eq=False)
class Rescaling:
    """`image * scale + offset` in float32, as `keras.layers.Rescaling`.

    Args:
        scale: A number, or an array that broadcasts to the image.
        offset: A number, or an array that broadcasts to the image.

    Raises:
        ConfigurationError: An argument is no number or array of numbers.
    """

    scale: ArrayLike
    offset: ArrayLike = 0.0

    def __post_init__(self) -> None:
        self._scale = _floats("scale", self.scale)
        self._offset = _floats("offset", self.offset)

    def __call__(self, sample: Any, rng: np.random.Generator | None = None) -> Any:
        """The sample with its image rescaled, float32; the shape stays."""

        def rescale(image: Image) -> Image:
            values = image.astype(np.float32)
            values *= self._scale
            values += self._offset
            return values

        return on_image(sample, rescale)


@dataclass(eq=False)
class Normalization:
    """`(image - mean) / sqrt(variance)` in float32, as `keras.layers.Normalization` with given statistics.

    Args:
        mean: A number, or as many as there are indices along `axis`.
        variance: As `mean`.
        axis: The axis, or axes, that have statistics for each index, numbered as in Keras: -1 is the
            channels, and positive numbers count the batch as axis 0, so that the rows are axis 1. `None`
            means one mean and one variance for the whole image.

    Raises:
        ConfigurationError: An argument is none of these, or `mean` and `variance` differ in shape.

    Example:
        ```python
        normalize = Normalization(mean=[124, 117, 104], variance=[3410, 3260, 3390])
        image = normalize(np.zeros((8, 8, 3), "uint8"))  # (8, 8, 3) float32
        ```
    """

    mean: ArrayLike
    variance: ArrayLike
    axis: int | tuple[int, ...] | None = -1

    def __post_init__(self) -> None:
        self._kept = _axes(self.axis)
        self._mean, variance = _floats("mean", self.mean), _floats("variance", self.variance)
        if variance.shape != self._mean.shape or variance.ndim > len(self._kept):
            most = f"at most {len(self._kept)} axes, as axis={self.axis!r}"
            allowed = f"of mean's shape {self._mean.shape}, with {most}"
            raise bad("variance", self.variance, allowed, "Give both a number, or one for each channel.")
        if (variance < 0).any():
            raise bad("variance", self.variance, "0 or more", "Give variances, squares of deviations.")
        self._deviation = np.maximum(np.sqrt(variance), _SMALLEST_DEVIATION)

    def __call__(self, sample: Any, rng: np.random.Generator | None = None) -> Any:
        """The sample with its image normalized, float32; the shape stays."""

        def normalize(image: Image) -> Image:
            kept = [size if axis in self._kept else 1 for axis, size in enumerate(image.shape)]
            values = image.astype(np.float32)
            values -= self._along(self._mean, kept, image)
            values /= self._along(self._deviation, kept, image)
            return values

        return on_image(sample, normalize)

    def _along(self, statistic: NDArray[np.float32], kept: list[int], image: Image) -> NDArray[np.float32]:
        sizes = [image.shape[axis] for axis in self._kept]
        try:
            return np.broadcast_to(statistic, sizes).reshape(kept)
        except ValueError as error:
            raise ValueError(
                f"The mean and variance of Normalization have shape {statistic.shape}; axis={self.axis!r} of "
                f"an image of shape {image.shape} needs {tuple(sizes)}. Give one number for each index."
            ) from error


def _floats(name: str, value: ArrayLike) -> NDArray[np.float32]:
    try:
        return np.asarray(value, dtype=np.float32)
    except (TypeError, ValueError) as error:
        remedy = f"Write {name}=0.5, for instance."
        raise bad(name, value, "a number or an array of numbers", remedy) from error


def _axes(axis: Any) -> tuple[int, ...]:
    """The axes of one image, ascending, that stand for Keras' axes of a batch of images."""
    axes = () if axis is None else axis if isinstance(axis, list | tuple) else (axis,)
    if not all(isinstance(a, int) and (-3 <= a <= -1 or 1 <= a <= 3) for a in axes):
        remedy = "Write axis=-1 for statistics of each channel."
        raise bad("axis", axis, "None, or -3 to -1 or 1 to 3 (0 is the batch), or a tuple of these", remedy)
    return tuple(sorted({(a - 1) % 3 if a > 0 else a + 3 for a in axes}))
