"""Loaders of shards, and what each of them has put together again."""

import numpy as np

import amalthea
from amalthea._trees import map_leaves
from amalthea.testing.findings import difference
from streams import Identified, mark


def loader(size, *, shard=None, **options):
    return amalthea.Loader(Identified(size), **{"transform": mark, "seed": 3, "workers": 0, **options}, shard=shard)


def epochs_of(batches, epochs=2):
    with batches:
        return [batch for _ in range(epochs) for batch in batches]


def all_shards(make, count, **options):
    """Returns for each global batch what each of the shards has of it."""
    return list(zip(*(epochs_of(make(shard=(index, count), **options)) for index in range(count)), strict=True))


def put_together(parts):
    """Returns the rows of all shards of a batch behind each other."""
    return map_leaves(lambda *arrays: np.concatenate(arrays), *parts)


def assert_whole(parts, expected):
    """The shards of a batch are the batch, and as many rows each: what they have beyond it is of it again, and weighs
    nothing. `expected` is the batch of the loader without shards, `(x, y)` or `(x, y, weights)`."""
    rows, share = len(expected[0]), -(-len(expected[0]) // len(parts))
    assert {len(leaf) for part in parts for leaf in part} == {share}
    x, y, *rest = put_together(parts)
    weights = rest[0] if rest else np.ones(len(x), np.float32)
    assert len(rest) == 1 or rows == len(x)
    own = expected[2] if len(expected) == 3 else np.ones(rows, np.float32)
    assert difference((*expected[:2], own), (x[:rows], y[:rows], weights[:rows])) is None
    assert not weights[rows:].any()
    samples = {(row.tobytes(), target.tobytes()) for row, target in zip(*expected[:2], strict=True)}
    assert {(row.tobytes(), target.tobytes()) for row, target in zip(x[rows:], y[rows:], strict=True)} <= samples
