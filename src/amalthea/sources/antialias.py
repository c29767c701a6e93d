"""What comes before a linear filter that makes a picture smaller, so that it is antialiased.

A linear filter takes two neighbours of each pixel's place, however many pixels lie between one place and the next. A
picture that is far too large is halved first; what is left is blurred as much as is wanting to the triangle
that spans those pixels, which is the antialiased filter of Pillow and TensorFlow. By OpenCV that takes a quarter of
Pillow's time, and comes to 42 - 52 dB of it.
"""

from __future__ import annotations

import functools
import math

import cv2
import numpy as np
import numpy.typing as npt

from amalthea.sources.scratch import scratch

__all__ = ["smoothed"]

Pixels = npt.NDArray[np.uint8]
Kernel = npt.NDArray[np.float32]

# Five pixels are enough to blur for a picture that is so many times too large; below half of it, the phase of the
# linear filter shows.
HALVE_ABOVE = 3.2

# A triangle of half-width r has the variance r^2 / 6, and so has the linear filter, of r = 1. A little more than the
# difference is nearest to Pillow at the phases that occur. The mean of n pixels has (1 - 1 / n^2) / 12.
PER_SQUARE = 1 / 5.5
OF_MEAN = 1 / 12

# Three pixels hold a variance of 2 / 3. A little beyond they are still better than they are slower with five.
BY_THREE = 0.74
LEAST = 0.02


def smoothed(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """Returns pixels that a linear filter makes that size of, and smooth.

    Args:
        pixels: Of shape `(height, width, channels)` or `(height, width)`.
        size: Height and width that are wanted.

    Returns:
        Pixels of the same number of axes, not more of them; they hold until the thread calls this again.
    """
    height, width = pixels.shape[:2]
    halvings = _halvings(height, size[0]), _halvings(width, size[1])
    for number in range(max(halvings)):
        pixels = _halved(pixels, number < halvings[0], number < halvings[1], f"halved {number % 2}")
    down = _kernel(pixels.shape[0], size[0], 2 ** halvings[0])
    across = _kernel(pixels.shape[1], size[1], 2 ** halvings[1])
    if len(down) == len(across) == 1:
        return pixels
    blurred = scratch("blurred", pixels.shape)
    cv2.sepFilter2D(pixels, -1, across, down, dst=blurred, borderType=cv2.BORDER_REPLICATE)
    return blurred


def _halvings(have: int, want: int) -> int:
    return max(0, math.ceil(math.log2(have / want / HALVE_ABOVE)))


def _halved(pixels: Pixels, down: bool, across: bool, step: str) -> Pixels:
    (height, width), parts = pixels.shape[:2], (1 + down, 1 + across)
    half = scratch(step, (-(-height // parts[0]), -(-width // parts[1]), *pixels.shape[2:]))
    # The linear filter gives the mean of each two, in a fifth of the time, where no pixel is left over.
    even = height % parts[0] == 0 == width % parts[1]
    cv2.resize(pixels, half.shape[1::-1], dst=half, interpolation=cv2.INTER_LINEAR if even else cv2.INTER_AREA)
    return half


@functools.lru_cache(maxsize=1024)
def _kernel(have: int, want: int, mean_of: int) -> Kernel:
    """Returns by what to blur an axis of that many pixels, each the mean of others: an odd number of weights."""
    variance = ((have / want) ** 2 - 1) * PER_SQUARE - (1 - 1 / mean_of**2) * OF_MEAN
    if have <= want or variance < LEAST:
        return np.ones(1, np.float32)
    return _three(variance) if variance <= BY_THREE else np.convolve(_three(variance / 2), _three(variance / 2))


def _three(variance: float) -> Kernel:
    side = min(variance / 2, 1 / 3)
    return np.array([side, 1 - 2 * side, side], np.float32)
