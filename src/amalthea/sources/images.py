"""Image files as a source: read, decoded, resized and written into a row in one go."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from amalthea._checks import check_choice, check_int
from amalthea.errors import ConfigurationError
from amalthea.sources._cache_disk import digest_of, versions
from amalthea.sources.contents import check_readable, content_of, fetcher, stamp_of
from amalthea.sources.decode import CHANNELS, Pixels, decode, open_picture
from amalthea.sources.fit import Fit, FitRule
from amalthea.sources.paths import Paths
from amalthea.sources.pixelwise import Pixelwise
from amalthea.sources.resize import ALIASED, FILTERS, FROM_REDUCED, as_picture, resize, resize_picture
from amalthea.sources.scratch import scratch

__all__ = ["ImageFiles", "Pixelwise"]


class ImageFiles:
    """Images of files, all brought to one size and one colour mode.

    JPEG, PNG, GIF (the first frame), BMP, WebP, TIFF and PPM are read; palettes, CMYK, 16 bits and transparency come
    out as the colour mode asks for. Orientation tags are left alone, as Keras leaves them.

    Args:
        paths: Paths of the files.
        image_size: `(height, width)` in pixels, or one integer for both.
        color_mode: `"grayscale"`, `"rgb"` or `"rgba"`: 1, 3 or 4 channels.
        interpolation: `"nearest"`, `"bilinear"`, `"bicubic"`, `"area"` (also `"box"`), `"hamming"` or `"lanczos"`
            (also `"lanczos3"`).
        antialias: Whether pictures are smoothed when made smaller. `False` is for `"nearest"` and `"bilinear"` only.
        crop_to_aspect_ratio: Whether to cut what is beyond the aspect ratio of `image_size` instead of stretching.
        pad_to_aspect_ratio: Whether to add black borders instead of stretching.
        rescale: Factor for each value of 0 - 255, or `None`.
        dtype: `"uint8"`, `"float16"`, `"float32"` or `"float64"`.
        data_format: `"channels_last"` or `"channels_first"`.
        decoder: `"auto"` is the fastest way; large JPEGs are decoded at a reduced scale. `"pillow"` gives the very
            pixels of `keras.utils.load_img`.

    Attributes:
        paths: Paths of the files.
        image_size: Height and width in pixels.
        fit: Which part of a picture goes where.

    Raises:
        ConfigurationError: If an argument cannot be used.

    Example:
    >>> source = ImageFiles(["tests/data/red.png"], image_size=(4, 6), dtype="uint8")
    >>> source[0].shape, source[0][0, 0].tolist()
    ((4, 6, 3), [255, 0, 0])
    """

    def __init__(
        self,
        paths: Sequence[str | os.PathLike[str]],
        image_size: tuple[int, int] | int = (256, 256),
        *,
        color_mode: str = "rgb",
        interpolation: str = "bilinear",
        antialias: bool = True,
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        rescale: float | None = None,
        dtype: str = "float32",
        data_format: str = "channels_last",
        decoder: str = "auto",
    ) -> None:
        if isinstance(paths, str | bytes):
            raise ConfigurationError(f"`paths` is the single string {paths!r}; it must be a list of paths.")
        self.paths = paths if isinstance(paths, Paths) else Paths(paths)
        check_readable(self.paths)
        self.image_size = _checked_size(image_size)
        self._color_mode = check_choice("color_mode", color_mode, CHANNELS)
        self._interpolation = check_choice("interpolation", interpolation, FILTERS)
        self._antialias = antialias
        self._reduces = antialias and interpolation in FROM_REDUCED
        self.fit = _fit(crop_to_aspect_ratio, pad_to_aspect_ratio)
        self._by_pillow = check_choice("decoder", decoder, ("auto", "pillow")) == "pillow"
        self._pixelwise = Pixelwise(rescale, dtype, data_format)
        self._shape = self._pixelwise.shape(*self.image_size, CHANNELS[color_mode])
        if not antialias and (self._by_pillow or interpolation not in ALIASED):
            raise ConfigurationError(
                f"`antialias` is False with `interpolation={interpolation!r}` and `decoder={decoder!r}`; "
                f"it may be so for {' and '.join(map(repr, ALIASED))} with `decoder='auto'` only."
            )

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> npt.NDArray[Any]:
        image = np.empty(self._shape, self._pixelwise.dtype)
        self.read_into(index, image)
        return image

    def blank(self) -> npt.NDArray[Any]:
        """Returns an image of zeros, which tells the shape and the dtype of all and reads no file."""
        return np.zeros(self._shape, self._pixelwise.dtype)

    def name(self, index: int) -> str:
        """Returns the path of an image."""
        return self.paths[index]

    @property
    def fetch_ahead(self) -> Callable[[npt.NDArray[np.int64]], None] | None:
        """Begins to fetch files that will be asked for soon, where they are behind URLs."""
        return fetcher(self.paths)

    @property
    def stamp_ahead(self) -> Callable[[npt.NDArray[np.int64]], None] | None:
        """Begins to ask for stamps of files that will be asked for soon, before these are fetched."""
        return fetcher(self.paths, stamps=True)

    def stamp(self, index: int) -> tuple[int, ...]:
        """Returns what becomes another one when the file of an image is changed: its size and its times."""
        return stamp_of(self.paths[index])

    def recipe(self) -> dict[str, Any]:
        """Returns what decides the pixels but for the content of the files, in types of JSON."""
        return {
            "paths": digest_of(self.paths),
            "image_size": self.image_size,
            "color_mode": self._color_mode,
            "interpolation": self._interpolation,
            "antialias": self._antialias,
            "fit": self.fit.__name__,
            "by_pillow": self._by_pillow,
            "pixelwise": self._pixelwise.recipe(),
            "versions": versions(),
        }

    def read_into(self, index: int, row: npt.NDArray[Any]) -> None:
        """Writes an image into its row."""
        data = content_of(self.paths[index])
        if self._pixelwise.as_is:
            self._draw(data, row)
        else:
            pixels = scratch("drawn", (*self.image_size, CHANNELS[self._color_mode]))
            self._draw(data, pixels)
            self._pixelwise.write(pixels, row)

    def _draw(self, data: bytes, out: Pixels) -> None:
        if self._by_pillow:
            picture = open_picture(data, self._color_mode)
            fit = _fitted(self.fit, picture.size[::-1], self.image_size)
            _inner(out, fit)[...] = resize_picture(picture, fit.place[2:], self._interpolation, fit.box)
            return
        pixels, size, times = decode(data, self._color_mode, self._reduction if self._reduces else None)
        fit = _fitted(self.fit, size, self.image_size)
        top, left, height, width = fit.box
        if times > 1:
            # There is a large picture behind this one: beside its decode a true filter costs little.
            box = (top / times, left / times, height / times, width / times)
            _inner(out, fit)[...] = resize_picture(as_picture(pixels), fit.place[2:], self._interpolation, box)
        else:
            part = pixels[top : top + height, left : left + width]
            resize(part, _inner(out, fit), self._interpolation, antialias=self._antialias)

    def _reduction(self, height: int, width: int) -> int:
        return _fitted(self.fit, (height, width), self.image_size).reduction()


@functools.lru_cache(maxsize=256)  # pictures come in few sizes, and tiny ones are decoded in microseconds
def _fitted(fit: FitRule, size: tuple[int, int], target: tuple[int, int]) -> Fit:
    return fit(size, target)


def _inner(out: Pixels, fit: Fit) -> Pixels:
    """Returns the part of the target that the picture goes to; blackens the rest."""
    top, left, height, width = fit.place
    if (height, width) == out.shape[:2]:
        return out
    out[...] = 0
    return out[top : top + height, left : left + width]


def _fit(crop: bool, pad: bool) -> FitRule:
    if crop and pad:
        raise ConfigurationError(
            "`crop_to_aspect_ratio` and `pad_to_aspect_ratio` are both True; choose one, or neither to stretch."
        )
    return Fit.cropped if crop else Fit.padded if pad else Fit.stretched


def _checked_size(image_size: Any) -> tuple[int, int]:
    sizes = tuple(image_size) if isinstance(image_size, tuple | list) else (image_size, image_size)
    try:
        height, width = (check_int("image_size", size, minimum=1) for size in sizes)
    except ValueError as error:
        raise ConfigurationError(
            f"`image_size` is {image_size!r}; it must be (height, width) or one integer for both, of 1 pixel or more."
        ) from error
    return height, width
