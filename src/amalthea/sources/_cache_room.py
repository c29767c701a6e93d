"""Whether there is room for a cache, before anything is read."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

from amalthea._units import as_bytes
from amalthea.errors import ConfigurationError

__all__ = ["check_disk", "check_memory", "free_memory"]

REMEDY = "Make the samples smaller or fewer"


def check_memory(size: int) -> None:
    """Raises ConfigurationError if so many bytes are more than the memory that is free."""
    free = free_memory()
    if free is not None and size > free:
        raise ConfigurationError(
            f"`cache` is 'memory', which would take {as_bytes(size)}; {as_bytes(free)} are free. {REMEDY}, or pass a "
            "folder instead."
        )


def check_disk(path: Path, size: int) -> None:
    """Raises ConfigurationError if a file of so many bytes does not fit on its disk."""
    held = 0
    with contextlib.suppress(OSError):  # there is no such file yet
        # What was never written takes no room; where that is not told, all of it does.
        found = path.stat()
        held = found.st_blocks * 512 if hasattr(found, "st_blocks") else found.st_size
    folder = next(each for each in path.parents if each.is_dir())
    free = shutil.disk_usage(folder).free
    if size - held > free:
        raise ConfigurationError(
            f"`cache` is {str(path.parent)!r}, which would take {as_bytes(size - held)} more; {as_bytes(free)} are "
            f"free there. {REMEDY}, or pass a folder on another disk."
        )


def free_memory() -> int | None:
    """Returns how many bytes can be had; `None` where the system does not tell it in a file."""
    amounts = []
    with contextlib.suppress(OSError):
        lines = Path("/proc/meminfo").read_text().splitlines()
        amounts += [int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")]
    with contextlib.suppress(OSError, ValueError):  # of a container; "max" is no limit
        amounts.append(int(Path("/sys/fs/cgroup/memory.max").read_text()))
    if not amounts and hasattr(os, "sysconf"):
        with contextlib.suppress(OSError, ValueError):
            amounts.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    return min(amounts, default=None)
