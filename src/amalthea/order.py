"""Which sample stands at which place: arithmetic on `(seed, epoch, position)`, nothing stored.

A shuffle is a bijection of `0 .. size - 1` computed place by place, a keyed Feistel network. So an epoch over 10**9
samples starts at once and costs no memory, and any place of it can be asked for directly.
"""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

__all__ = ["Order"]

Indices = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]

# With these, all permutations of a few samples are equally frequent, as far as a chi-square test can tell.
ROUNDS = 8
LEAST_BITS = 6


class Order:
    """The order of the samples in every epoch.

    Args:
        size: Number of samples.
        seed: Any integer of 0 or more; another seed is another order.
        shuffle: Whether each epoch has an order of its own; otherwise it is `0, 1, 2, ...`.

    Example:
    >>> Order(5, seed=0, shuffle=True).indices(epoch=0, start=0, stop=5).tolist()
    [3, 4, 0, 1, 2]
    """

    def __init__(self, size: int, *, seed: int, shuffle: bool) -> None:
        self.size = size
        self.seed = seed
        self.shuffle = shuffle

    def indices(self, epoch: int, start: int, stop: int) -> Indices:
        """Returns the indices of the samples at the positions `start` to `stop - 1` of an epoch, int64."""
        positions = np.arange(start, stop, dtype=np.int64)
        return _shuffled(positions, self.size, _keys(self.seed, epoch)) if self.shuffle else positions


@functools.lru_cache(maxsize=8)
def _keys(seed: int, epoch: int) -> Words:
    return np.random.SeedSequence([seed, epoch]).generate_state(ROUNDS, np.uint64).astype(np.uint64)


def _shuffled(positions: Indices, size: int, keys: Words) -> Indices:
    # The network permutes 0 .. 2**bits - 1. A value that falls outside of the data is sent through again until it
    # falls inside (cycle walking), which keeps the bijection. The domain is larger than the data, always: on exactly
    # 2**bits values a Feistel network makes even permutations only.
    bits = max(LEAST_BITS, size.bit_length())
    values = _feistel(positions.astype(np.uint64), bits, keys)
    outside = np.flatnonzero(values >= size)
    while outside.size:
        values[outside] = _feistel(values[outside], bits, keys)
        outside = outside[values[outside] >= size]
    return values.astype(np.int64)


def _feistel(values: Words, bits: int, keys: Words) -> Words:
    low_bits = np.uint64(bits // 2)
    high_mask = np.uint64((1 << (bits - bits // 2)) - 1)
    low_mask = np.uint64((1 << (bits // 2)) - 1)
    high, low = values >> low_bits, values & low_mask
    for first, second in zip(keys[::2], keys[1::2], strict=True):
        high = high ^ (_mixed(low ^ first) & high_mask)
        low = low ^ (_mixed(high ^ second) & low_mask)
    return (high << low_bits) | low


def _mixed(words: Words) -> Words:
    """Every bit of the result depends on every bit of the word (the finalizer of SplitMix64)."""
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))
