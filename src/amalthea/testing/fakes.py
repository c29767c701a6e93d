"""Sources with a defect, for tests of what has to do with one."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from amalthea.sources.protocol import Source

__all__ = ["Faulty", "Racy"]


class Faulty:
    """A source of which some samples are broken.

    Args:
        source: The source.
        fails: What becomes of these samples: an exception is raised, anything else stands in their place.

    Example:
    >>> source = Faulty([1, 2, 3], fails={1: ValueError("too dark"), 2: (3, 3)})
    >>> source[0], source[2]
    (1, (3, 3))
    """

    def __init__(self, source: Source, fails: Mapping[int, Any]) -> None:
        self._source, self._fails = source, dict(fails)

    def __len__(self) -> int:
        return len(self._source)

    def __getitem__(self, index: int) -> Any:
        if index not in self._fails:
            return self._source[index]
        if isinstance(self._fails[index], BaseException):
            raise self._fails[index]
        return self._fails[index]


class Racy:
    """A source that only one thread at a time may read: another one may give it the other's sample.

    Args:
        source: The source.

    Example:
    >>> Racy([10, 20])[1]
    20
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._place = 0

    def __len__(self) -> int:
        return len(self._source)

    def __getitem__(self, index: int) -> Any:
        self._place = index
        time.sleep(0)  # Python's lock is given up, as in a read from a file
        return self._source[self._place]
