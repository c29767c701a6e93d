"""Contact sheets: a batch as one picture, to see what the model is given."""

from __future__ import annotations

import colorsys
import math
import os
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont

from amalthea._checks import check_int
from amalthea.errors import ConfigurationError

__all__ = ["draw_sheet", "preview"]

CELL = 112  # pixels; smaller images are enlarged by whole numbers, so that their pixels stay visible
GAP = 8
TEXT = 18
PAPER, INK = (255, 255, 255), (32, 32, 32)


class _Peekable(Protocol):
    def peek(self) -> Any: ...


def preview(loader: _Peekable, out: str | os.PathLike[str] | None = None, *, columns: int = 8) -> PIL.Image.Image:
    """Draws the batch that comes next, with its labels, without taking it from the training.

    Labels that are masks lie over their images: each class but 0 has a colour of its own.

    Args:
        loader: A loader of images.
        out: File to save the sheet to; its ending says the format.
        columns: Images in a line.

    Returns:
        The sheet, an RGB image.

    Raises:
        ConfigurationError: If there are no images in a batch.
        SampleError: If a sample cannot be made.

    Example:
    >>> import amalthea, numpy as np
    >>> noise = np.random.default_rng(0).random((10, 28, 28, 1), dtype="float32")
    >>> amalthea.preview(amalthea.Loader(noise, batch_size=10), columns=5).size
    (608, 248)
    """
    batch = loader.peek()
    x, y = (batch[0], batch[1] if len(batch) > 1 else None) if isinstance(batch, tuple) else (batch, None)
    # Where y is x, for an autoencoder, it is no mask, whatever its dtype is.
    images, masks = _images(x), None if y is None or np.array_equal(x, y) else _masks(y)
    if masks is not None:
        images = _overlaid(images, masks)
    sheet = draw_sheet(images, _texts(y, getattr(loader, "class_names", None)), columns=columns)
    if out is not None:
        sheet.save(out)
    return sheet


def draw_sheet(images: npt.NDArray[Any], texts: Sequence[str] | None, *, columns: int = 8) -> PIL.Image.Image:
    """Draws images of shape `(count, height, width, channels)`, each with its text below."""
    columns = min(check_int("columns", columns, minimum=1), len(images))
    height, width = images.shape[1:3]
    scale = max(1, CELL // max(height, width))
    step_x, step_y = width * scale + GAP, height * scale + GAP + (TEXT if texts else 0)
    lines = math.ceil(len(images) / columns)
    sheet = PIL.Image.new("RGB", (columns * step_x + GAP, lines * step_y + GAP), PAPER)
    draw, font = PIL.ImageDraw.Draw(sheet), PIL.ImageFont.load_default(TEXT - 5)
    for place, pixels in enumerate(_as_bytes(images)):
        line, column = divmod(place, columns)
        x, y = GAP + column * step_x, GAP + line * step_y
        picture = PIL.Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).convert("RGBA")
        picture = picture.resize((width * scale, height * scale), PIL.Image.Resampling.NEAREST)
        sheet.paste(picture, (x, y), picture)
        if texts:
            draw.text((x, y + height * scale), _fitting(texts[place], width * scale, font), fill=INK, font=font)
    return sheet


def _images(x: Any) -> npt.NDArray[Any]:
    for array in _leaves(x):
        if array.ndim == 4 and array.shape[-1] in (1, 3, 4):
            return array
        if array.ndim == 4 and array.shape[1] in (1, 3, 4):
            return array.transpose(0, 2, 3, 1)
    shapes = [array.shape for array in _leaves(x)]
    raise ConfigurationError(
        f"A batch has no images, arrays of 4 axes with 1, 3 or 4 channels; its shapes are {shapes}."
    )


def _masks(y: Any) -> npt.NDArray[np.integer[Any]] | None:
    """Returns masks as class numbers of shape `(count, height, width)`, if that is what the labels are."""
    if not isinstance(y, np.ndarray) or y.ndim != 4 or y.dtype.kind not in "iu" or 1 not in (y.shape[1], y.shape[-1]):
        return None
    return y[..., 0] if y.shape[-1] == 1 else y[:, 0]


def _overlaid(images: npt.NDArray[Any], masks: npt.NDArray[np.integer[Any]]) -> npt.NDArray[np.uint8]:
    """Returns the images in RGB, half covered by the colours of their classes; class 0 is left clear."""
    if masks.shape != images.shape[:3]:
        return _as_bytes(images)
    pixels = _as_bytes(images)[..., :3]
    # The golden ratio between two hues puts each class far from those before it.
    hues = [colorsys.hsv_to_rgb(number * 0.618 % 1, 1, 1) for number in range(256)]
    colors = np.rint(np.array(hues) * 255).astype(np.uint8)[masks.astype(np.int64) % 256]
    return np.where(masks[..., np.newaxis] == 0, pixels, pixels // 2 + colors // 2)


def _leaves(x: Any) -> list[npt.NDArray[Any]]:
    if isinstance(x, dict):
        x = tuple(x.values())
    return [leaf for each in x for leaf in _leaves(each)] if isinstance(x, tuple) else [np.asarray(x)]


def _as_bytes(images: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Brings any range of values to 0 - 255: 0 - 255 and 0 - 1 are known, anything else is stretched."""
    if images.dtype == np.uint8:
        return images
    values = images.astype(np.float32)
    low, high = float(values.min()), float(values.max())
    if low < 0 or high > 255:
        values = (values - low) / max(high - low, 1e-12)
        high = 1.0
    return np.rint(values * 255 if high <= 1 else values).astype(np.uint8)


def _texts(y: Any, class_names: Sequence[str] | None) -> list[str] | None:
    if not isinstance(y, np.ndarray) or y.ndim > 2:
        return None
    if y.ndim == 2 and y.shape[1] > 1:
        if not ((y == 0) | (y == 1)).all() or not (y.sum(axis=1) == 1).all():
            return None  # mixed labels, or values
        y = y.argmax(axis=1)
    labels = y.reshape(-1).tolist()
    if class_names is None or not all(label == int(label) and 0 <= label < len(class_names) for label in labels):
        return [f"{label:g}" for label in labels]
    return [class_names[int(label)] for label in labels]


def _fitting(text: str, width: int, font: Any) -> str:
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "…") > width:
        text = text[:-1]
    return text + "…"
