"""Resizing of 8-bit pixels: OpenCV where its result is that of the filter asked for, Pillow elsewhere."""

from __future__ import annotations

import cv2
import PIL.Image

from amalthea.sources.antialias import smoothed
from amalthea.sources.decode import Pixels, as_pixels

__all__ = ["ALIASED", "FILTERS", "FROM_REDUCED", "as_picture", "resize", "resize_picture"]

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
# Those of soft edges: the pixels of a picture decoded at a reduced scale are too coarse for the edges of a box.
FROM_REDUCED = ("bilinear", "bicubic", "hamming", "lanczos", "lanczos3")

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
        _resize(pixels, out, cv2.INTER_LINEAR, smooth=True)
    else:
        _resize(pixels, out, cv2.INTER_LINEAR)


def _resize(pixels: Pixels, out: Pixels, interpolation: int, *, smooth: bool = False) -> None:
    if out.shape[2] == 1:  # OpenCV knows no axis of one channel
        pixels, out = pixels[..., 0], out[..., 0]
    if smooth:
        pixels = smoothed(pixels, (out.shape[0], out.shape[1]))
    result = cv2.resize(pixels, out.shape[1::-1], dst=out, interpolation=interpolation)
    if result is not out:
        out[...] = result


def as_picture(pixels: Pixels) -> PIL.Image.Image:
    """Returns pixels of shape `(height, width, channels)` as a Pillow image."""
    return PIL.Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
