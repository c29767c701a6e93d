"""Files that belong together by their names."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from amalthea._urls import inner
from amalthea.errors import ConfigurationError
from amalthea.sources.files import find_files
from amalthea.sources.paths import Paths

__all__ = ["check_rule", "files", "paired", "partners", "stem"]

Path = str | os.PathLike[str]

SHOWN = 3  # that many paths are named in an error


def stem(path: Path | bytes) -> str:
    """Returns the name of a file without its folder and its suffix."""
    # Ten times as fast as `PurePath`, for lists of millions.
    name = inner(os.fsdecode(path)).replace(os.sep, "/").rpartition("/")[2]
    return name.rpartition(".")[0] or name


def paired(paths: Sequence[Path], *others: Iterable[Path], by: Callable[[str], Any] = stem) -> Any:
    """Returns the files that belong to those of a list: for each path, the one of the same name.

    Files that belong to none are left out.

    Args:
        paths: Paths, which give the order.
        *others: One list of paths or several, in any order.
        by: What files that belong together have in common: a function of the path. By default it is the name of
            the file without folder and suffix.

    Returns:
        A sequence of as many paths as `paths` has; for several others a tuple of such sequences.

    Raises:
        ConfigurationError: If a path has no partner or several, if two of `paths` have the same name, or if `by` is
            no such function.

    Example:
    >>> images = ["img/b.png", "img/a.png"]
    >>> list(paired(images, ["txt/a.txt", "txt/b.txt", "txt/c.txt"]))
    ['txt/b.txt', 'txt/a.txt']
    """
    if not others:
        raise ConfigurationError("`paired` is given one list of paths; it needs another one, to find partners in.")
    found = partners(paths, {f"others[{number}]": other for number, other in enumerate(others)}, by)
    return found if len(found) > 1 else found[0]


def partners(
    paths: Sequence[Path], others: Mapping[str, Iterable[Path]], by: Callable[[str], Any]
) -> tuple[Paths, ...]:
    """Returns the files that belong to those of a list, see `paired`: of each list, which errors call by its name."""
    check_rule(by)
    paths = _listed("paths", paths)
    place_of: dict[Any, int] = {}
    for place, key in enumerate(_keys(paths, by)):
        if place_of.setdefault(key, place) != place:
            raise _twice("paths", paths[place_of[key]], paths[place])
    return tuple(_partners(paths, place_of, name, _listed(name, other), by) for name, other in others.items())


def check_rule(by: Any) -> None:
    """Raises ConfigurationError if `by` is no function."""
    if not callable(by):
        raise ConfigurationError(f"`by` is {by!r}; it must be a function of the path, or be left out.")


def files(directory: Path, suffixes: str | Sequence[str], *, follow_links: bool = False) -> Paths:
    """Returns the paths of all files of a folder, and of the folders in it, sorted as Keras sorts them.

    Args:
        directory: The folder.
        suffixes: How their names end, in any case: `".txt"`, or several such.
        follow_links: Whether to go into folders that are symbolic links.

    Raises:
        ConfigurationError: If there are none, or if the folder cannot be listed.
    """
    endings = tuple(each.lower() for each in ([suffixes] if isinstance(suffixes, str) else suffixes))
    found = find_files(os.fspath(directory), follow_links=follow_links, suffixes=endings)
    if not found:
        raise ConfigurationError(f"The folder {os.fspath(directory)!r} has no file whose name ends in {endings}.")
    return found


def _listed(name: str, paths: Iterable[Path]) -> Paths:
    if isinstance(paths, str | bytes):
        raise ConfigurationError(f"`{name}` is the single string {paths!r}; it must be a list of paths.")
    return Paths(paths)


def _keys(paths: Paths, by: Callable[[str], Any]) -> Iterator[Any]:
    for path in paths:
        key = by(path)
        try:
            hash(key)
        except TypeError:
            raise ConfigurationError(
                f"`by` gives {key!r:.80} for {path!r}, which cannot be looked up; it must give a string, a number or "
                "a tuple of such."
            ) from None
        yield key


def _partners(paths: Paths, place_of: dict[Any, int], name: str, other: Paths, by: Any) -> Paths:
    chosen = np.full(len(paths), -1, np.int64)
    for number, key in enumerate(_keys(other, by)):
        place = place_of.get(key)
        if place is None:
            continue
        if chosen[place] >= 0:
            raise _twice(name, other[int(chosen[place])], other[number])
        chosen[place] = number
    alone = np.flatnonzero(chosen < 0)
    if alone.size:
        shown = ", ".join(map(repr, paths.part(alone[:SHOWN]))) + (", ..." if alone.size > SHOWN else "")
        raise ConfigurationError(
            f"{alone.size} of {len(paths)} files have no partner in `{name}`: {shown}. Leave them out, or "
            "pass `by`, a function of the path that is the same for files that belong together."
        )
    return other.part(chosen)


def _twice(name: str, first: str, second: str) -> ConfigurationError:
    return ConfigurationError(
        f"`{name}` has two files of one name, {first!r} and {second!r}; a partner could not be told. "
        "Pass `by`, a function of the path that tells them apart."
    )
