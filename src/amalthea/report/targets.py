"""The files that a command writes, checked before the work that is to go into them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from amalthea.errors import ConfigurationError
from amalthea.sources.files import SUFFIXES

__all__ = ["check_target"]


def check_target(name: str, path: str, directory: str, suffixes: Sequence[str] = ()) -> None:
    """Checks that a file can be written, and is no image of the folder that is looked at.

    Args:
        name: The option that names it.
        path: The file.
        directory: The folder of images.
        suffixes: Those that it may have; none of them means any.

    Raises:
        ConfigurationError: If its suffix is another, its folder is not there or is somebody else's, it is a folder
            itself, or it is one of the images.
    """
    file = Path(path)
    if suffixes and file.suffix.lower() not in suffixes:
        raise ConfigurationError(f"`{name}` is {path!r}; it must end in one of {', '.join(suffixes)}.")
    if file.is_dir() or not file.parent.is_dir() or not _writable(file.parent):
        raise ConfigurationError(f"`{name}` is {path!r}, which cannot be written: name a file in a folder of yours.")
    if file.exists() and _is_image_of(file, Path(directory).resolve()):
        raise ConfigurationError(f"`{name}` is {path!r}, an image of {directory!r}: name a file that is none of them.")


def _writable(folder: Path) -> bool:
    return os.access(folder, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def _is_image_of(file: Path, folder: Path) -> bool:
    places = (file.parent.resolve() / file.name, file.resolve())  # a link is written through
    return any(place.suffix.lower() in SUFFIXES and place.is_relative_to(folder) for place in places)
