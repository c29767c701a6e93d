"""Paths that may be URLs, also of files in archives: `s3://bucket/a.jpg`, `zip://a.jpg::/data/train.zip`."""

from __future__ import annotations

import os

__all__ = ["absolute", "inner", "is_url", "joined", "parts"]


def is_url(path: str) -> bool:
    """Returns whether a path is a URL: one on a drive, as `C:/data`, is none.

    Example:
    >>> is_url("s3://bucket/a.jpg"), is_url("/data/a.jpg")
    (True, False)
    """
    return "://" in path


def parts(url: str) -> tuple[str, str]:
    """Returns what is inside of an archive, and the archive; of a URL without one the second is empty.

    Example:
    >>> parts("zip://cats/a.jpg::s3://bucket/train.zip")
    ('zip://cats/a.jpg', '::s3://bucket/train.zip')
    >>> parts("simplecache::s3://bucket/a.jpg")
    ('simplecache::s3://bucket/a.jpg', '')
    """
    start = url.find("://")  # what has no path of its own, as a cache, belongs to what follows it
    end = url.find("::", start)
    return (url, "") if end < 0 else (url[:end], url[end:])


def inner(path: str) -> str:
    """Returns a path without the archive that it is in: with its own name and suffix at its end.

    Example:
    >>> inner("zip://cats/a.jpg::/data/train.zip"), inner("cats/a.jpg")
    ('zip://cats/a.jpg', 'cats/a.jpg')
    """
    return parts(path)[0] if "://" in path else path


def absolute(path: str) -> str:
    """Returns a path, or a URL, that can be told from any working directory."""
    return path if is_url(path) else os.path.abspath(path)  # noqa: PTH100 - paths are strings inside


def joined(directory: str, name: str) -> str:
    """Returns the path, or the URL, of what lies in a folder; a name that is a URL stays what it is.

    Example:
    >>> joined("zip://cats::/data/train.zip", "a.jpg")
    'zip://cats/a.jpg::/data/train.zip'
    """
    if is_url(name):
        return name
    if not is_url(directory):
        return os.path.join(directory, name)  # noqa: PTH118 - paths are strings inside
    head, rest = parts(directory)
    return f"{head}{'' if head.endswith('/') else '/'}{name}{rest}"
