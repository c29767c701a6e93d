"""Finding files in a folder, in the order in which Keras finds them."""

from __future__ import annotations

import heapq
import itertools
import os
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from amalthea._progress import progress
from amalthea.errors import ConfigurationError
from amalthea.sources.paths import Paths

__all__ = ["SUFFIXES", "find_files", "find_in_each", "sorted_names", "subfolders"]

SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".pnm", ".ppm", ".tif", ".tiff", ".webp")

RUN = 1 << 16  # names of one folder that are Python strings at a time: these take five times their bytes
PACKED = 1024  # names that are taken out of a sorted run at a time


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


def find_files(
    directory: str, *, follow_links: bool, suffixes: tuple[str, ...] = SUFFIXES, show: bool = False
) -> Paths:
    """Returns the paths of all files of a folder and the folders in it whose names end in one of the suffixes.

    Folders are sorted by path and files by name, as Keras' `*_dataset_from_directory` do.

    Args:
        directory: The folder.
        follow_links: Whether to go into folders that are symbolic links.
        suffixes: How the names end, in lower case.
        show: Whether to show progress.

    Raises:
        ConfigurationError: If a folder cannot be listed, or if a symbolic link leads back to a folder above it.
    """
    return find_in_each([directory], follow_links=follow_links, suffixes=suffixes, show=show)[0]


def find_in_each(
    directories: Sequence[str], *, follow_links: bool, suffixes: tuple[str, ...], show: bool = False
) -> tuple[Paths, npt.NDArray[np.int64]]:
    """Returns what `find_files` finds in several folders, one after the other, and how many files each has."""
    counts = np.zeros(len(directories), np.int64)

    def lists(advance: Callable[[int], None]) -> Iterator[list[str]]:
        for number, directory in enumerate(directories):
            for paths in _lists(directory, follow_links, suffixes):
                counts[number] += len(paths)
                advance(len(paths))
                yield paths

    with progress("Finding files", show=show) as advance:
        return Paths(itertools.chain.from_iterable(lists(advance))), counts


def _lists(directory: str, follow_links: bool, suffixes: tuple[str, ...]) -> Iterator[list[str]]:
    """Gives the paths of files, those of a folder at a time, or some of them where it is large."""
    # What lies in a folder has a larger path than the folder. So the smallest of those that are known is the next.
    waiting = [directory]
    while waiting:
        folder = heapq.heappop(waiting)
        inner: list[str] = []
        for names in sorted_names(_names(folder, suffixes, inner, follow_links)):
            start = os.path.join(folder, "")
            yield [start + name for name in names]
        for path in inner:
            if follow_links:
                _check_loop(directory, path)
            heapq.heappush(waiting, path)


def _names(folder: str, suffixes: tuple[str, ...], inner: list[str], follow_links: bool) -> Iterator[str]:
    """Gives the names of the files in a folder, and puts the paths of folders in it into `inner`."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if _is_folder(entry):
                    if follow_links or not entry.is_symlink():
                        inner.append(entry.path)
                elif entry.name.lower().endswith(suffixes):
                    yield entry.name
    except OSError as error:
        raise _unlisted(folder, error) from error


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # of a link that leads to itself, for instance
        return False


def sorted_names(names: Iterator[str], size: int = RUN) -> Iterator[list[str]]:
    """Gives names in order, in pieces.

    Args:
        names: The names.
        size: So many are sorted at a time, and then packed; the sorted runs are merged at the end.
    """
    run = sorted(itertools.islice(names, size))
    if len(run) < size:
        yield run
        return
    runs = []
    while run:
        runs.append([os.fsencode("\0".join(run[at : at + PACKED])) for at in range(0, len(run), PACKED)])
        run = sorted(itertools.islice(names, size))
    merged = heapq.merge(*map(_unpacked, runs))
    while piece := list(itertools.islice(merged, PACKED)):
        yield piece


def _unpacked(run: list[bytes]) -> Iterator[str]:
    for packed in run:
        yield from os.fsdecode(packed).split("\0")


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
