"""The image of a sample, and its pixels in the types that can be computed with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import DTypeLike, NDArray

Image = NDArray[Any]
"""One image, shape (height, width, channels)."""

# OpenCV's border values have four numbers: pictures with more channels go through it four at a time.
_OPENCV_CHANNELS = 4


def on_image(sample: Any, change: Callable[[Image], Image]) -> Any:
    """The sample with its image changed.

    Args:
        sample: An image, or a tuple `(image, ...)` whose other elements are handed on untouched. The image may be such
            a tuple itself: x of several inputs.
        change: Makes a new image of the old one, without writing into it.

    Returns:
        The new image, or the tuple with the new image in the first place.

    Raises:
        TypeError: The image is no NumPy array, or has a dtype that is not a pixel's.
        ValueError: The image's shape is not (height, width, channels).
    """
    if isinstance(sample, tuple) and sample:
        return (on_image(sample[0], change), *sample[1:])
    return change(image_of(sample))


def image_of(sample: Any) -> Image:
    """The image that a sample is or begins with.

    Raises:
        TypeError: It is no NumPy array, or has a dtype that is not a pixel's.
        ValueError: Its shape is not (height, width, channels).
    """
    image = sample
    while isinstance(image, tuple):
        image = image[0] if image else None
    if not isinstance(image, np.ndarray):
        raise TypeError(
            f"A transform needs an image as a NumPy array, or a tuple that begins with one; got "
            f"{type(image).__name__}. Convert it with np.asarray, or pick the image out of it in a function "
            f"of your own: lambda sample, rng: ..."
        )
    if image.ndim != 3 or 0 in image.shape:
        raise ValueError(
            f"A transform needs one image of shape (height, width, channels), each 1 or more; got an array "
            f"of shape {image.shape}. Give a grey image a channel axis with image[..., None]."
        )
    if image.dtype != np.float64 and (image.dtype == bool or not np.can_cast(image.dtype, np.float32)):
        raise TypeError(
            f"A transform needs pixels of a float type or of 8 or 16 bit integers; got {image.dtype}. "
            f"Convert the image with image.astype('float32')."
        )
    return image


def cast_pixels(values: NDArray[Any], dtype: DTypeLike) -> Image:
    """`values` as pixels of `dtype`: integers are rounded to the nearest and clipped to what fits."""
    target = np.dtype(dtype)
    if target.kind == "f" or values.dtype == target:
        exact: Image = values.astype(target, copy=False)
        return exact
    limits = np.iinfo(target)
    rounded: Image = np.clip(np.rint(values), limits.min, limits.max).astype(target)
    return rounded


def through_opencv(image: Image, function: Callable[[Image], NDArray[Any]]) -> Image:
    """`function` of the image, in a dtype and with a number of channels that OpenCV is exact in.

    Args:
        image: Shape (height, width, channels), any dtype of pixels.
        function: Takes a contiguous uint8 or float32 image of 1 to 4 channels; may drop a channel axis of 1.

    Returns:
        Shape (new height, new width, channels), dtype of `image`.
    """
    # OpenCV warps float64 in fixed point, 1/32 of a pixel; float32 is the exact one.
    pixels = np.ascontiguousarray(image if image.dtype == np.uint8 else image.astype(np.float32, copy=False))
    blocks = [function(block) for block in channel_blocks(pixels)]
    whole = [block if block.ndim == 3 else block[..., None] for block in blocks]
    return cast_pixels(whole[0] if len(whole) == 1 else np.concatenate(whole, axis=2), image.dtype)


def channel_blocks(image: Image) -> list[Image]:
    """The image in pieces of at most four channels, each contiguous."""
    starts = range(0, image.shape[2], _OPENCV_CHANNELS)
    return [np.ascontiguousarray(image[..., start : start + _OPENCV_CHANNELS]) for start in starts]


def pointwise(image: Image, function: Callable[[NDArray[Any]], NDArray[Any]]) -> Image:
    """A new image, each of whose values is a function of the old value and its channel.

    Args:
        image: Shape (height, width, channels).
        function: Takes floats of shape (..., channels), gives as many.

    Returns:
        Shape and dtype of `image`.
    """
    if image.dtype != np.uint8:
        return cast_pixels(function(image.astype(np.result_type(image.dtype, np.float32))), image.dtype)
    # A uint8 image has 256 values only: a table of them is ten times faster than floats.
    table = np.repeat(np.arange(256, dtype=np.float32)[:, None], image.shape[2], axis=1)
    looked_up = cv2.LUT(np.ascontiguousarray(image), cast_pixels(function(table), np.uint8)[None])
    return looked_up.reshape(image.shape)
