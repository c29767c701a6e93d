"""Which sample stands at which place: arithmetic on `(seed, epoch, position)`, nothing stored.

A shuffle is a bijection of `0 .. size - 1` computed place by place, a keyed Feistel network. So an epoch over 10**9
samples starts at once and costs no memory, and any place of it can be asked for directly.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Protocol

import numpy as np
import numpy.typing as npt
from numpy.random import SeedSequence  # by itself NumPy imports it only when it is used

__all__ = ["Bucketed", "Order", "Sampled", "Shuffled"]

Indices = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint32]

# With these, all permutations of a few samples are equally frequent, as far as a chi-square test can tell.
ROUNDS = 6
LEAST_BITS = 6

# So many places are computed at a time and kept for the batches that come next: that takes a millisecond or so.
CHUNK = 16384


class Order(Protocol):
    """Which sample stands at which place of which epoch.

    Attributes:
        size: Number of places of an epoch.
    """

    size: int

    def indices(self, epoch: int, start: int, stop: int) -> Indices:
        """Returns the indices of the samples at the positions `start` to `stop - 1` of an epoch, int64."""


class Shuffled:
    """Every sample once an epoch.

    Args:
        size: Number of samples.
        seed: Any integer of 0 or more; another seed is another order.
        shuffle: Whether each epoch has an order of its own; otherwise it is `0, 1, 2, ...`.

    Example:
    >>> Shuffled(5, seed=0, shuffle=True).indices(epoch=0, start=0, stop=5).tolist()
    [2, 1, 4, 0, 3]
    """

    def __init__(self, size: int, *, seed: int, shuffle: bool) -> None:
        self.size = size
        self.seed = seed
        self.shuffle = shuffle

    def indices(self, epoch: int, start: int, stop: int) -> Indices:
        """Returns the indices of the samples at the positions `start` to `stop - 1` of an epoch, int64."""
        if not self.shuffle:
            return np.arange(start, stop, dtype=np.int64)
        return _joined(lambda number: _chunk(self.size, self.seed, epoch, number), CHUNK, start, stop)


class Sampled:
    """Samples drawn by their weights, with replacement: some come more than once in an epoch, some not at all.

    Args:
        weights: Of each sample, 0 or more, shape `(samples,)`: twice the weight is drawn twice as often.
        seed: Any integer of 0 or more; another seed is another order.

    Example:
    >>> Sampled(np.array([0.0, 1.0, 0.0]), seed=0).indices(epoch=0, start=0, stop=4).tolist()
    [1, 1, 1, 1]
    """

    def __init__(self, weights: npt.NDArray[np.float64], *, seed: int) -> None:
        self.size = len(weights)
        self.seed = seed
        self._ends = np.cumsum(weights)
        self._last = int(np.flatnonzero(weights)[-1])

    def indices(self, epoch: int, start: int, stop: int) -> Indices:
        """Returns the indices of the samples at the positions `start` to `stop - 1` of an epoch, int64."""
        # The 4 keeps this stream apart from all others. A place has a word of 64 bits, of which 53 make a fraction.
        key = SeedSequence([self.seed, epoch, 4]).generate_state(2, np.uint64).astype(np.uint64)
        words = _mixed(_mixed(np.arange(start, stop, dtype=np.uint64) ^ key[0]) ^ key[1])
        fractions = (words >> np.uint64(11)) * 2.0**-53
        drawn = np.searchsorted(self._ends, fractions * self._ends[-1], side="right")
        indices: Indices = np.minimum(drawn, self._last).astype(np.int64)  # a fraction next to 1 may be rounded to it
        return indices


class Bucketed:
    """Another order, with samples of like length put together in batches.

    The order is cut into pools of many batches. In each pool the samples are sorted by length, cut into batches, and
    the batches shuffled: a batch holds samples of like length, and no two epochs have the same batches. What is left
    over for a short batch at the end of the epoch stays as it was drawn, so that `drop_remainder` drops any length.

    Args:
        order: The order, anew in each epoch.
        lengths: Length of each sample, int of shape `(samples,)`.
        batch_size: Samples of a batch.
        seed: Decides how the batches are shuffled.

    Example:
    >>> order = Bucketed(Shuffled(6, seed=0, shuffle=True), np.array([1, 9, 1, 9, 1, 9]), batch_size=3, seed=0)
    >>> order.indices(epoch=0, start=0, stop=3).tolist(), order.indices(epoch=0, start=3, stop=6).tolist()
    ([2, 4, 0], [5, 3, 1])
    """

    POOL = 64  # batches

    def __init__(self, order: Order, lengths: npt.NDArray[np.integer], *, batch_size: int, seed: int) -> None:
        self.size = order.size
        self._order, self._lengths, self._batch_size, self._seed = order, lengths, batch_size, seed
        self._whole = order.size // batch_size * batch_size  # samples in whole batches
        self._pool = functools.lru_cache(maxsize=2)(self._pool_of)

    def indices(self, epoch: int, start: int, stop: int) -> Indices:
        """Returns the indices of the samples at the positions `start` to `stop - 1` of an epoch, int64."""
        return _joined(lambda number: self._pool(epoch, number), self.POOL * self._batch_size, start, stop)

    def _pool_of(self, epoch: int, number: int) -> Indices:
        start = number * self.POOL * self._batch_size
        stop = min(start + self.POOL * self._batch_size, self.size)
        drawn = self._order.indices(epoch, start, stop)
        whole, rest = drawn[: max(self._whole - start, 0)], drawn[max(self._whole - start, 0) :]
        by_length = whole[np.argsort(self._lengths[whole], kind="stable")]
        batches = by_length.reshape(-1, self._batch_size)
        # The 3 keeps this stream apart from those of samples, batches and stand-ins.
        order = np.random.default_rng([self._seed, epoch, number, 3]).permutation(len(batches))
        return np.concatenate([batches[order].reshape(-1), rest])


def _joined(piece: Callable[[int], Indices], size: int, start: int, stop: int) -> Indices:
    """Returns the positions `start` to `stop - 1` of what comes in pieces of this size."""
    numbers = range(start // size, (stop - 1) // size + 1)
    first = numbers.start * size
    return np.concatenate([np.empty(0, np.int64), *map(piece, numbers)])[start - first : stop - first]


@functools.lru_cache(maxsize=8)
def _chunk(size: int, seed: int, epoch: int, number: int) -> Indices:
    positions = np.arange(number * CHUNK, min((number + 1) * CHUNK, size), dtype=np.int64)
    return _shuffled(positions, size, _keys(seed, epoch))


@functools.lru_cache(maxsize=8)
def _keys(seed: int, epoch: int) -> Words:
    return SeedSequence([seed, epoch]).generate_state(ROUNDS, np.uint32).astype(np.uint32)


def _shuffled(positions: Indices, size: int, keys: Words) -> Indices:
    # The network permutes 0 .. 2**bits - 1. A value that falls outside of the data is sent through again until it
    # falls inside (cycle walking), which keeps the bijection. The domain is larger than the data, always: on exactly
    # 2**bits values a Feistel network makes even permutations only.
    bits = max(LEAST_BITS, size.bit_length())
    values = _feistel(positions, bits, keys)
    outside = np.flatnonzero(values >= size)
    while outside.size:
        values[outside] = _feistel(values[outside], bits, keys)
        outside = outside[values[outside] >= size]
    return values


def _feistel(values: Indices, bits: int, keys: Words) -> Indices:
    # Halves of up to 32 bits: processors multiply several of these at a time, and not so words of 64 bits.
    low_bits = bits // 2
    high_mask = np.uint32((1 << (bits - low_bits)) - 1)
    low_mask = np.uint32((1 << low_bits) - 1)
    high, low = (values >> low_bits).astype(np.uint32), values.astype(np.uint32) & low_mask
    for first, second in zip(keys[::2], keys[1::2], strict=True):
        high ^= _scrambled(low ^ first) & high_mask
        low ^= _scrambled(high ^ second) & low_mask
    return (high.astype(np.int64) << low_bits) | low


def _scrambled(words: Words) -> Words:
    """Every bit of the result depends on every bit of the word (the finalizer of MurmurHash3); in place."""
    words ^= words >> np.uint32(16)
    words *= np.uint32(0x85EBCA6B)
    words ^= words >> np.uint32(13)
    words *= np.uint32(0xC2B2AE35)
    words ^= words >> np.uint32(16)
    return words


def _mixed(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """As `_scrambled`, for words of 64 bits (the finalizer of SplitMix64)."""
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))
