"""The ways in which a loader may read a source."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from amalthea._trees import map_leaves
from amalthea.batches import Layout, as_sample
from amalthea.sources import _reading

__all__ = ["Way", "as_row", "ways_of"]

# Index of a sample -> the sample.
Way = Callable[[int], Any]


def ways_of(source: Any, sample: Any, seed: int) -> dict[str, Way]:
    """Returns all ways to read a source, by what the user has written: `source[i]` is the first.

    Args:
        source: The source.
        sample: A sample of it, which tells the shapes.
        seed: For the generators of a source that draws.
    """
    ways: dict[str, Way] = {"source[i]": lambda index: source[index]}
    if _reading.is_random(source):
        ways["draw"] = lambda index: source.draw(index, np.random.default_rng([seed, 0, index]))
        return ways

    def read_into(index: int) -> Any:
        made = map_leaves(lambda array: array[0, ...], _rows(source, sample, 1))
        source.read_into(index, made)
        return made

    def read_rows(index: int) -> Any:
        made = _rows(source, sample, 2)
        source.read_rows(np.array([0, index], np.int64), made)
        return map_leaves(lambda array: array[1, ...], made)

    if getattr(source, "read_into", None) is not None:
        ways["read_into"] = read_into
    if _reading.reads_at_once(source):
        ways["read_rows"] = read_rows
    return ways


def as_row(source: Any, sample: Any) -> Any:
    """Returns a sample as a row of a batch, which is as long as the longest."""
    row = map_leaves(lambda array: array[0, ...], _rows(source, sample, 1))
    _reading.put(source, sample, row)
    return row


def _rows(source: Any, sample: Any, count: int) -> Any:
    lengths = _reading.lengths_of(source)
    longest = None if lengths is None else max(1, int(np.max(lengths)))
    layout = Layout(as_sample(sample), count, longest)
    # What a row holds before is anything: a part that is not written shows.
    return layout.arrays(np.full(layout.block_bytes, 0xA5, np.uint8), count, longest)
