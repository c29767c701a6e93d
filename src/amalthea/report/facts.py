"""What one image file is, and whether a loader can read it."""

from __future__ import annotations

import contextlib
import hashlib
import io
from pathlib import Path
from typing import NamedTuple

import numpy as np
import PIL.Image
import simplejpeg

from amalthea._urls import inner, is_url
from amalthea.sources.contents import content_of
from amalthea.sources.decode import decode

__all__ = ["FACTS", "NO_DIGEST", "SUFFIXES_OF", "Facts", "facts_of", "suffix_fits"]

# 48 bytes a file: facts of a million files are 48 MB.
FACTS = np.dtype(
    [
        ("height", np.uint32),
        ("width", np.uint32),
        ("bytes", np.uint64),
        ("format", "S8"),
        ("mode", "S8"),
        ("digest", "V16"),
    ]
)
NO_DIGEST = bytes(16)

SUFFIXES_OF = {
    "BMP": (".bmp",),
    "GIF": (".gif",),
    "JPEG": (".jpg", ".jpeg"),
    "PNG": (".png",),
    "PPM": (".pgm", ".pnm", ".ppm"),
    "TIFF": (".tif", ".tiff"),
    "WEBP": (".webp",),
}

_JPEG_MODES = {"Gray": "L", "YCbCr": "RGB", "RGB": "RGB", "CMYK": "CMYK", "YCCK": "CMYK"}


class Facts(NamedTuple):
    """What is known of a file; a row of `FACTS`.

    Attributes:
        height: In pixels; 0 where it is not known.
        width: In pixels.
        file_bytes: Size of the file.
        format: Pillow's name of its format, whatever its suffix says; empty where it is not known.
        mode: Pillow's name of its colours.
        digest: Of 16 bytes, the same for files that are the same byte for byte; zeros if the file was not read.
    """

    height: int = 0
    width: int = 0
    file_bytes: int = 0
    format: str = ""
    mode: str = ""
    digest: bytes = NO_DIGEST


def facts_of(path: str, *, quick: bool = False) -> tuple[Facts, str | None]:
    """Returns the facts of a file, and why it is broken if it is.

    Args:
        path: The file.
        quick: Whether a header that can be read is enough, of a file on a disk. Otherwise all of the file is decoded,
            as a loader does it.

    Returns:
        The facts, and `None` or what the error of a loader would say.

    Example:
    >>> facts, problem = facts_of("tests/data/red.png")
    >>> facts.width, facts.height, facts.format, facts.mode, problem
    (7, 5, 'PNG', 'RGB', None)
    """
    try:
        if quick and not is_url(path) and (facts := _by_header(path)) is not None:
            return facts, None
        return _by_content(content_of(path))
    except OSError as error:
        return Facts(), f"{type(error).__name__}: {error}"


def suffix_fits(path: str, kind: str) -> bool:
    """Returns whether the suffix of a file is one of its format; of a format without a suffix here it never is."""
    return inner(path).lower().endswith(SUFFIXES_OF.get(kind, ()))


def _by_content(data: bytes) -> tuple[Facts, str | None]:
    # Hashlib and the decoders release Python's lock. Files are compared by 128 bits of a good hash.
    facts = Facts()
    with contextlib.suppress(Exception):  # the decoder says what is wrong, in the words of a loader's error
        facts = _header(data)
    facts = facts._replace(file_bytes=len(data), digest=hashlib.sha256(data).digest()[:16])
    try:
        decode(data, "rgb", _eighth)
    except Exception as error:  # what a loader takes for a broken sample
        return facts, f"{type(error).__name__}: {error}"
    return facts, None


def _eighth(height: int, width: int) -> int:
    """An eighth of a JPEG: all of its data are decoded all the same, and fewer pixels are computed from them."""
    return 8


def _by_header(path: str) -> Facts | None:
    try:
        with PIL.Image.open(path) as picture:
            return _told_by(picture)._replace(file_bytes=Path(path).stat().st_size)
    except Exception:  # Pillow raises whatever a broken header leads it into; the whole file is looked at then
        return None


def _header(data: bytes) -> Facts:
    if data.startswith(b"\xff\xd8\xff"):
        try:
            height, width, space, _ = simplejpeg.decode_jpeg_header(data)
            return Facts(height, width, format="JPEG", mode=_JPEG_MODES[space])
        except (ValueError, KeyError):
            pass
    with PIL.Image.open(io.BytesIO(data)) as picture:
        return _told_by(picture)


def _told_by(picture: PIL.Image.Image) -> Facts:
    kind = picture.format or ""
    mode = picture.mode
    if kind in ("PNG", "PPM") and mode == "I":  # what older versions of Pillow say of 16 bits
        mode = "I;16"
    # Cameras write JPEGs with a second one behind the first; that is all that makes them MPO.
    return Facts(picture.height, picture.width, format="JPEG" if kind == "MPO" else kind, mode=mode)
