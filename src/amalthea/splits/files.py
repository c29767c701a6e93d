"""Files that are in two parts of a split, byte for byte."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from amalthea._urls import is_url
from amalthea.errors import ConfigurationError
from amalthea.sources.contents import begin, content_of, forget, reading_for, stamp_of
from amalthea.sources.paths import Paths

__all__ = ["same_files"]

CHUNK = 1024  # files that are asked for at a time


def same_files(first: Any, second: Any) -> list[tuple[str, str]]:
    """Returns the files that are in both of two parts, byte for byte, under whatever names.

    Only files of equal size are read, a piece at a time.

    Args:
        first: A list of paths, or a loader with `file_paths`.
        second: The other part.

    Returns:
        Pairs of a path of the first and one of the second, in their order.

    Raises:
        ConfigurationError: If there are no paths, or a file cannot be read.

    Example:
    >>> same_files(["tests/data/red.png"], ["tests/data/red.png"])
    [('tests/data/red.png', 'tests/data/red.png')]
    """
    left, right = _paths("first", first), _paths("second", second)
    with ThreadPoolExecutor() as pool:
        sizes_left, sizes_right = (_asked(pool, _size, paths, np.int64) for paths in (left, right))
        common = np.intersect1d(sizes_left, sizes_right)
        left = left.part(np.flatnonzero(np.isin(sizes_left, common)))
        right = right.part(np.flatnonzero(np.isin(sizes_right, common)))
        digests_left, digests_right = (_asked(pool, _digest, paths, "S32") for paths in (left, right))
    of_digest: dict[bytes, list[str]] = defaultdict(list)
    for digest, path in zip(digests_right, right, strict=True):
        of_digest[digest].append(path)
    return [
        (path, other) for digest, path in zip(digests_left, left, strict=True) for other in of_digest.get(digest, ())
    ]


def _paths(name: str, part: Any) -> Paths:
    paths = getattr(part, "file_paths", part)
    if isinstance(paths, str | bytes) or not isinstance(paths, Sequence):
        raise ConfigurationError(
            f"`{name}` is {part!r:.80}, which has no files; it must be a list of paths, or a loader with `file_paths`."
        )
    return paths if isinstance(paths, Paths) else Paths(paths)


def _asked(pool: ThreadPoolExecutor, question: Any, paths: Sequence[str], dtype: Any) -> np.ndarray[Any, Any]:
    reader = object()

    def answer(path: str) -> Any:
        with reading_for(reader):
            return question(path)

    def answers() -> Iterator[Any]:
        # `map` takes all of its input at once: over millions of paths that would be as many futures.
        for start in range(0, len(paths), CHUNK):
            with reading_for(reader):
                chunk = begin(list(paths[start : start + CHUNK]), stamps=question is _size)
            yield from pool.map(answer, chunk)

    try:
        return np.fromiter(answers(), dtype, len(paths))
    finally:
        forget(reader)  # what an error has left


def _size(path: str) -> int:
    try:
        return stamp_of(path)[0] if is_url(path) else Path(path).stat().st_size
    except OSError as error:
        raise _unread(path, error) from error


def _digest(path: str) -> bytes:
    try:
        if is_url(path):
            return hashlib.blake2b(content_of(path), digest_size=32).digest()
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=32)).digest()
    except OSError as error:
        raise _unread(path, error) from error


def _unread(path: str, error: OSError) -> ConfigurationError:
    return ConfigurationError(f"The file {path!r} cannot be read: {error.strerror or error}.")
