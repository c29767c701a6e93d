"""From the bytes of an image file to pixels of 8 bits, in the colours that are asked for."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import PIL.Image
import simplejpeg

from amalthea.sources.png import PNG_START, decode_png, png_size
from amalthea.sources.scratch import scratch

__all__ = ["CHANNELS", "Decoded", "Pixels", "as_pixels", "decode", "open_picture", "read_picture"]

Pixels = npt.NDArray[np.uint8]

CHANNELS = {"grayscale": 1, "rgb": 3, "rgba": 4}

_PILLOW_MODE = {"grayscale": "L", "rgb": "RGB", "rgba": "RGBA"}
_JPEG_SPACE = {"grayscale": "GRAY", "rgb": "RGB", "rgba": "RGBA"}
_JPEG_START = b"\xff\xd8\xff"


class Decoded(NamedTuple):
    """A decoded picture.

    Attributes:
        pixels: uint8 of shape `(height, width, channels)`; they hold until the thread decodes the next picture.
        size: Height and width of the picture in its file.
        times: How many times smaller the pixels are than that.
    """

    pixels: Pixels
    size: tuple[int, int]
    times: int


def decode(data: bytes, color_mode: str, reduction: Callable[[int, int], int] | None = None) -> Decoded:
    """Decodes an image file as fast as it can be done: JPEG by libjpeg-turbo, plain PNG by OpenCV, all else by Pillow.

    Args:
        data: The whole file.
        color_mode: `"grayscale"`, `"rgb"` or `"rgba"`.
        reduction: From height and width, how many times smaller a JPEG may be decoded: 1, 2, 4 or 8.

    Raises:
        ValueError: If the file is no picture, is broken, or would not fit into memory.
    """
    # CMYK, odd subsampling, a palette, a warning of no weight or a broken file: Pillow reads it or says why not.
    with contextlib.suppress(ValueError):
        if data.startswith(_JPEG_START):
            return _decode_jpeg(data, color_mode, reduction)
        if data.startswith(PNG_START):
            return _decode_png(data, color_mode)
    pixels = as_pixels(open_picture(data, color_mode))
    return Decoded(pixels, pixels.shape[:2], 1)


def as_pixels(picture: PIL.Image.Image) -> Pixels:
    """Returns the pixels of a Pillow image of 8 bits, uint8 of shape `(height, width, channels)`."""
    pixels = np.asarray(picture)
    return pixels if pixels.ndim == 3 else pixels[..., np.newaxis]


def open_picture(data: bytes, color_mode: str) -> PIL.Image.Image:
    """Decodes an image file by Pillow, with the colours of `keras.utils.load_img`; 16 bits become 8.

    Raises:
        ValueError: If the file is no picture, is broken, or would not fit into memory.
    """
    return _converted(read_picture(data)[0], _PILLOW_MODE[color_mode])


def read_picture(data: bytes) -> tuple[PIL.Image.Image, str | None]:
    """Decodes an image file by Pillow, as it is.

    Returns:
        The picture, and Pillow's word for how its pixels are packed in the file, where it has one.

    Raises:
        ValueError: If the file is no picture, is broken, or would not fit into memory.
    """
    try:
        picture = PIL.Image.open(io.BytesIO(data))
        packed = _packed(picture)  # Pillow forgets it as it reads
        picture.load()
    except PIL.Image.DecompressionBombError as error:
        raise ValueError(f"{error}; raise `PIL.Image.MAX_IMAGE_PIXELS` if such pictures are meant") from error
    except PIL.UnidentifiedImageError as error:
        raise ValueError(_why_unknown(data)) from error
    except Exception as error:  # Pillow's readers raise whatever a broken file leads them into
        raise ValueError(f"the picture is broken: {error}") from error
    return picture, packed


def _packed(picture: PIL.Image.Image) -> str | None:
    tiles: Any = getattr(picture, "tile", None)  # only what is read from a file has any
    options = tiles[0][3] if tiles else None
    first = options[0] if isinstance(options, tuple) and options else options
    return first if isinstance(first, str) else None


def _why_unknown(data: bytes) -> str:
    if not data:
        return "the file is empty"
    return f"the file is no picture of a known format; it starts with {data[:16]!r}"


def _converted(picture: PIL.Image.Image, mode: str) -> PIL.Image.Image:
    # 16 bits come as `I;16`, or from some formats as `I`, which a TIFF of 32 bits has too: that one Pillow clips.
    if picture.mode.startswith("I;16") or (picture.mode == "I" and picture.format in ("PNG", "PPM")):
        picture = _of_8_bits(picture)
    if picture.mode == "P" and isinstance(picture.info.get("transparency"), bytes):
        picture = picture.convert("RGBA")  # to other modes Pillow warns that the transparency is lost
    return picture if picture.mode == mode else picture.convert(mode)


def _of_8_bits(picture: PIL.Image.Image) -> PIL.Image.Image:
    # Pillow would clip at 255. The high byte is what libpng and TensorFlow take, and Pillow itself for RGB.
    values = np.asarray(picture).astype(np.int64)
    return PIL.Image.fromarray((np.clip(values, 0, 65535) >> 8).astype(np.uint8))


def _decode_jpeg(data: bytes, color_mode: str, reduction: Callable[[int, int], int] | None) -> Decoded:
    height, width, space, _ = simplejpeg.decode_jpeg_header(data)
    if space in ("CMYK", "YCCK"):
        raise ValueError("Pillow turns CMYK into RGB")
    check_pixels(height, width)
    times = 1 if reduction is None else reduction(height, width)
    # libjpeg-turbo takes the smallest of its scales that is not below these.
    least = (-(-height // times), -(-width // times))
    pixels: Pixels = simplejpeg.decode_jpeg(
        data,
        _JPEG_SPACE[color_mode],
        min_height=least[0],
        min_width=least[1],
        buffer=scratch("decoded", (*least, CHANNELS[color_mode])),
    )
    return Decoded(pixels, (height, width), times)


def _decode_png(data: bytes, color_mode: str) -> Decoded:
    size = png_size(data, color_mode)
    check_pixels(*size)
    return Decoded(decode_png(data, color_mode, CHANNELS[color_mode]), size, 1)


def check_pixels(height: int, width: int) -> None:
    """Raises ValueError for a picture beyond what Pillow's own limit takes for an attack on the memory."""
    limit = PIL.Image.MAX_IMAGE_PIXELS
    if limit is not None and height * width > 2 * limit:
        raise ValueError(
            f"it has {width} x {height} pixels, more than the {2 * limit:,} that are taken for safe; "
            "raise `PIL.Image.MAX_IMAGE_PIXELS` if such pictures are meant"
        )
