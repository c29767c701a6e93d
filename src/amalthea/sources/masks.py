"""Masks: labels that are pictures of class numbers, for segmentation."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from amalthea._checks import check_choice, check_int
from amalthea.errors import ConfigurationError
from amalthea.sources.contents import check_readable, content_of, fetcher
from amalthea.sources.decode import read_picture
from amalthea.sources.files import SUFFIXES
from amalthea.sources.fit import Fit, FitRule
from amalthea.sources.paired import check_rule, files, partners, stem
from amalthea.sources.paths import Paths
from amalthea.sources.resize import resize

__all__ = ["MaskFiles", "Masks"]

DTYPES = {"uint8": 255, "int32": 65535}  # the largest class of each; masks have 16 bits at most

# Pillow spreads grey levels of few bits over 0 - 255.
SPREAD = {"L;2": 85, "L;4": 17}

Path = str | os.PathLike[str]


class Masks:
    """Labels that are pictures: `ImageLoader(paths, labels=Masks("masks"))`.

    A mask is a file whose pixels are class numbers, with one or 16 bits, grey values or a palette: of a palette the
    place of a colour in it is the class. It belongs to the image of the same name.

    Args:
        masks: A folder, or a list of paths. Masks without an image are left out.
        by: What a mask and its image have in common: a function of the path. By default it is the name of the file
            without folder and suffix; for `cat.jpg` and `cat_mask.png` write
            `lambda path: pathlib.Path(path).stem.removesuffix("_mask")`.
        fill_value: Class of what is not in the picture: of the borders of `pad_to_aspect_ratio`, and of what an
            augmentation with `fill_mode="constant"` brings in.
        dtype: `"uint8"`, or `"int32"` for classes beyond 255.

    Attributes:
        paths: Paths of the files.
        fill_value, dtype: As given.

    Raises:
        ConfigurationError: If an argument cannot be used, or a folder holds no masks.

    Example:
    >>> masks = Masks(["masks/a.png", "masks/b.png"])
    >>> list(masks.beside(["images/b.jpg"]))
    ['masks/b.png']
    """

    def __init__(
        self,
        masks: Path | Sequence[Path],
        *,
        by: Callable[[str], Any] = stem,
        fill_value: int = 0,
        dtype: str = "uint8",
    ) -> None:
        self.dtype: str = check_choice("dtype", dtype, DTYPES)
        self.fill_value = check_int("fill_value", fill_value, minimum=0)
        if fill_value > DTYPES[dtype]:
            raise ConfigurationError(f"`fill_value` is {fill_value}; for {dtype!r} it is {DTYPES[dtype]} at most.")
        if isinstance(masks, str | os.PathLike):
            masks = files(masks, SUFFIXES)
        check_rule(by)
        self.paths = Paths(masks)
        check_readable(self.paths)
        self._by = by

    def beside(self, images: Sequence[str]) -> Paths:
        """Returns the masks of these images, in their order.

        Raises:
            ConfigurationError: If an image has no mask, or two images or masks have one name.
        """
        try:
            (masks,) = partners(images, {"masks": self.paths}, self._by)
        except ConfigurationError as error:
            raise ConfigurationError(
                f"`labels` are masks that cannot be told to belong to the images: {error}"
            ) from None
        return masks


class MaskFiles:
    """Masks of files, all brought to one size as their images are.

    Args:
        paths: Paths of the files.
        image_size: `(height, width)` in pixels.
        fit: Which part of a picture of a size goes to which part of the target.
        fill_value: What stands beside it.
        dtype: `"uint8"` or `"int32"`.
        channels_first: Whether the axis of the one channel comes first.
    """

    def __init__(
        self,
        paths: Paths,
        image_size: tuple[int, int],
        *,
        fit: FitRule = Fit.stretched,
        fill_value: int = 0,
        dtype: str = "uint8",
        channels_first: bool = False,
    ) -> None:
        self.paths = paths
        self._size, self._fit, self._fill_value, self._dtype = image_size, fit, fill_value, np.dtype(dtype)
        self._shape = (1, *image_size) if channels_first else (*image_size, 1)

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> npt.NDArray[Any]:
        mask = np.empty(self._shape, self._dtype)
        self.read_into(index, mask)
        return mask

    def name(self, index: int) -> str:
        """Returns the path of a mask."""
        return self.paths[index]

    @property
    def fetch_ahead(self) -> Callable[[npt.NDArray[np.int64]], None] | None:
        """Begins to fetch files that will be asked for soon, where they are behind URLs."""
        return fetcher(self.paths)

    def read_into(self, index: int, row: npt.NDArray[Any]) -> None:
        """Writes a mask into its row.

        Raises:
            ValueError: If the file holds no class numbers.
        """
        path = self.paths[index]
        try:
            self._draw(_classes(path, DTYPES[self._dtype.name]), row.reshape(*self._size, 1))
        except ValueError as error:
            raise ValueError(f"its mask {path!r}: {error}") from error

    def _draw(self, classes: npt.NDArray[Any], out: npt.NDArray[Any]) -> None:
        fit = self._fit(classes.shape[:2], self._size)
        (top, left, height, width), place = fit.box, fit.place
        small = np.empty((*place[2:], 1), classes.dtype)
        resize(classes[top : top + height, left : left + width], small, "nearest", antialias=False)
        if small.shape != out.shape:
            out[...] = self._fill_value
        out[place[0] : place[0] + place[2], place[1] : place[1] + place[3]] = small


def _classes(path: str, largest: int) -> npt.NDArray[Any]:
    """Returns the class numbers of a file, uint8 or uint16 of shape `(height, width, 1)`."""
    picture, raw_mode = read_picture(content_of(path))
    if picture.format == "JPEG":
        raise ValueError("JPEG changes values, it does not keep class numbers; save masks as PNG")
    if picture.mode not in ("1", "L", "P", "I") and not picture.mode.startswith("I;16"):
        raise ValueError(
            f"its pixels are of the mode {picture.mode!r}, colours and not class numbers; a mask has one channel: "
            "1 bit, grey values or a palette. Turn each colour into its class once, and save that"
        )
    values = np.asarray(picture)
    if raw_mode in SPREAD:
        values = values // SPREAD[raw_mode]
    least, most = values.min(), values.max()
    if least < 0 or most > largest:
        remedy = "; pass `Masks(..., dtype='int32')`" if largest == 255 and 0 <= least <= most <= 65535 else ""
        raise ValueError(f"its classes go from {least} to {most}; they must be of 0 to {largest}{remedy}")
    return values.astype(np.uint8 if most <= 255 else np.uint16)[..., np.newaxis]
