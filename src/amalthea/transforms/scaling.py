"""Values to a scale that a model learns well from; the results are float32."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from amalthea.transforms import _fitting
from amalthea.transforms._checks import bad, floats, number
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
        self._scale = floats("scale", self.scale)
        self._offset = floats("offset", self.offset)

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
        self._mean, variance = floats("mean", self.mean), floats("variance", self.variance)
        if variance.shape != self._mean.shape or variance.ndim > len(self._kept):
            most = f"at most {len(self._kept)} axes, as axis={self.axis!r}"
            allowed = f"of mean's shape {self._mean.shape}, with {most}"
            raise bad("variance", self.variance, allowed, "Give both a number, or one for each channel.")
        if (variance < 0).any():
            raise bad("variance", self.variance, "0 or more", "Give variances, squares of deviations.")
        self._deviation = np.maximum(np.sqrt(variance), _SMALLEST_DEVIATION)

    @classmethod
    def fit(
        cls,
        data: Any,
        axis: int | tuple[int, ...] | None = -1,
        *,
        scale: bool = True,
        transform: Any = None,
        rounds: int = 1,
        seed: int = 0,
    ) -> Self:
        """The normalization of the images of a source to mean 0 and variance 1; it is read once, in bounded memory.

        As `featurewise_center` of the legacy `ImageDataGenerator` with `scale=False`, and with
        `featurewise_std_normalization` otherwise.

        Args:
            data: An array of shape (images, height, width, channels), a memory map, or any source of images or of
                samples that begin with one, which may differ in size for `axis=-1` and `None`.
            axis: As for `Normalization`.
            scale: Whether to divide by the deviation; otherwise the variance is set to 1.
            transform: What is done to each sample before it is counted, `Rescaling(1 / 255)` for instance, or a
                `Compose` that augments it too.
            rounds: How often the data are read, for a transform that is random.
            seed: Decides what the transform draws.

        Raises:
            ConfigurationError: An argument cannot be used, or the images differ along `axis`.
            SampleError: A sample cannot be read, or has no image.

        Example:
            ```python
            images = np.random.default_rng(0).integers(0, 256, (100, 8, 8, 3), "uint8")
            normalize = Normalization.fit(images)
            image = normalize(images[0])  # (8, 8, 3) float32, about 0
            ```
        """
        moments = _fitting.Moments(_axes(axis), _fitting.squares)
        for block in _fitting.blocks(data, transform, rounds, seed):
            moments.add(block)
        mean = moments.mean.reshape(moments.shape)
        variance = (moments.spread / moments.count).reshape(moments.shape)
        return cls(mean, variance if scale else np.ones_like(variance), axis)

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


@dataclass(eq=False)
class SampleNormalization:
    """`(image - mean) / (deviation + epsilon)` by the image's own mean and deviation, over all of its values.

    As `samplewise_center` and `samplewise_std_normalization` of the legacy `ImageDataGenerator`.

    Args:
        center: Whether the mean is subtracted.
        scale: Whether it is divided by the deviation.
        epsilon: Added to the deviation, which is 0 for an image of one colour.

    Raises:
        ConfigurationError: `epsilon` is no number above 0, or there is nothing to do.

    Example:
        ```python
        normalize = SampleNormalization()
        image = normalize(np.arange(12, dtype="uint8").reshape(2, 2, 3))  # float32, mean 0, deviation 1
        ```
    """

    center: bool = True
    scale: bool = True
    epsilon: float = 1e-6

    def __post_init__(self) -> None:
        if not number("epsilon", self.epsilon) > 0:
            raise bad("epsilon", self.epsilon, "a number above 0", "Write epsilon=1e-6, for instance.")
        if not self.center and not self.scale:
            raise bad("scale", self.scale, "True where center is False", "Leave SampleNormalization out.")

    def __call__(self, sample: Any, rng: np.random.Generator | None = None) -> Any:
        """The sample with its image normalized, float32; the shape stays."""

        def normalize(image: Image) -> Image:
            values = image.astype(np.float32)
            mean, deviation = values.mean(dtype=np.float64), values.std(dtype=np.float64)
            if self.center:
                values -= np.float32(mean)
            if self.scale:
                values /= np.float32(deviation + self.epsilon)
            return values

        return on_image(sample, normalize)


def _axes(axis: Any) -> tuple[int, ...]:
    """The axes of one image, ascending, that stand for Keras' axes of a batch of images."""
    axes = () if axis is None else axis if isinstance(axis, list | tuple) else (axis,)
    if not all(isinstance(a, int) and (-3 <= a <= -1 or 1 <= a <= 3) for a in axes):
        remedy = "Write axis=-1 for statistics of each channel."
        raise bad("axis", axis, "None, or -3 to -1 or 1 to 3 (0 is the batch), or a tuple of these", remedy)
    return tuple(sorted({(a - 1) % 3 if a > 0 else a + 3 for a in axes}))
