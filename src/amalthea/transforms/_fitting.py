"""Statistics of all images of a source, which is read block by block."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from amalthea._checks import check_int
from amalthea._progress import progress
from amalthea._trees import as_sample
from amalthea.errors import ConfigurationError, SampleError
from amalthea.sources._reading import by_place, draw, is_random, name_of
from amalthea.transforms._checks import bad
from amalthea.transforms._images import Image, image_of

Floats = NDArray[np.float64]
Product = Callable[[Floats], Floats]

# Of the float64 copies of the images that are counted at once.
BLOCK_BYTES = 1 << 25


class Moments:
    """The means of images, and the sum of the products of what differs from them, in float64.

    Blocks of images are merged as Chan, Golub and LeVeque do: each about its own mean. Sums of squares would lose all
    digits where the values are large beside their spread.

    Args:
        kept: The axes of an image, ascending, that have a mean for each index: features are what they number.
        product: `squares` or `scatter`.

    Attributes:
        count: Values of each feature so far.
        shape: Sizes of the axes kept.
        mean: Shape (features,).
        spread: What `product` makes of all values less their mean.
    """

    def __init__(self, kept: tuple[int, ...], product: Product) -> None:
        self._kept, self._product = kept, product
        self.count = 0
        self.shape: tuple[int, ...] = ()
        self.mean: Floats = np.zeros(0)
        self.spread: Floats = np.zeros(0)

    def add(self, block: Floats) -> None:
        """Takes images of shape (images, height, width, channels) in.

        Raises:
            ConfigurationError: They have other sizes along the axes kept than those before.
        """
        rows = self._rows(block)
        mean = rows.mean(axis=0)
        if not self.count:
            self.count, self.mean, self.spread = len(rows), mean, self._product(rows - mean)
            return
        total, step = self.count + len(rows), mean - self.mean
        between = step * np.sqrt(self.count * len(rows) / total)
        self.spread += self._product(np.concatenate([rows - mean, between[None]]))
        self.mean += step * (len(rows) / total)
        self.count = total

    def _rows(self, block: Floats) -> Floats:
        """The values of the block, shape (rows, features)."""
        shape = tuple(block.shape[axis + 1] for axis in self._kept)
        if self.count and shape != self.shape:
            raise ConfigurationError(
                f"data cannot be used: its images differ in shape, {self.shape} and {shape} along the axes that have "
                "statistics of their own. Bring them to one size, by transform=Resizing(32, 32) for instance."
            )
        self.shape = shape
        others = [axis for axis in range(4) if axis - 1 not in self._kept]
        features = math.prod(shape)
        return block.transpose(*others, *(axis + 1 for axis in self._kept)).reshape(-1, features)


def squares(rows: Floats) -> Floats:
    """The sum of the squares of each feature, shape (features,)."""
    sums: Floats = np.einsum("ij,ij->j", rows, rows)
    return sums


def scatter(rows: Floats) -> Floats:
    """The sum of the products of all pairs of features, shape (features, features)."""
    return rows.T @ rows


def blocks(data: Any, transform: Any, rounds: int, seed: int) -> Iterator[Floats]:
    """The images of a source, stacked as far as they are of one shape.

    Args:
        data: Images, or samples that begin with one, by index.
        transform: What is done to each sample first, or `None`.
        rounds: How often all of them are read.
        seed: Decides what the transform draws.

    Yields:
        Shape (images, height, width, channels), of `BLOCK_BYTES` or of one image.

    Raises:
        ConfigurationError: An argument cannot be used.
        SampleError: A sample cannot be read, or has no image.
    """
    source = _checked(data, transform)
    rounds, seed = check_int("rounds", rounds, minimum=1), check_int("seed", seed, minimum=0)
    with progress("Fitting", total=rounds * len(source)) as advance:
        for block in _stacked(_images(source, transform, rounds, seed)):
            yield block
            advance(len(block))


def _checked(data: Any, transform: Any) -> Any:
    source = by_place(data)
    readable = hasattr(source, "__len__") and hasattr(source, "__getitem__") and not isinstance(source, dict)
    if not readable or not len(source):
        remedy = "Give the images of the training part: an array, or the `source` of a loader."
        raise bad("data", data, "an array of images, or a source of some, one at least", remedy)
    if transform is not None and not callable(transform):
        remedy = "Write transform=Rescaling(1 / 255), for instance."
        raise bad("transform", transform, "a function (sample, rng) -> sample, or None", remedy)
    return source


def _images(source: Any, transform: Any, rounds: int, seed: int) -> Iterator[Image]:
    for turn in range(rounds):
        for index in range(len(source)):
            yield _image(source, index, transform, [seed, turn, index])


def _image(source: Any, index: int, transform: Any, seed: list[int]) -> Image:
    stage = "source"
    try:
        if transform is None and not is_random(source):
            return _finite(image_of(as_sample(source[index])))
        rng = np.random.default_rng(seed)
        sample = as_sample(draw(source, index, rng))
        stage = "transform"
        return _finite(image_of(sample if transform is None else transform(sample, rng)))
    except Exception as error:  # whatever somebody's source raises
        name = name_of(source)
        reason = f"{type(error).__name__}: {error}"
        raise SampleError(index, stage, reason, None if name is None else str(name(index))) from error


def _stacked(images: Iterable[Image]) -> Iterator[Floats]:
    block: list[Image] = []
    for image in images:
        if block and (image.shape != block[0].shape or (len(block) + 1) * image.size * 8 > BLOCK_BYTES):
            yield np.stack(block, dtype=np.float64)
            block = []
        block.append(image)
    yield np.stack(block, dtype=np.float64)


def _finite(image: Image) -> Image:
    if not np.isfinite(image).all():
        raise ValueError("the image holds values that are infinite or not a number; leave it out of `data`")
    return image
