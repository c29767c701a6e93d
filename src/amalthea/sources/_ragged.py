"""The ids of many texts in one array, each text as long as it is."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from amalthea._shared import shared_empty
from amalthea.sources._numbering import Ids, Lengths

__all__ = ["Ragged", "cut"]

# Beyond this many ids a row is written faster by itself than with all others at once.
FEW = 256


def cut(ids: Ids, max_length: int, truncating: str) -> Ids:
    """Returns the first (`"post"`) or the last (`"pre"`) ids of a text."""
    return ids[:max_length] if truncating == "post" else ids[max(0, len(ids) - max_length) :]


class Ragged:
    """Ids of texts, cut to a length, in memory that worker processes share.

    Args:
        pieces: The ids of texts one behind the other, and how many each has, some texts at a time.
        max_length: Ids of a text at most.
        truncating: Where a longer text is cut: `"pre"` or `"post"`.
    """

    def __init__(self, pieces: Iterable[tuple[Ids, Lengths]], max_length: int, truncating: str) -> None:
        all_ids, all_lengths = [np.zeros(1, np.int32)], [np.zeros(1, np.int64)]
        for ids, lengths in pieces:
            cut_ids, cut_lengths = _cut_piece(ids, lengths, max_length, truncating)
            all_ids.append(cut_ids)
            all_lengths.append(cut_lengths)
        # One id stands before the first text, so that there is something to take where all texts are empty.
        self._ids = shared_empty(sum(map(len, all_ids)), np.int32)
        np.concatenate(all_ids, out=self._ids)
        lengths = np.concatenate(all_lengths)
        self._offsets = shared_empty(len(lengths), np.int64)
        np.cumsum(lengths, out=self._offsets)
        self._offsets += 1

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def __getitem__(self, index: int) -> Ids:
        start, stop = self._offsets[index : index + 2].tolist()
        return self._ids[start:stop]

    @property
    def lengths(self) -> Lengths:
        """How many ids each text has."""
        return np.diff(self._offsets)

    def read_rows(
        self, indices: npt.NDArray[np.int64], rows: npt.NDArray[np.integer], pad_id: int, *, pre: bool
    ) -> bool:
        """Writes texts into rows of shape `(texts, ids)`, padded at one end.

        Returns:
            Whether it was done: long rows are left to be written one by one.
        """
        width = rows.shape[1]
        if width > FEW:
            return False
        starts = self._offsets.take(indices)[:, np.newaxis]
        lengths = self._offsets.take(indices + 1)[:, np.newaxis] - starts
        # shape (texts, ids): the place in its text of what stands there
        places = np.arange(width) - (width - lengths if pre else 0)
        within = (places >= 0) & (places < lengths)
        rows[...] = np.where(within, self._ids.take(starts + places, mode="clip"), np.int32(pad_id))
        return True


def _cut_piece(ids: Ids, lengths: Lengths, max_length: int, truncating: str) -> tuple[Ids, Lengths]:
    if lengths.max(initial=0) <= max_length:
        return ids, lengths
    ends = np.cumsum(lengths)
    places = np.arange(len(ids)) - np.repeat(ends - lengths, lengths)  # of each id in its text
    if truncating == "pre":
        places -= np.repeat(lengths - max_length, lengths)
    return ids[(places >= 0) & (places < max_length)], np.minimum(lengths, max_length)
