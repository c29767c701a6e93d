"""Finding files in a folder, in the order in which Keras finds them."""

from __future__ import annotations

import heapq
import importlib
import itertools
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from amalthea._progress import progress
from amalthea._urls import is_url, joined
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
    if is_url(directory):
        return sorted({name for name in _listing().folders_in(directory) if not name.startswith(".")})
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
        directory: The folder, or its URL.
        follow_links: Whether to go into folders that are symbolic links.
        suffixes: How the names end, in lower case.
        show: Whether to show progress.

    Raises:
        ConfigurationError: If a folder cannot be listed, or if a symbolic link leads back to a folder above it.
    """
    return find_in_each(directory, None, follow_links=follow_links, suffixes=suffixes, show=show)[0]


def find_in_each(
    directory: str,
    folders: Sequence[str] | None,
    *,
    follow_links: bool,
    suffixes: tuple[str, ...],
    show: bool = False,
) -> tuple[Paths, npt.NDArray[np.int64]]:
    """Returns what `find_files` finds in folders of a folder, one after the other, and how many files each has.

    Args:
        directory: The folder, or its URL.
        folders: Names of the folders in it; `None` is the folder itself.
        follow_links: As for `find_files`.
        suffixes: As for `find_files`.
        show: As for `find_files`.
    """
    counts = np.zeros(1 if folders is None else len(folders), np.int64)

    def counted(advance: Callable[[int], None]) -> Iterator[list[str]]:
        for number, paths in _remote_lists(directory, folders, suffixes) if is_url(directory) else local():
            counts[number] += len(paths)
            advance(len(paths))
            yield paths

    def local() -> Iterator[tuple[int, list[str]]]:
        each = [directory] if folders is None else [os.path.join(directory, name) for name in folders]
        for number, folder in enumerate(each):
            for paths in _lists(folder, follow_links, suffixes):
                yield number, paths

    with progress("Finding files", show=show) as advance:
        return Paths(itertools.chain.from_iterable(counted(advance))), counts


def _remote_lists(
    directory: str, folders: Sequence[str] | None, suffixes: tuple[str, ...]
) -> Iterator[tuple[int, list[str]]]:
    """Gives the URLs of files in the order of those on a disk, with the number of their folder.

    All is listed at once: to a store without folders, each would be a request of its own.
    """
    number_of = None if folders is None else {name: number for number, name in enumerate(folders)}

    def number(path: str) -> int:
        return 0 if number_of is None else number_of.get(path.partition("/")[0], -1) if "/" in path else -1

    def key(path: str) -> tuple[int, str, str]:
        folder, _, name = path.rpartition("/")
        return number(path), folder, name

    found = _listing().names_under(directory)
    kept = (path for path in found if path.lower().endswith(suffixes) and number(path) >= 0)
    for paths in sorted_names(kept, key=key):
        for folder, part in itertools.groupby(paths, number):
            yield folder, [joined(directory, path) for path in part]


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


def sorted_names(names: Iterator[str], size: int = RUN, key: Callable[[str], Any] | None = None) -> Iterator[list[str]]:
    """Gives names in order, in pieces.

    Args:
        names: The names.
        size: So many are sorted at a time, and then packed; the sorted runs are merged at the end.
        key: What they are sorted by, as for `sorted`.
    """
    run = sorted(itertools.islice(names, size), key=key)
    if len(run) < size:
        yield run
        return
    runs = []
    while run:
        runs.append([os.fsencode("\0".join(run[at : at + PACKED])) for at in range(0, len(run), PACKED)])
        run = sorted(itertools.islice(names, size), key=key)
    merged = heapq.merge(*map(_unpacked, runs), key=key)
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


def _listing() -> Any:
    # What it needs is imported where there is a URL only.
    return importlib.import_module("amalthea.sources._remote_listing")
