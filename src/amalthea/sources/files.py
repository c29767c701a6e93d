"""Finding files in a folder, in the order in which Keras finds them."""

from __future__ import annotations

import os
from collections.abc import Iterator

from amalthea.errors import ConfigurationError

__all__ = ["SUFFIXES", "find_files", "subfolders"]

SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".pnm", ".ppm", ".tif", ".tiff", ".webp")


def subfolders(directory: str) -> list[str]:
    """Returns the names of the subfolders that are not hidden, sorted: the classes of a folder.

    Raises:
        ConfigurationError: If the folder cannot be listed.
    """
    try:
        with os.scandir(directory) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir() and not entry.name.startswith("."))
    except OSError as error:
        raise _unlisted(directory, error) from error


def find_files(directory: str, *, follow_links: bool, suffixes: tuple[str, ...] = SUFFIXES) -> list[str]:
    """Returns the paths of all files of a folder and the folders in it whose names end in one of the suffixes.

    Folders are sorted by path and files by name, as Keras' `*_dataset_from_directory` do.

    Raises:
        ConfigurationError: If a folder cannot be listed, or if a symbolic link leads back to a folder above it.
    """
    folders = sorted(_walk(directory, follow_links, suffixes), key=lambda folder: folder[0])
    return [os.path.join(root, name) for root, names in folders for name in sorted(names)]


def _walk(directory: str, follow_links: bool, suffixes: tuple[str, ...]) -> Iterator[tuple[str, list[str]]]:
    def fail(error: OSError) -> None:  # os.walk by itself passes over what it cannot read
        raise _unlisted(os.fsdecode(error.filename or directory), error) from error

    for root, folders, names in os.walk(directory, onerror=fail, followlinks=follow_links):
        if follow_links:
            for folder in folders:
                _check_loop(directory, os.path.join(root, folder))
        yield root, [name for name in names if name.lower().endswith(suffixes)]


def _check_loop(directory: str, folder: str) -> None:
    """Raises ConfigurationError for a link to a folder that the way from `directory` to the link has gone through."""
    if not os.path.islink(folder):
        return
    target, way = os.path.realpath(folder), folder
    while len(way) > len(directory):
        way = os.path.dirname(way)
        here = os.path.realpath(way)
        if here == target or here.startswith(os.path.join(target, "")):
            raise ConfigurationError(
                f"The symbolic link {folder!r} leads back to {target!r}, a folder that it lies in. "
                "Remove the link, or pass `follow_links=False`."
            )


def _unlisted(directory: str, error: OSError) -> ConfigurationError:
    return ConfigurationError(f"The folder {directory!r} cannot be listed: {error.strerror or error}.")
