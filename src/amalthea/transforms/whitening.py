"""Whitening: the values of an image made independent of each other, over all images."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from amalthea._shared import shared_empty
from amalthea._units import as_bytes
from amalthea.errors import ConfigurationError
from amalthea.sources._cache_room import free_memory
from amalthea.transforms import _fitting
from amalthea.transforms._checks import bad, floats, is_number
from amalthea.transforms._images import Image, on_image

# Matrices of float64 that there are while the eigenvectors are computed.
_MATRICES = 5

# What has a smaller share of the largest deviation than this is rounding of the data, which are float32 at best.
_SMALLEST_SHARE = 1e-6


@dataclass(eq=False)
class ZCAWhitening:
    """`matrix @ (image - mean)` in float32, as `zca_whitening` of the legacy `ImageDataGenerator`.

    The image is one vector of all its values. Over the images that it was fitted to, the results are uncorrelated and
    have the variance 1, and they are as near to the images as such can be.

    Args:
        mean: A number, or one for each channel.
        matrix: Shape (values, values), where an image has height x width x channels values.

    Raises:
        ConfigurationError: An argument is none of these.

    Example:
        ```python
        images = np.random.default_rng(0).normal(100, 20, (500, 4, 4, 3)).astype("float32")
        whiten = ZCAWhitening.fit(images)
        image = whiten(images[0])  # (4, 4, 3) float32
        ```
    """

    mean: ArrayLike
    matrix: ArrayLike = field(repr=False)

    def __post_init__(self) -> None:
        self._mean, self._matrix = floats("mean", self.mean), floats("matrix", self.matrix)
        if self._mean.ndim > 1:
            raise bad(
                "mean", self.mean, "a number or one for each channel", "Write mean=[124, 117, 104], for instance."
            )
        shape = self._matrix.shape
        if len(shape) != 2 or shape[0] != shape[1]:
            remedy = "Make it by ZCAWhitening.fit(images)."
            raise bad("matrix", self.matrix, "of shape (values, values), of all values of an image", remedy)

    @classmethod
    def fit(cls, data: Any, *, epsilon: float = 1e-6, transform: Any = None, rounds: int = 1, seed: int = 0) -> Self:
        """The whitening of the images of a source, which is read once.

        It holds two matrices of (values, values) in float64 while it reads, then five: images of 32 x 32 x 3 take
        0.4 GB, those of 64 x 64 x 3 6 GB. The time grows with the cube of the values.

        Args:
            data: An array of shape (images, height, width, channels), a memory map, or any source of images of one
                size or of samples that begin with one.
            epsilon: The larger, the less is done to what hardly varies. It is `zca_epsilon`: added to the singular
                values of all images, which are their deviations times the square root of their number.
            transform: What is done to each sample before it is counted, `Rescaling(1 / 255)` for instance, or a
                `Compose` that augments it too.
            rounds: How often the data are read, for a transform that is random.
            seed: Decides what the transform draws.

        Returns:
            A whitening whose matrix is float32, in memory that worker processes share.

        Raises:
            ConfigurationError: An argument cannot be used, the images differ in shape, or there is no memory.
            SampleError: A sample cannot be read, or has no image.
        """
        if not is_number(epsilon) or not 0 <= epsilon < np.inf:
            raise bad("epsilon", epsilon, "a number, 0 or more", "Write epsilon=1e-6, for instance.")
        moments = _fitting.Moments((0, 1, 2), _fitting.scatter)
        for block in _fitting.blocks(data, transform, rounds, seed):
            if not moments.count:
                _check_memory(block.shape[1:])
            moments.add(block)
        means = moments.mean.reshape(moments.shape)
        mean = means.mean(axis=(0, 1))
        off = (means - mean).ravel()
        covariance = moments.spread
        covariance /= moments.count
        covariance += np.outer(off, off)  # about the mean of the channel, not of each pixel, as in Keras
        return cls(mean, _whitening(covariance, float(epsilon) / math.sqrt(moments.count)))

    def __call__(self, sample: Any, rng: np.random.Generator | None = None) -> Any:
        """The sample with its image whitened, float32; the shape stays.

        Raises:
            ValueError: The image is not of the size that the matrix is for.
        """
        return on_image(sample, self._whitened)

    def _whitened(self, image: Image) -> Image:
        if image.size != len(self._matrix) or self._mean.size not in (1, image.shape[2]):
            raise ValueError(
                f"The matrix of ZCAWhitening has shape {self._matrix.shape}, its mean {self._mean.shape}; an image of "
                f"shape {image.shape} needs {(image.size, image.size)} and {image.shape[2:]}. Fit it to images of "
                "the size that it is given."
            )
        centred = (image.astype(np.float32) - self._mean).ravel()
        # Not BLAS: its sums depend on the number of its threads, and worker processes have fewer.
        whitened: Image = np.einsum("ij,j->i", self._matrix, centred).reshape(image.shape)
        return whitened


def _whitening(covariance: NDArray[np.float64], epsilon: float) -> NDArray[np.float32]:
    """The symmetric matrix that whitens values of this covariance, in memory that processes share."""
    variances, directions = np.linalg.eigh(covariance)
    deviations = np.sqrt(np.maximum(variances, 0))
    known = deviations > _SMALLEST_SHARE * deviations[-1]
    directions = directions[:, known]
    size = len(covariance)
    matrix: NDArray[np.float32] = shared_empty(size * size, np.float32).reshape(size, size)
    matrix[...] = (directions / (deviations[known] + epsilon)) @ directions.T
    return matrix


def _check_memory(shape: tuple[int, ...]) -> None:
    """Raises ConfigurationError if the covariance of the values of such an image does not fit into memory."""
    size, free = math.prod(shape), free_memory()
    needed = _MATRICES * 8 * size**2
    if free is not None and needed > free:
        raise ConfigurationError(
            f"data cannot be used: images of shape {shape} have {size:,} values, and to whiten them takes "
            f"{as_bytes(needed)} of memory; {as_bytes(free)} are free. Make them smaller, by "
            "transform=Resizing(32, 32) for instance."
        )
