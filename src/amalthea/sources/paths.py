"""Many paths in little memory: their bytes one behind the other, and where each of them is."""

from __future__ import annotations

import itertools
import operator
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from amalthea._shared import Growing, shared_take
from amalthea._urls import is_url, joined, parts
from amalthea.errors import ConfigurationError

__all__ = ["Paths", "RelativePaths"]

CHUNK = 1024  # paths that are Python strings at a time

# A place is `start << LENGTH_BITS | length`, in bytes: one number, so that a choice of paths is one of numbers.
LENGTH_BITS = 20
LONGEST = (1 << LENGTH_BITS) - 1

ENCODING, ERRORS = sys.getfilesystemencoding(), sys.getfilesystemencodeerrors()

Places = npt.NDArray[np.int64]


class Paths(Sequence[str]):
    """A sequence of strings that costs their bytes and 8 more for each, once for all worker processes.

    Args:
        paths: The paths, or an iterator of them. Those that are `Paths` already share their memory.

    Raises:
        ConfigurationError: If one is longer than a path can be.

    Example:
    >>> paths = Paths(["a.png", "b/c.png"])
    >>> paths[1], len(paths), paths == ["a.png", "b/c.png"]
    ('b/c.png', 2, True)
    >>> paths.part([1, 1])
    Paths(['b/c.png', 'b/c.png'])
    """

    _bytes: npt.NDArray[np.uint8]
    _places: Places

    def __init__(self, paths: Iterable[str | os.PathLike[str]]) -> None:
        if isinstance(paths, Paths):
            self._bytes, self._places = paths._bytes, paths._places
            return
        data, places = Growing(np.uint8), Growing(np.int64)
        start, rest = 0, iter(paths)
        while chunk := list(itertools.islice(rest, CHUNK)):
            encoded, lengths = _encoded(chunk)
            ends = start + np.cumsum(lengths)
            data.append(encoded)
            places.append(((ends - lengths) << LENGTH_BITS | lengths).tobytes())
            start = int(ends[-1])
        self._bytes, self._places = data.array(), places.array()

    def part(self, indices: Any) -> Paths:
        """Returns some of the paths, which lie where they are: each costs 8 bytes more.

        Args:
            indices: Which, integers of shape `(paths,)`.
        """
        return self._of(shared_take(self._places, np.asarray(indices, None if len(indices) else np.int64)))

    def parted(self, by: Callable[[Places], tuple[Places, Places]]) -> tuple[Paths, Paths]:
        """Returns two parts, which share the memory of these paths.

        Args:
            by: Puts an array into another order, in place, and returns two parts of it. These paths get that order.
        """
        first, second = by(self._places)
        return self._of(first), self._of(second)

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> list[str]: ...

    def __getitem__(self, index: int | slice) -> str | list[str]:
        return self._decoded(self._places[index]) if isinstance(index, slice) else self._path(self._places[index])

    def __iter__(self) -> Iterator[str]:
        for start in range(0, len(self), CHUNK):
            yield from self._decoded(self._places[start : start + CHUNK])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str):
            return NotImplemented
        return len(self) == len(other) and all(map(operator.eq, self, other))

    def __repr__(self) -> str:
        few = [*map(repr, self[:3]), *(["..."] if len(self) > 3 else [])]
        return f"Paths([{', '.join(few)}])" + (f"  # {len(self):,} paths" if len(self) > 3 else "")

    def _of(self, places: Places) -> Paths:
        paths = object.__new__(Paths)
        paths._bytes, paths._places = self._bytes, places
        return paths

    def _path(self, place: np.int64) -> str:
        start, length = divmod(int(place), 1 << LENGTH_BITS)
        return str(self._bytes[start : start + length].data, ENCODING, ERRORS)

    def _decoded(self, places: Places) -> list[str]:
        starts, lengths = places >> LENGTH_BITS, places & LONGEST
        data = self._bytes.data
        pieces = zip(starts.tolist(), (starts + lengths).tolist(), strict=True)
        return [str(data[start:end], ENCODING, ERRORS) for start, end in pieces]


def _encoded(paths: list[Any]) -> tuple[bytes, Places]:
    """Returns the bytes of paths, and how many each has."""
    pieces: list[Any] = paths
    if all(type(path) is str for path in paths) and (text := "".join(paths)).isascii():
        data = text.encode()
    else:
        pieces = list(map(os.fsencode, paths))
        data = b"".join(pieces)
    lengths = np.fromiter(map(len, pieces), np.int64, len(pieces))
    if lengths.max() > LONGEST:
        longest = paths[int(lengths.argmax())]
        raise ConfigurationError(f"A path has {lengths.max():,} bytes, more than {LONGEST:,}: {longest!r:.80}.")
    return data, lengths


class RelativePaths(Sequence[str]):
    """Paths without the folder that they begin with, each made when it is asked for.

    Args:
        paths: The paths.
        directory: The folder; a path that does not begin with it stays as it is.

    Example:
    >>> names = RelativePaths(["pets/cats/1.png", "pets/dogs/2.png"], "pets")
    >>> names[1], list(names)
    ('dogs/2.png', ['cats/1.png', 'dogs/2.png'])
    """

    def __init__(self, paths: Sequence[str], directory: str) -> None:
        self._paths = paths
        self._prefix, self._suffix = directory, ""
        if is_url(directory):
            self._prefix, self._suffix = parts(joined(directory, ""))
        elif directory and not directory.endswith(("/", os.sep)):
            self._prefix += os.sep

    def __len__(self) -> int:
        return len(self._paths)

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> list[str]: ...

    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self._name(path) for path in self._paths[index]]
        return self._name(self._paths[index])

    def __iter__(self) -> Iterator[str]:
        return map(self._name, self._paths)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str):
            return NotImplemented
        return len(self) == len(other) and all(map(operator.eq, self, other))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self[:3]}{' ...' if len(self) > 3 else ''})"

    def _name(self, path: str) -> str:
        return os.fspath(path).removeprefix(self._prefix).removesuffix(self._suffix)
