"""Splits of anything: of a number of samples, a source, or a loader."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from amalthea._checks import check_int, checked_seed
from amalthea.errors import ConfigurationError
from amalthea.sources import Subset
from amalthea.splits.assignment import assigned, codes

__all__ = ["folds", "split"]

Indices = npt.NDArray[np.int64]

STREAM = 6  # keeps what is drawn here apart from all that loaders draw for the same seed


@runtime_checkable
class _Parted(Protocol):
    """A loader."""

    num_samples: int

    def part(self, indices: Indices, *, training: bool) -> Any: ...


def split(
    data: Any,
    shares: Sequence[float] | Mapping[str, float],
    *,
    stratify: Any = None,
    groups: Any = None,
    shuffle: bool = True,
    seed: int = 0,
) -> Any:
    """Splits data into parts: each sample is in exactly one of them.

    Args:
        data: A number of samples, a source, or a loader. Of a loader the first part is for training and has its
            options; the others are unshuffled and without `augment` and all else that is for training only.
        shares: Share of each part, 1 in sum: `(0.8, 0.1, 0.1)`, or by name, `{"training": 0.8, "test": 0.2}`.
        stratify: The class of each sample, a name or a number: each part gets its share of each class, to within one
            sample.
        groups: The group of each sample, for instance a patient: no group is in two parts. The sizes of the parts,
            and with `stratify` those of the classes in them, are as near to the shares as the groups allow in one
            pass, the largest first.
        shuffle: Whether it is drawn which samples go where; otherwise the first part has the first ones.
        seed: Decides what is drawn.

    Returns:
        A tuple of the parts, or a dict of them by the names in `shares`. Parts of a number are indices, int64, in
        ascending order; those of a source are `sources.Subset`; those of a loader are loaders.

    Raises:
        ConfigurationError: If an argument cannot be used, or a part would be empty.

    Example:
    >>> training, test = split(10, (0.8, 0.2), stratify="a a a a a b b b b b".split())
    >>> len(training), test.tolist()
    (8, [3, 9])
    """
    named = _named(shares)
    names = sorted(named)  # what a part gets does not depend on the order in which a dict names them
    values = _checked_shares([named[name] for name in names], shares)
    numbers = _assigned(data, values, stratify=stratify, groups=groups, shuffle=shuffle, seed=seed)
    places = {name: np.flatnonzero(numbers == number) for number, name in enumerate(names)}
    for name, indices in places.items():
        if not indices.size:
            raise ConfigurationError(
                f"`shares` gives {named[name]:g} of {len(numbers)} samples to part {name!r}, which leaves it empty"
                + (": there are too few groups." if groups is not None else ".")
            )
    parts = {name: _part(data, places[name], training=number == 0) for number, name in enumerate(named)}
    return parts if isinstance(shares, Mapping) else tuple(parts.values())


def folds(
    data: Any, k: int, *, stratify: Any = None, groups: Any = None, shuffle: bool = True, seed: int = 0
) -> list[tuple[Any, Any]]:
    """Returns k pairs of training and validation data: each sample is in exactly one validation part.

    Args:
        data: As for `split`.
        k: How many pairs, 2 or more.
        stratify: As for `split`.
        groups: As for `split`.
        shuffle: As for `split`.
        seed: As for `split`.

    Raises:
        ConfigurationError: If an argument cannot be used, or a part would be empty.

    Example:
    >>> for training, validation in folds(6, 3, shuffle=False):
    ...     print(training, validation)
    [2 3 4 5] [0 1]
    [0 1 4 5] [2 3]
    [0 1 2 3] [4 5]
    """
    k = check_int("k", k, minimum=2)
    numbers = _assigned(data, np.full(k, 1 / k), stratify=stratify, groups=groups, shuffle=shuffle, seed=seed)
    if len(np.unique(numbers)) < k:
        what = "samples" if groups is None else "groups"
        raise ConfigurationError(f"`k` is {k}, which leaves a part empty: there are too few {what}.")
    return [
        (
            _part(data, np.flatnonzero(numbers != fold), training=True),
            _part(data, np.flatnonzero(numbers == fold), training=False),
        )
        for fold in range(k)
    ]


def _assigned(
    data: Any, shares: npt.NDArray[np.float64], *, stratify: Any, groups: Any, shuffle: bool, seed: int
) -> Indices:
    size = _size_of(data)
    return assigned(
        size,
        shares,
        classes=None if stratify is None else codes("stratify", stratify, size),
        groups=None if groups is None else codes("groups", groups, size),
        rng=np.random.default_rng([checked_seed(seed), STREAM]) if shuffle else None,
    )


def _size_of(data: Any) -> int:
    if isinstance(data, _Parted):
        return data.num_samples
    if _is_number(data):
        return check_int("data", data, minimum=1)
    if isinstance(data, str | bytes | Mapping) or not (hasattr(data, "__getitem__") and hasattr(data, "__len__")):
        raise ConfigurationError(
            f"`data` is of type {type(data).__name__}; it must be a number of samples, a source, which has "
            "`len(source)` and `source[i]` as a list has, or a loader."
        )
    if isinstance(data, tuple) and data and all(isinstance(column, np.ndarray) for column in data):
        raise ConfigurationError(
            "`data` is a tuple of arrays, which would be a source of as many samples as it has arrays. For x and y "
            "that belong together write `sources.Arrays(x, y)`."
        )
    return len(data)


def _is_number(data: Any) -> bool:
    # The numbers of NumPy have the methods of arrays.
    return isinstance(data, int | float) or getattr(data, "ndim", None) == 0


def _part(data: Any, indices: Indices, *, training: bool) -> Any:
    if isinstance(data, _Parted):
        return data.part(indices, training=training)
    return indices if _is_number(data) else Subset(data, indices)


def _named(shares: Any) -> dict[Any, Any]:
    """Returns the share of each part by its name, or by its place."""
    if not isinstance(shares, Mapping):
        several = isinstance(shares, Sequence | np.ndarray) and not isinstance(shares, str)
        return dict(enumerate(shares if several else [shares]))
    for name in shares:
        if not isinstance(name, str):
            raise ConfigurationError(
                f"`shares` names a part {name!r}; names must be strings, as in {{'training': 0.8, 'test': 0.2}}. For "
                "parts without names pass a tuple."
            )
    return dict(shares)


def _checked_shares(values: list[Any], given: Any) -> npt.NDArray[np.float64]:
    numbers = all(isinstance(value, int | float | np.number) and 0 < value < 1 for value in values)
    if len(values) < 2 or not numbers or not math.isclose(sum(values), 1, abs_tol=1e-6):
        raise ConfigurationError(
            f"`shares` is {given!r}; it must be two or more numbers above 0 that are 1 in sum, as (0.8, 0.1, 0.1)."
        )
    shares: npt.NDArray[np.float64] = np.array(values, np.float64) / sum(values)
    return shares
