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
        shares: Share of each part, 1 in sum: `(0.8, 0.1, 0.1)`, or `{"training": 0.8, "test": 0.2}`.
        stratify: The class of each sample, a name or a number: each part gets its share of each class, to within one
            sample.
        groups: The group of each sample, for instance a patient: no group is in two parts. The sizes of the parts are
            as near to the shares as the groups allow in one pass, the largest first; with `stratify`, the sizes of
            the classes in the parts.
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
    named: dict[Any, Any] = dict(shares) if isinstance(shares, Mapping) else dict(enumerate(_listed(shares)))
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
    return len(data) if hasattr(data, "__getitem__") else check_int("data", data, minimum=1)


def _part(data: Any, indices: Indices, *, training: bool) -> Any:
    if isinstance(data, _Parted):
        return data.part(indices, training=training)
    return Subset(data, indices) if hasattr(data, "__getitem__") else indices


def _listed(shares: Any) -> list[Any]:
    return list(shares) if isinstance(shares, Sequence | np.ndarray) and not isinstance(shares, str) else [shares]


def _checked_shares(values: list[Any], given: Any) -> npt.NDArray[np.float64]:
    numbers = all(isinstance(value, int | float | np.number) and 0 < value < 1 for value in values)
    if len(values) < 2 or not numbers or not math.isclose(sum(values), 1, abs_tol=1e-6):
        raise ConfigurationError(
            f"`shares` is {given!r}; it must be two or more numbers above 0 that are 1 in sum, as (0.8, 0.1, 0.1)."
        )
    shares: npt.NDArray[np.float64] = np.array(values, np.float64) / sum(values)
    return shares
