"""Files that are there more than once."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from amalthea.report.facts import NO_DIGEST

__all__ = ["Copies", "copies_of"]


class Copies(NamedTuple):
    """The contents that more than one file has; those of two classes first, then by the number of their files.

    Attributes:
        pairs: Two files of each, of two classes if it has any, int64 of shape `(contents, 2)`.
        members: How many files have it, int64 of shape `(contents,)`.
        across: Whether these are of more than one class, bool of shape `(contents,)`.
    """

    pairs: npt.NDArray[np.int64]
    members: npt.NDArray[np.int64]
    across: npt.NDArray[np.bool_]

    @property
    def extra(self) -> int:
        """How many files could go, so that each were there once."""
        return int((self.members - 1).sum())


def copies_of(digests: npt.NDArray[Any], labels: npt.NDArray[np.int64]) -> Copies:
    """Finds the files with the same digest.

    Args:
        digests: One of 16 bytes for each file; zeros are no digest.
        labels: The number of the class of each file.

    Example:
    >>> digests = np.frombuffer(b"a" * 16 + b"b" * 16 + b"a" * 32, "V16")
    >>> copies = copies_of(digests, np.array([0, 0, 1, 1]))
    >>> copies.extra, copies.pairs.tolist(), copies.members.tolist(), copies.across.tolist()
    (2, [[0, 2]], [3], [True])
    """
    known = np.flatnonzero(digests != np.void(NO_DIGEST))
    _, contents = np.unique(digests[known], return_inverse=True)
    # By content, then by class, then by place: what is the same stands side by side.
    order = np.lexsort((known, labels[known], contents))
    known, contents = known[order], contents[order]
    again = np.flatnonzero(contents[1:] == contents[:-1])
    pairs, contents = np.stack([known[again], known[again + 1]], axis=1), contents[again]
    across = labels[pairs[:, 0]] != labels[pairs[:, 1]]
    # The first pair of each content, one of two classes before the others.
    order = np.lexsort((pairs[:, 0], ~across, contents))
    _, firsts, counts = np.unique(contents[order], return_index=True, return_counts=True)
    pairs, across = pairs[order[firsts]], across[order[firsts]]
    order = np.lexsort((pairs[:, 0], -counts, ~across))
    return Copies(pairs[order], counts[order] + 1, across[order])
