"""The files and the folders behind a URL, as they come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from amalthea.errors import AmaltheaError, ConfigurationError
from amalthea.sources import _remote
from amalthea.sources._remote_settings import settings
from amalthea.sources._remote_systems import located, used

__all__ = ["folders_in", "names_under"]

PAGE = 1000  # names that are asked for at a time

Entry = tuple[str, bool]  # the path of something, and whether it is a folder


def folders_in(url: str) -> Iterator[str]:
    """Gives the names of the folders in a folder, in any order.

    Raises:
        ConfigurationError: If it cannot be listed.
    """
    return _listed(url, _folders)


def names_under(url: str) -> Iterator[str]:
    """Gives the paths of all files in a folder and the folders in it, relative to it, in any order.

    Raises:
        ConfigurationError: If it cannot be listed.
    """
    return _listed(url, _files)


def _listed(url: str, find: Callable[[str], Iterator[str]]) -> Iterator[str]:
    try:
        yield from find(url)
    except AmaltheaError:
        raise
    except Exception as error:  # file systems raise whatever their libraries do
        late = isinstance(error, TimeoutError) and not str(error)
        what = "no answer in time; `configure_remote(deadline_s=...)` gives it more" if late else str(error)
        raise ConfigurationError(f"The folder {url!r} cannot be listed: {type(error).__name__}: {what}.") from error


def _folders(url: str) -> Iterator[str]:
    fs, root = located(url)
    fs.invalidate_cache()
    entries = _pages(fs, root, "/") if hasattr(fs, "_iterdir") else _children(fs, root)
    for path, is_folder in entries:
        if is_folder:
            yield _below(path, root)


def _files(url: str) -> Iterator[str]:
    fs, root = located(url)
    fs.invalidate_cache()
    if hasattr(fs, "_iterdir"):  # a store without folders, which lists all at once
        found: Iterator[str] = (path for path, is_folder in _pages(fs, root, "") if not is_folder)
    elif not fs.cachable or "memory" in fs.protocol:  # whose names are all in memory
        with used(url):
            # Says what is wrong, where `find` only finds nothing.
            if fs.info(root)["type"] == "file":
                raise NotADirectoryError(f"it is a file: {root}")
            found = iter(fs.find(root))
    else:
        found = _walked(fs, root)
    for path in found:
        yield _below(path, root)


def _walked(fs: Any, root: str) -> Iterator[str]:
    waiting = [root]
    while waiting:
        for path, is_folder in _children(fs, waiting.pop()):
            if is_folder:
                waiting.append(path)
            else:
                yield path


def _children(fs: Any, folder: str) -> Iterator[Entry]:
    entries = _remote.asked(fs.ls, folder, True)
    fs.invalidate_cache()  # which would keep what is known of each file
    for entry in entries:
        path, is_folder = entry["name"].rstrip("/"), entry["type"] == "directory"
        if path != folder.rstrip("/"):
            yield path, is_folder
        elif not is_folder:
            raise NotADirectoryError(f"it is a file: {folder}")


def _pages(fs: Any, root: str, delimiter: str) -> Iterator[Entry]:
    """Gives what is in a bucket page by page: the calls that are public make one list of it."""
    bucket, key, _ = fs.split_path(root)
    entries = fs._iterdir(bucket, delimiter=delimiter, prefix=f"{key.rstrip('/')}/" if key else "")
    page, empty = _remote.started(_page(fs, entries)), True
    while found := _remote.waited(page):
        page, empty = _remote.started(_page(fs, entries)), False  # under way while these are packed
        yield from found
    if empty:
        raise FileNotFoundError(root)


async def _page(fs: Any, entries: AsyncIterator[dict[str, Any]]) -> list[Entry]:
    page: list[Entry] = []
    async with asyncio.timeout(settings().deadline_s):
        await fs.set_session()
        async for entry in entries:
            path = entry["name"]
            if not path.endswith("/"):  # or it only says that there is a folder
                page.append((path, entry["type"] == "directory"))
            if len(page) == PAGE:
                break
    return page


def _below(path: str, root: str) -> str:
    return path[len(root) :].lstrip("/") if root else path.lstrip("/")
