"""Windows of an image that have the aspect ratio of a target."""

from __future__ import annotations

from amalthea.transforms._images import Image


def largest_window(image: Image, height: int, width: int) -> Image:
    """A view of the largest centred window whose aspect ratio is that of `height` x `width` pixels."""
    rows, columns = image.shape[:2]
    tall = max(min(rows, int(columns * height / width)), 1)
    wide = max(min(columns, int(rows * width / height)), 1)
    return window(image, (rows - tall) // 2, (columns - wide) // 2, tall, wide)


def window(image: Image, top: int, left: int, height: int, width: int) -> Image:
    """A view of `height` x `width` pixels of the image."""
    return image[top : top + height, left : left + width]
