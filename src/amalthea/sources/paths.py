"""Many paths in little memory: their bytes one behind the other, and where each begins."""

from __future__ import annotations

import operator
import os
from array import array
from collections.abc import Iterable, Sequence
from typing import overload

import numpy as np

from amalthea._shared import shared_empty

__all__ = ["Paths"]


class Paths(Sequence[str]):
    """A sequence of strings that costs their bytes and 8 more for each, once for all worker processes.

    Args:
        paths: The paths, or an iterator of them.

    Example:
    >>> paths = Paths(["a.png", "b/c.png"])
    >>> paths[1], len(paths), paths == ["a.png", "b/c.png"]
    ('b/c.png', 2, True)
    """

    def __init__(self, paths: Iterable[str | os.PathLike[str]]) -> None:
        data, offsets = bytearray(), array("q", [0])
        for path in paths:
            data += os.fsencode(path)
            offsets.append(len(data))
        self._bytes = shared_empty(len(data), np.uint8)
        self._bytes[:] = np.frombuffer(data, np.uint8)
        self._offsets = shared_empty(len(offsets), np.int64)
        self._offsets[:] = np.frombuffer(offsets, np.int64)

    def __len__(self) -> int:
        return len(self._offsets) - 1

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> list[str]: ...

    def __getitem__(self, index: int | slice) -> str | list[str]:
        places = range(len(self))[index]
        return [self._path(place) for place in places] if isinstance(places, range) else self._path(places)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str):
            return NotImplemented
        return len(self) == len(other) and all(map(operator.eq, self, other))

    __hash__ = None  # type: ignore[assignment]  # as a list has none

    def __repr__(self) -> str:
        few = [*map(repr, self[:3]), *(["..."] if len(self) > 3 else [])]
        return f"Paths([{', '.join(few)}])" + (f"  # {len(self):,} paths" if len(self) > 3 else "")

    def _path(self, place: int) -> str:
        start, stop = self._offsets[place : place + 2].tolist()
        return os.fsdecode(self._bytes[start:stop].tobytes())
