"""Labels: from folders, file names, lists or a function, and the forms in which a model wants them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from amalthea._shared import shared_empty
from amalthea._urls import inner
from amalthea.errors import ConfigurationError

__all__ = ["LABEL_MODES", "class_weights", "encoded", "name_by", "number_by", "targets"]

LABEL_MODES = ("int", "binary", "categorical", "raw", None)

CHUNK = 1 << 16  # samples that are looked up at a time

Numbers = npt.NDArray[np.int32]


def name_by(rule: str | Callable[[str], Any]) -> Callable[[str], Any]:
    """Returns the function of a path that gives its label.

    Args:
        rule: A function of the path, or a regular expression that is searched for in the file name: the label is its
            group `label`, or its first group, or all of the match.
    """
    if callable(rule):
        return rule
    try:
        pattern = re.compile(rule)
    except re.error as error:
        raise ConfigurationError(f"`labels` is no valid regular expression: {rule!r}: {error}.") from error
    group = "label" if "label" in pattern.groupindex else min(1, pattern.groups)

    def label(path: str) -> str:
        match = pattern.search(os.path.basename(inner(path)))
        if match is None:
            raise ConfigurationError(
                f"`labels` is the regular expression {rule!r}, which does not occur in the name of {path!r}."
            )
        return match[group]

    return label


def number_by(rule: str) -> Callable[[str], float]:
    """Returns the function of a path that gives the number in it, see `name_by`."""
    name = name_by(rule)

    def number(path: str) -> float:
        found = name(path)
        try:
            return float(found)
        except ValueError as error:
            raise ConfigurationError(
                f"`labels` is the regular expression {rule!r}, and `label_mode` 'raw': it finds {found!r} in the name "
                f"of {path!r}, which is no number. Put the number into a group, or pass a function of the path."
            ) from error

    return number


def encoded(
    labels: Any, class_names: Sequence[str] | None, *, raw: bool = False
) -> tuple[npt.NDArray[Any], list[str] | None]:
    """Returns labels as an array, and the names of their classes.

    Args:
        labels: One for each sample: integers; names, if there are class names; anything numeric if `raw`.
        class_names: Names of the classes in the order of their numbers, or `None`.
        raw: Whether the labels are values to be predicted, not classes.

    Returns:
        int32 of shape `(samples,)` and the names: without `class_names`, the labels that occur. If `raw`, the labels
        (float32 for floats) and `None`.

    Raises:
        ConfigurationError: If a label is none of these.
    """
    if raw:
        return _values(labels), None
    if class_names is not None and any(isinstance(label, str) for label in labels):
        return _numbers_of(labels, list(class_names)), list(class_names)
    numbers = _integers(labels)
    own_names = list(map(str, np.unique(numbers).tolist()))
    if class_names is None or list(class_names) == own_names:
        return numbers, own_names
    if numbers.size and not 0 <= numbers.min() <= numbers.max() < len(class_names):
        raise ConfigurationError(
            f"The labels go from {numbers.min()} to {numbers.max()}; `class_names` has {len(class_names)} names, "
            f"for 0 to {len(class_names) - 1}."
        )
    return numbers, list(class_names)


def _values(labels: Any) -> npt.NDArray[Any]:
    try:
        values = np.asarray(labels)
        if values.dtype.kind not in "biuf":
            raise ValueError(f"they are {values.dtype}")
    except ValueError as error:
        raise ConfigurationError(
            f"`labels` must be numbers, or arrays of one shape, with `label_mode='raw'`: {error}."
        ) from error
    if values.dtype.kind != "f":
        return values
    wrong = np.flatnonzero(~np.isfinite(values.reshape(len(values), -1)).all(axis=1))
    if wrong.size:
        raise ConfigurationError(f"`labels` holds {values[wrong[0]]!r} at place {wrong[0]}; it must be finite.")
    return values.astype(np.float32)


def _numbers_of(names: Sequence[str], classes: list[str]) -> Numbers:
    number_of = {name: number for number, name in enumerate(classes)}
    if len(number_of) != len(classes):
        raise ConfigurationError(f"`class_names` names a class twice: {classes}.")
    for place, name in enumerate(names):
        if name not in number_of:
            raise ConfigurationError(
                f"`labels` holds {name!r} at place {place}, which is not among the classes {classes}."
            )
    return np.fromiter(map(number_of.__getitem__, names), np.int32, len(names))


def _integers(labels: Any) -> Numbers:
    try:
        values = np.asarray(labels)
    except ValueError:  # lists of several lengths: the first of them is named below
        values = np.empty(0, object)
    if values.ndim == 1 and values.dtype.kind in "biu":
        return _as_int32(values)
    # Where there are names, what is neither a name nor a number is a missing one.
    names = any(isinstance(label, str) for label in labels)
    missing = names and not all(isinstance(label, str | int | np.integer) for label in labels)
    for place, label in enumerate(labels):
        if isinstance(label, int | np.integer) or (missing and isinstance(label, str)):
            continue
        remedy = "pass `label_mode='raw'` if the labels are values to be predicted"
        if names:
            remedy = "it is missing" if missing else "pass `class_names`, which says what number each name gets"
        if isinstance(label, list | tuple | set | np.ndarray) and any(isinstance(name, str) for name in label):
            remedy = "several names of a file are a list, and need `class_names` and `label_mode='categorical'`"
        raise ConfigurationError(f"`labels` holds {label!r} at place {place}; it must be an integer: {remedy}.")
    return _as_int32(values)


def _as_int32(values: npt.NDArray[Any]) -> Numbers:
    if values.size and not -(2**31) <= int(values.min()) <= int(values.max()) < 2**31:
        raise ConfigurationError(f"`labels` go from {values.min()} to {values.max()}, beyond int32.")
    return values.astype(np.int32)


def targets(
    numbers: Numbers, class_names: Sequence[str], label_mode: str
) -> Numbers | npt.NDArray[np.float32] | OneHot:
    """Returns the labels as a model wants them.

    Args:
        numbers: Number of the class of each sample, shape `(samples,)`.
        class_names: Names of the classes.
        label_mode: `"int"`, `"binary"` or `"categorical"`.

    Returns:
        int32 of shape `(samples,)`, float32 of shape `(samples, 1)`, or float32 of shape `(samples, classes)`.

    Raises:
        ConfigurationError: If `label_mode` does not go with the classes.
    """
    if label_mode == "int":
        return numbers
    if label_mode == "binary" and len(class_names) != 2:
        raise ConfigurationError(
            f"`label_mode` is 'binary', for exactly 2 classes; there are {len(class_names)}: {list(class_names)[:10]}."
        )
    if numbers.size and not 0 <= numbers.min() <= numbers.max() < len(class_names):
        raise ConfigurationError(
            f"`label_mode` is {label_mode!r}, for labels of 0 to {len(class_names) - 1} here; "
            f"they go from {numbers.min()} to {numbers.max()}."
        )
    if label_mode == "binary":
        return numbers.astype(np.float32)[:, np.newaxis]
    return OneHot(numbers, len(class_names))


def class_weights(
    numbers: npt.NDArray[np.integer], class_weight: Any, class_names: Sequence[str] | None = None
) -> npt.NDArray[np.float32]:
    """Returns the weight of each sample by its class.

    Args:
        numbers: Number of the class of each sample, shape `(samples,)`.
        class_weight: `"balanced"`: all classes that occur weigh the same in sum, and a sample weighs 1 on average. Or
            a dict of the weights by the numbers or the names of the classes; a class that is not in it weighs 1.
        class_names: Names of the classes in the order of their numbers, or `None`.

    Returns:
        float32 of shape `(samples,)`.

    Raises:
        ConfigurationError: If `class_weight` is neither, names a class that there is not, or holds no weight.

    Example:
    >>> print(class_weights(np.array([0, 0, 0, 1]), "balanced").round(2))
    [0.67 0.67 0.67 2.  ]
    """
    classes, counts = np.unique(numbers, return_counts=True)
    if isinstance(class_weight, str) and class_weight == "balanced":
        weights = len(numbers) / (len(classes) * counts)
    elif isinstance(class_weight, dict):
        by_number = _weights_by_number(class_weight, classes, class_names)
        weights = np.array([by_number.get(int(number), 1.0) for number in classes])
    else:
        raise ConfigurationError(
            f"`class_weight` is {class_weight!r}; it must be 'balanced', or a dict of weights by classes, as in "
            "{0: 1.0, 1: 5.0}."
        )
    of_samples: npt.NDArray[np.float32] = shared_empty(len(numbers), np.float32)
    for start in range(0, len(numbers), CHUNK):  # a place for each sample at once would be twice as large as they are
        part = slice(start, start + CHUNK)
        of_samples[part] = weights[np.searchsorted(classes, numbers[part])]
    return of_samples


def _weights_by_number(
    class_weight: dict[Any, Any], classes: npt.NDArray[np.integer], class_names: Sequence[str] | None
) -> dict[int, float]:
    names = list(class_names or ())
    # Labels that are numbers of their own, as 2 and 5, have names that are not in the order of 0, 1, 2, ...
    known = {name: number for number, name in enumerate(names)} if classes.max(initial=0) < len(names) else {}
    numbers = {*classes.tolist(), *known.values()}
    weights: dict[int, float] = {}
    for key, weight in class_weight.items():
        number = known.get(key, key) if isinstance(key, str) else key
        if isinstance(number, bool) or not isinstance(number, int | np.integer) or number not in numbers:
            raise ConfigurationError(
                f"`class_weight` has a weight for {key!r}; the classes are {sorted(numbers)[:20]}"
                + (f", named {names[:20]}." if known else ".")
            )
        if isinstance(weight, bool) or not isinstance(weight, int | float | np.number) or not 0 <= weight < np.inf:
            raise ConfigurationError(
                f"`class_weight` is {weight!r} for the class {key!r}; it must be a finite number of 0 or more."
            )
        weights[int(number)] = float(weight)
    return weights


class OneHot:
    """One-hot rows, made when asked for: `classes` floats for each of a million files would be gigabytes."""

    def __init__(self, numbers: Numbers, classes: int) -> None:
        self._numbers, self._classes = numbers, classes

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, index: int) -> npt.NDArray[np.float32]:
        row = np.zeros(self._classes, np.float32)
        row[self._numbers[index]] = 1
        return row
