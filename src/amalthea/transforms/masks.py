"""Transforms of an image and of its mask, a picture of class numbers, alike."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from amalthea.transforms._checks import bad
from amalthea.transforms._images import Image
from amalthea.transforms._warp import Geometric, Warp, as_warp
from amalthea.transforms.compose import Compose, Transform
from amalthea.transforms.cropping import CenterCrop, RandomCrop
from amalthea.transforms.resizing import Resizing

LARGEST = 65535  # OpenCV computes in floats, which hold integers of 16 bits exactly


@dataclass(eq=False)
class WithMask:
    """Moves the mask of an image as its image is moved.

    What moves pixels, the geometric transforms, the crops and `Resizing`, draws once and is done to both: the mask
    has no values between its own, so it is read with `"nearest"`. Brightness, contrast, erasing and scaling leave the
    mask alone, and so does any function that is not of this module.

    Args:
        transform: What is done to the image.
        fill_value: Class of what lies outside of a mask with `fill_mode="constant"`; that of the transform is a colour.

    Raises:
        ConfigurationError: An argument cannot be used.

    Example:
        ```python
        augment = WithMask(Compose([RandomFlip("horizontal"), RandomBrightness(0.2)]))
        image, mask = np.zeros((4, 6, 3), "uint8"), np.zeros((4, 6, 1), "uint8")
        image, mask = augment((image, mask), np.random.default_rng(0))
        ```
    """

    transform: Transform
    fill_value: int = 0

    def __post_init__(self) -> None:
        if not callable(self.transform):
            remedy = "Write WithMask(Compose([RandomFlip(), RandomRotation(0.1)])), for instance."
            raise bad("transform", self.transform, "a function (image, rng) -> image", remedy)
        if not isinstance(self.fill_value, Integral) or not 0 <= self.fill_value <= LARGEST:
            raise bad(
                "fill_value", self.fill_value, f"a class from 0 to {LARGEST}", "Write fill_value=255, for instance."
            )
        steps = self.transform.steps if isinstance(self.transform, Compose) else [self.transform]
        self._steps: list[tuple[Transform, Transform | None]] = [
            (step, mask_step(step, self.fill_value)) for step in steps
        ]

    def __call__(self, sample: tuple[Image, NDArray[Any]], rng: np.random.Generator) -> tuple[Image, NDArray[Any]]:
        """The image and its mask after the transform; the mask's dtype stays.

        Args:
            sample: An image of shape (height, width, channels) and its mask of integers, (height, width, 1).
            rng: As for the transform.

        Raises:
            TypeError: The sample is no image with a mask.
            ValueError: The mask has values beyond 0 to 65535, a dtype that `fill_value` does not fit, or another size
                than its image, before or afterwards.
        """
        image, mask = _checked_pair(sample, self.fill_value)
        classes = mask if mask.dtype == np.uint8 else mask.astype(np.uint16)
        twin = np.random.Generator(type(rng.bit_generator)(0))
        for step, of_mask in self._steps:
            state = rng.bit_generator.state
            image = step(image, rng)
            if of_mask is not None:
                twin.bit_generator.state = state
                classes = of_mask(classes, twin)
        if image.shape[:2] != classes.shape[:2]:
            raise ValueError(
                f"the image has the shape {image.shape} after its augmentation, its mask {classes.shape}: a function "
                "that is not of `amalthea.transforms` gets the image alone. One that moves pixels is for `transform`, "
                "which gets both."
            )
        return image, classes.astype(mask.dtype, copy=False)


def _kinds(sample: Any) -> str:
    each = sample if isinstance(sample, tuple) else (sample,)
    return ", ".join(str(getattr(part, "dtype", type(part).__name__)) for part in each) or "nothing"


def _checked_pair(sample: Any, fill_value: int) -> tuple[Image, NDArray[Any]]:
    pair = isinstance(sample, tuple) and len(sample) == 2 and all(isinstance(each, np.ndarray) for each in sample)
    if not pair or sample[1].dtype.kind not in "iu":
        raise TypeError(
            f"WithMask needs a tuple of an image and its mask, NumPy arrays, the mask of integers; got "
            f"{_kinds(sample)}. Convert a mask with mask.astype('uint8')."
        )
    image, mask = sample
    if mask.shape != (*image.shape[:2], 1):
        raise ValueError(
            f"WithMask needs a mask of shape (height, width, 1); got {mask.shape} for the image {image.shape}."
        )
    if mask.dtype != np.uint8 and mask.size and not 0 <= mask.min() <= mask.max() <= LARGEST:
        raise ValueError(f"WithMask needs classes from 0 to {LARGEST}; got {mask.min()} to {mask.max()}.")
    largest = np.iinfo(mask.dtype).max
    if fill_value > largest:
        raise ValueError(
            f"fill_value={fill_value} does not fit a mask of {mask.dtype}, whose classes are {largest} at most. "
            "Write a smaller one, or convert the mask with mask.astype('int32')."
        )
    return image, mask


def mask_step(step: Transform, fill_value: int) -> Transform | None:
    """What a mask needs of a transform of its image, or `None`."""
    if isinstance(step, Geometric):
        step = as_warp([step])
    if isinstance(step, Warp):
        nearest = dataclasses.replace(step.sampling, interpolation="nearest", fill_value=fill_value)
        return dataclasses.replace(step, sampling=nearest)
    if isinstance(step, Resizing):
        return dataclasses.replace(step, interpolation="nearest", fill_value=fill_value)
    if isinstance(step, RandomCrop | CenterCrop):
        return dataclasses.replace(step, interpolation="nearest")
    return None
