"""Resizing of 8-bit pixels: OpenCV where its result is that of the filter asked for, Pillow elsewhere."""

from __future__ import annotations

import cv2
import PIL.Image

from amalthea.sources.decode import Pixels, as_pixels
from amalthea.sources.scratch import scratch

__all__ = ["ALIASED", "FILTERS", "as_picture", "resize", "resize_picture"]

FILTERS = {
    "nearest": PIL.Image.Resampling.NEAREST,
    "bilinear": PIL.Image.Resampling.BILINEAR,
    "bicubic": PIL.Image.Resampling.BICUBIC,
    "area": PIL.Image.Resampling.BOX,
    "box": PIL.Image.Resampling.BOX,
    "hamming": PIL.Image.Resampling.HAMMING,
    "lanczos": PIL.Image.Resampling.LANCZOS,
    "lanczos3": PIL.Image.Resampling.LANCZOS,
}
ALIASED = ("nearest", "bilinear")  # what there is with `antialias=False`

Box = tuple[float, float, float, float]


def resize_picture(picture: PIL.Image.Image, size: tuple[int, int], interpolation: str, box: Box) -> Pixels:
    """Resizes part of a Pillow image with Pillow's filters.

    Args:
        picture: The image, of 8 bits.
        size: Height and width of the result.
        interpolation: A key of `FILTERS`.
        box: Top, left, height and width of the part.

    Returns:
        uint8 of shape `(height, width, channels)`.
    """
    top, left, height, width = box
    if size != picture.size[::-1] or (height, width) != size:
        corners = (left, top, left + width, top + height)
        picture = picture.resize(size[::-1], FILTERS[interpolation], box=corners)
    return as_pixels(picture)


def resize(pixels: Pixels, out: Pixels, interpolation: str, *, antialias: bool) -> None:
    """Resizes pixels of shape `(height, width, channels)` into `out`, uint8 of another height and width."""
    if pixels.shape == out.shape:
        out[...] = pixels
    elif interpolation == "nearest":
        _resize(pixels, out, cv2.INTER_NEAREST_EXACT)
    elif interpolation != "bilinear" or (antialias and pixels.shape[2] == 4):
        # OpenCV would let the colours of transparent pixels into visible ones.
        box = (0, 0, *pixels.shape[:2])
        out[...] = resize_picture(as_picture(pixels), out.shape[:2], interpolation, box)
    elif antialias:
        _resize_smoothly(pixels, out)
    else:
        _resize(pixels, out, cv2.INTER_LINEAR)


def _resize_smoothly(pixels: Pixels, out: Pixels) -> None:
    # An antialiased filter in one step takes five times as long. Linear to twice the target where the picture is
    # larger than it, then the mean of each two pixels, is the same to 37 dB.
    height, width, channels = out.shape
    twice = (height * (1 + (pixels.shape[0] > height)), width * (1 + (pixels.shape[1] > width)))
    if twice == (height, width):
        _resize(pixels, out, cv2.INTER_LINEAR)
        return
    # Linear takes two neighbours: where there are more pixels than that to a pixel, their mean comes first.
    fewer = tuple(max(1, have // want) for have, want in zip(pixels.shape, twice, strict=False))
    if fewer != (1, 1):
        smaller = (-(-pixels.shape[0] // fewer[0]), -(-pixels.shape[1] // fewer[1]))
        reduced = scratch("reduced", (*smaller, channels))
        _resize(pixels, reduced, cv2.INTER_AREA)
        pixels = reduced
    middle = scratch("middle", (*twice, channels))
    _resize(pixels, middle, cv2.INTER_LINEAR)
    _resize(middle, out, cv2.INTER_AREA)


def _resize(pixels: Pixels, out: Pixels, interpolation: int) -> None:
    if out.shape[2] == 1:  # OpenCV knows no axis of one channel
        pixels, out = pixels[..., 0], out[..., 0]
    result = cv2.resize(pixels, out.shape[1::-1], dst=out, interpolation=interpolation)
    if result is not out:
        out[...] = result


def as_picture(pixels: Pixels) -> PIL.Image.Image:
    """Returns pixels of shape `(height, width, channels)` as a Pillow image."""
    return PIL.Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
