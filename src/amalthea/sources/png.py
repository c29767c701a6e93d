"""PNG files of the plain kinds, by OpenCV: as Pillow reads them, and with less work around each file."""

from __future__ import annotations

import struct

import cv2
import numpy as np
import numpy.typing as npt

from amalthea.sources.scratch import scratch

__all__ = ["PNG_START", "decode_png", "png_size"]

PNG_START = b"\x89PNG\r\n\x1a\n"
_HEADER_END = 33
_END = b"\0\0\0\0IEND\xaeB`\x82"

# By the colours in the file, which OpenCV gives blue first, and those that are asked for. Nothing is rounded here.
_GRAY, _RGB, _RGBA = 0, 2, 6
_CONVERSIONS = {
    (_GRAY, "grayscale"): None,
    (_GRAY, "rgb"): cv2.COLOR_GRAY2RGB,
    (_GRAY, "rgba"): cv2.COLOR_GRAY2RGBA,
    (_RGB, "rgb"): cv2.COLOR_BGR2RGB,
    (_RGB, "rgba"): cv2.COLOR_BGR2RGBA,
    (_RGBA, "rgb"): cv2.COLOR_BGRA2RGB,
    (_RGBA, "rgba"): cv2.COLOR_BGRA2RGBA,
}

# What may stand before the pixels and has no say in them; of transparency, animation and the rest Pillow knows more.
_HARMLESS = frozenset((b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"tEXt", b"tIME", b"bKGD"))


def png_size(data: bytes, color_mode: str) -> tuple[int, int]:
    """Returns height and width of a PNG that `decode_png` is for.

    Raises:
        ValueError: If it is of another kind: of a palette, of 16 bits, interlaced, transparent in one colour, cut off.
    """
    if len(data) < _HEADER_END or data[12:16] != b"IHDR" or not data.endswith(_END):
        raise ValueError("it has no beginning or no end")
    width, height, *kind = struct.unpack_from(">IIBBBBB", data, 16)
    if kind[0] != 8 or (kind[1], color_mode) not in _CONVERSIONS or kind[2:] != [0, 0, 0] or not _is_plain(data):
        raise ValueError("it is not plain")
    return height, width


def decode_png(data: bytes, color_mode: str, channels: int) -> npt.NDArray[np.uint8]:
    """Decodes a PNG that has a `png_size`.

    Returns:
        Pixels of shape `(height, width, channels)`; they hold until the thread decodes the next picture.

    Raises:
        ValueError: If it is broken.
    """
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise ValueError("it is too large for OpenCV") from error
    if pixels is None:
        raise ValueError("it is broken")
    code = _CONVERSIONS[data[25], color_mode]
    if code is None:
        return pixels[..., np.newaxis].view(np.uint8)
    converted = scratch("decoded", (*pixels.shape[:2], channels))
    cv2.cvtColor(pixels, code, dst=converted)
    return converted


def _is_plain(data: bytes) -> bool:
    place = _HEADER_END
    while (kind := data[place + 4 : place + 8]) in _HARMLESS:
        place += 12 + int.from_bytes(data[place : place + 4])
    return kind == b"IDAT"
