"""The files of programs below some paths."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from amalthea.errors import ConfigurationError

__all__ = ["SUFFIXES", "Found", "find"]

SUFFIXES = (".py", ".ipynb")

# Folders of what others wrote, and of what is made from it; hidden ones, as `.git` and `.venv`, are left out as well.
_OTHERS = ("__pycache__", "node_modules", "site-packages")
_ENVIRONMENT = "pyvenv.cfg"


class Found(NamedTuple):
    """What was found.

    Attributes:
        files: The files, each once: by path as given, and in a folder by name, files before folders.
        closed: Folders that cannot be listed, and why.
    """

    files: list[Path]
    closed: list[OSError]


def find(paths: Sequence[str]) -> Found:
    """Finds programs and notebooks.

    A file that is named is taken, whatever its suffix. In a folder, links are not followed: what they lead to in this
    folder is found by itself, and what is elsewhere is not part of it.

    Args:
        paths: Files and folders.

    Raises:
        ConfigurationError: If one of them does not exist, or there is no program in any of them.

    Example:
    >>> find(["tests/data"])
    Traceback (most recent call last):
    amalthea.errors.ConfigurationError: `PATH` is 'tests/data', where no .py or .ipynb file is.
    """
    files: dict[str, Path] = {}
    closed: list[OSError] = []
    for path in map(Path, paths):
        if not path.exists():
            raise ConfigurationError(f"`PATH` is {str(path)!r}; it must be a file or a folder that exists.")
        for file in _in_folder(path, closed) if path.is_dir() else [path]:
            files.setdefault(os.path.realpath(file), file)
    if not files and not closed:
        raise ConfigurationError(f"`PATH` is {', '.join(map(repr, paths))}, where no {' or '.join(SUFFIXES)} file is.")
    return Found(list(files.values()), closed)


def _in_folder(top: Path, closed: list[OSError]) -> Iterator[Path]:
    for place, folders, names in os.walk(top, onerror=closed.append):
        folder = Path(place)
        if _ENVIRONMENT in names and folder != top:
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _OTHERS)
        for name in sorted(names):
            path = folder / name
            if path.suffix in SUFFIXES and _is_file(path):
                yield path


def _is_file(path: Path) -> bool:
    """Returns whether a path is that of a file, and not of a link or a pipe."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return True  # it is told why when it is read
