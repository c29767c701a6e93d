"""Where a cache is kept: in memory, or in a folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from amalthea.errors import ConfigurationError

__all__ = ["folder_of"]

MEMORY = "memory"

# Nobody means a folder by these.
MISSPELT = ("memory", "mem", "ram", "disk")


def folder_of(cache: Any) -> str | None:
    """Returns the folder that a `cache` argument names, or `None` for memory.

    Raises:
        ConfigurationError: If it is neither.
    """
    try:
        folder = os.fsdecode(cache)
    except TypeError:
        folder = ""
    if not folder or "\0" in folder or Path(folder).is_file():
        raise ConfigurationError(
            f"`cache` is {cache!r}; it must be 'memory', or the path of a folder. A loader without a cache has None."
        )
    if isinstance(cache, os.PathLike):
        return folder
    if folder != MEMORY and folder.strip().lower() in MISSPELT:
        raise ConfigurationError(
            f"`cache` is {cache!r}; it must be 'memory', or the path of a folder. A folder of that name is written "
            f"'./{folder}'."
        )
    return None if folder == MEMORY else folder
