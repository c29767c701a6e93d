"""Which part of a split each sample goes to: plain, stratified, grouped, or both."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

import numpy as np
import numpy.typing as npt

from amalthea.errors import ConfigurationError

__all__ = ["assigned", "codes"]

Numbers = npt.NDArray[np.int64]
Shares = npt.NDArray[np.float64]


def assigned(
    size: int, shares: Shares, *, classes: Numbers | None, groups: Numbers | None, rng: np.random.Generator | None
) -> Numbers:
    """Returns the number of the part that each sample goes to.

    Args:
        size: Number of samples.
        shares: Of each part, 1 in sum.
        classes: Number of the class of each sample, to be kept in proportion, or `None`.
        groups: Number of the group of each sample, to be kept together, or `None`.
        rng: Draws which samples they are; `None` takes them in their order.

    Returns:
        int64 of shape `(samples,)`.
    """
    order = np.arange(size) if rng is None else rng.permutation(size)
    if groups is not None:
        return _by_group(order, shares, np.zeros(size, np.int64) if classes is None else classes, groups)
    return _by_class(order, shares, np.zeros(size, np.int64) if classes is None else classes)


def codes(name: str, values: Any, size: int) -> Numbers:
    """Returns a number for each value, the same for equal ones.

    Raises:
        ConfigurationError: If there is not one value for each sample, or one of them is missing.
    """
    given = _listed(values)
    if given is None or len(given) != size:
        raise ConfigurationError(f"`{name}` is {values!r:.80}; it must hold one value for each of the {size} samples.")
    number_of: dict[Any, int] = {}
    numbers = np.empty(size, np.int64)
    for place, each in enumerate(given):
        # An array of no axes has no hash, or that of its place in memory; its item is what is meant.
        value = each.item() if getattr(each, "ndim", None) == 0 and hasattr(each, "item") else each
        if not _can_be_told(value):
            raise ConfigurationError(f"`{name}` holds {value!r:.80} at place {place}; it must be a name or a number.")
        numbers[place] = number_of.setdefault(value, len(number_of))
    return numbers


def _listed(values: Any) -> list[Any] | None:
    if isinstance(values, str | bytes | Mapping | Set) or not hasattr(values, "__len__"):
        return None
    if getattr(values, "ndim", 1) == 0:
        return None
    return list(values.tolist() if hasattr(values, "tolist") else values)


def _can_be_told(value: Any) -> bool:
    """Whether a value is there, and equal to itself wherever it comes again."""
    try:
        hash(value)
        return getattr(value, "ndim", 0) == 0 and value is not None and bool(value == value)
    except TypeError:  # a list, or a missing value of pandas
        return False


def _by_class(order: Numbers, shares: Shares, classes: Numbers) -> Numbers:
    """Gives each part its share of each class: whole samples first, then what is left over to who lacks most."""
    parts = np.empty(len(order), np.int64)
    wanted, given = np.zeros(len(shares)), np.zeros(len(shares))
    for members in _members(order, classes):
        quota = shares * len(members)
        counts = np.floor(quota + 1e-9).astype(np.int64)
        wanted += quota
        given += counts
        # A part that gets one more than the whole samples of its share stays within one of it.
        lack = np.where(quota - counts > 1e-9, wanted - given, -np.inf)
        more = np.argsort(-lack, kind="stable")[: len(members) - counts.sum()]
        counts[more] += 1
        given[more] += 1
        parts[members] = np.repeat(np.arange(len(shares)), counts)
    return parts


def _by_group(order: Numbers, shares: Shares, classes: Numbers, groups: Numbers) -> Numbers:
    """Gives whole groups, the largest first, to the part that comes nearest to its shares of each class and of all."""
    parts = np.empty(len(order), np.int64)
    totals = np.bincount(classes)
    lack = shares[:, np.newaxis] * totals  # (parts, classes)
    # Where classes have few groups, the same part would come nearest in each of them, were the whole not looked at.
    room, weight = shares * len(order), np.sqrt(len(totals))
    empty = np.ones(len(shares), bool)
    together = sorted(_members(order, groups), key=len, reverse=True)
    for place, members in enumerate(together):
        mine, counts = np.unique(classes[members], return_counts=True)
        # How much nearer, in squares, each part would come: (parts,)
        nearer = ((2 * lack[:, mine] - counts) * counts / totals[mine]).sum(axis=1)
        nearer += weight * (2 * room - len(members)) * len(members) / len(order)
        if len(together) - place <= empty.sum():  # as many groups are left as parts that have none
            nearer[~empty] = -np.inf
        part = int(np.argmax(nearer))
        parts[members] = part
        lack[part, mine] -= counts
        room[part] -= len(members)
        empty[part] = False
    return parts


def _members(order: Numbers, numbers: Numbers) -> list[Numbers]:
    """Returns the samples of each number, in their order; the numbers in the order in which they come there."""
    by_number = order[np.argsort(numbers[order], kind="stable")]
    starts = np.flatnonzero(np.diff(numbers[by_number], prepend=-1))
    members = np.split(by_number, starts[1:])
    # The place of a sample in the order, not its number, says which comes first: it is drawn, where that is asked for.
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order))
    return sorted(members, key=lambda each: int(places[each[0]]))
