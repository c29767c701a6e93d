"""Labels of several classes at once: lists of their names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from amalthea.errors import ConfigurationError

__all__ = ["has_lists", "multi_hot", "names_in"]


def has_lists(labels: Any) -> bool:
    """Returns whether a label is a list of names."""
    return any(isinstance(label, list | tuple) and all(isinstance(name, str) for name in label) for label in labels)


def names_in(labels: Sequence[Any]) -> list[str] | None:
    """Returns all names in labels that are names or lists of them, sorted; `None` if there is something else.

    Among lists what is no name is left out, as a missing value is: `multi_hot` says where it is.
    """
    names: set[str] = set()
    lists = has_lists(labels)
    for label in labels:
        own = label if isinstance(label, list | tuple) else (label,)
        if not lists and not all(isinstance(name, str) for name in own):
            return None
        names.update(name for name in own if isinstance(name, str))
    return sorted(names)


def multi_hot(labels: Any, class_names: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Returns ones for the classes of each label, which is a name or a list of names.

    Returns:
        uint8 of shape `(labels, classes)`.

    Raises:
        ConfigurationError: If a label holds something else.

    Example:
    >>> multi_hot([["cat", "dog"], "dog", []], ["ant", "cat", "dog"]).tolist()
    [[0, 1, 1], [0, 0, 1], [0, 0, 0]]
    """
    number_of = {name: number for number, name in enumerate(class_names)}
    rows = np.zeros((len(labels), len(class_names)), np.uint8)
    for place, label in enumerate(labels):
        for name in label if isinstance(label, list | tuple) else (label,):
            if not isinstance(name, str) or name not in number_of:
                raise ConfigurationError(
                    f"`labels` holds {label!r} at place {place}, and {name!r} is not among the classes "
                    f"{list(class_names)}."
                )
            rows[place, number_of[name]] = 1
    return rows
