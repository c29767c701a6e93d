"""Files that are there more than once."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from amalthea.report.facts import NO_DIGEST

__all__ = ["Copies", "copies_of"]


class Copies(NamedTuple):
    """Files that are the same byte for byte.

    Attributes:
        extra: How many files could go, so that each were there once.
        across: Pairs of files of one content and of two classes, int64 of shape `(pairs, 2)`; one pair a content.
        same: Pairs of files of one content and of one class, likewise.
    """

    extra: int
    across: npt.NDArray[np.int64]
    same: npt.NDArray[np.int64]


def copies_of(digests: npt.NDArray[Any], labels: npt.NDArray[np.int64]) -> Copies:
    """Finds the files with the same digest.

    Args:
        digests: One of 16 bytes for each file; zeros are no digest.
        labels: The number of the class of each file.

    Example:
    >>> digests = np.frombuffer(b"a" * 16 + b"b" * 16 + b"a" * 32, "V16")
    >>> copies = copies_of(digests, np.array([0, 0, 1, 1]))
    >>> copies.extra, copies.across.tolist(), copies.same.tolist()
    (2, [[0, 2]], [])
    """
    known = np.flatnonzero(digests != np.void(NO_DIGEST))
    _, contents = np.unique(digests[known], return_inverse=True)
    # By content, then by class, then by place: what is the same stands side by side.
    order = np.lexsort((known, labels[known], contents))
    known, contents = known[order], contents[order]
    again = np.flatnonzero(contents[1:] == contents[:-1])
    pairs, contents = np.stack([known[again], known[again + 1]], axis=1), contents[again]
    across = labels[pairs[:, 0]] != labels[pairs[:, 1]]
    same = ~np.isin(contents, contents[across])
    return Copies(len(pairs), pairs[across][_firsts(contents[across])], pairs[same][_firsts(contents[same])])


def _firsts(values: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Returns the places at which each value comes first."""
    return np.unique(values, return_index=True)[1]
