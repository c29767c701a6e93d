"""The cache of a loader of images: one for all parts of a listing."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from amalthea._urls import is_url
from amalthea.errors import ConfigurationError
from amalthea.loaders.listing import Listing
from amalthea.sources._cache_place import folder_of
from amalthea.sources.cached import Cached
from amalthea.sources.finished import Finished
from amalthea.sources.images import ImageFiles
from amalthea.sources.pixelwise import Pixelwise
from amalthea.sources.protocol import Source
from amalthea.sources.subset import Subset
from amalthea.splits import Split

__all__ = ["CachedListing", "Share", "cached_listing", "check_place", "share_of"]

# Those arguments of a loader that decide what is cached.
OPTIONS = (
    "image_size",
    "color_mode",
    "interpolation",
    "antialias",
    "crop_to_aspect_ratio",
    "pad_to_aspect_ratio",
    "decoder",
)


@dataclasses.dataclass(frozen=True)
class Share:
    """A part of a cache.

    Attributes:
        cache: The cache.
        indices: Which of its pictures, int64; `None` is all.
    """

    cache: Cached
    indices: npt.NDArray[np.int64] | None = None

    def images(self, finish: Pixelwise | None) -> Source:
        """Returns the pictures, finished, or uint8 as they are."""
        source = self.cache if finish is None or finish.as_is else Finished(self.cache, finish)
        return source if self.indices is None else Subset(source, self.indices)


@dataclasses.dataclass(frozen=True, kw_only=True)
class CachedListing(Listing):
    """A listing whose files have a cache, which its parts share."""

    share: Share

    def part(self, indices: npt.NDArray[np.int64]) -> Self:
        """Returns the listing of these files only."""
        return dataclasses.replace(super().part(indices), share=Share(self.share.cache, indices))

    def parted(self, split: Split) -> tuple[Self, Self]:
        """Returns the files for training and those for validation."""
        training, validation = split.indices(len(self.paths), self.runs)  # the paths stay as the cache has them
        return self.part(training), self.part(validation)


def cached_listing(listing: Listing, cache: Any, options: dict[str, Any]) -> CachedListing:
    """Returns a listing with a cache for all of its files.

    Args:
        listing: The files.
        cache: Of the loader.
        options: Of the loader.
    """
    images = ImageFiles(listing.paths, dtype="uint8", **{name: options[name] for name in OPTIONS if name in options})
    known = {field.name: getattr(listing, field.name) for field in dataclasses.fields(Listing)}
    return CachedListing(**known, share=share_of(cache, images))


def share_of(cache: Any, images: ImageFiles) -> Share:
    """Returns the cache of these images; `cache` is what a loader is given, or a part of one that is there."""
    return cache if isinstance(cache, Share) else Share(Cached(images, cache))


def check_place(directory: Any, labels: Any, cache: Any) -> None:
    """Raises ConfigurationError if the folder of a cache would be taken for a class by the next run."""
    inferred = isinstance(labels, str) and labels == "inferred"
    place = folder_of(cache) if inferred and cache is not None else None
    if place is None or is_url(os.fspath(directory)):
        return
    root, folder = Path(directory).resolve(), Path(place).resolve()
    if root in folder.parents:
        name = folder.relative_to(root).parts[0]
        if not name.startswith("."):
            raise ConfigurationError(
                f"`cache` is {cache!r}, in {directory!r}, where the subfolder {name!r} would be a class. Pass a folder "
                f"elsewhere, or a hidden one: {str(Path(directory) / f'.{name}')!r}."
            )
