"""Checks of arguments, made once, where the user wrote them."""

from __future__ import annotations

import operator
from collections.abc import Collection
from typing import Any

import numpy as np

from amalthea.errors import ConfigurationError

__all__ = ["check_choice", "check_int", "checked_seed"]


def check_int(name: str, value: Any, *, minimum: int) -> int:
    """Returns the value as an int of `minimum` or more.

    Raises:
        ConfigurationError: If it is something else.
    """
    try:
        number = operator.index(value)
    except TypeError:
        number = minimum - 1
    if number < minimum or isinstance(value, bool):
        raise ConfigurationError(f"`{name}` is {value!r}; it must be an integer of {minimum} or more.")
    return number


def check_choice(name: str, value: Any, choices: Collection[Any]) -> Any:
    """Returns the value, one of the choices.

    Raises:
        ConfigurationError: If it is something else.
    """
    if not isinstance(value, str | None) or value not in choices:
        allowed = ", ".join(repr(choice) for choice in choices)
        raise ConfigurationError(f"`{name}` is {value!r}; it must be one of {allowed}.")
    return value


def checked_seed(seed: Any) -> int:
    """Returns the seed, or one drawn by the system for `None`.

    Raises:
        ConfigurationError: If it is not an integer of 0 or more.
    """
    if seed is None:
        return int(np.random.SeedSequence().generate_state(1)[0])
    return check_int("seed", seed, minimum=0)
