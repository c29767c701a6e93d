"""Arguments of transforms, checked where the user wrote them."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import ArrayLike, NDArray

from amalthea.errors import ConfigurationError

Factor = float | Sequence[float]
"""A number, or its lower and upper bound."""


def bad(name: str, value: object, allowed: str, remedy: str) -> ConfigurationError:
    """The error for an argument that cannot be used."""
    return ConfigurationError(f"{name}={value!r} cannot be used: {name} must be {allowed}. {remedy}")


def is_number(value: object) -> TypeGuard[float]:
    """Whether `value` is a real number; `True` and `False` are not taken for one."""
    return isinstance(value, Real) and not isinstance(value, bool)


def is_pair(value: Any) -> TypeGuard[Sequence[float]]:
    """Whether `value` is a list or tuple of two numbers."""
    return isinstance(value, list | tuple) and len(value) == 2 and all(map(is_number, value))


def bounds(name: str, value: Factor, low: float, high: float, *, symmetric: bool) -> tuple[float, float]:
    """The lower and upper bound that a Keras `factor` stands for.

    Args:
        name: The argument's name, for the error.
        value: A number, or a pair of numbers in any order.
        low: Smallest number allowed.
        high: Largest number allowed.
        symmetric: Whether a single number `f` means `(-|f|, |f|)`; otherwise it means `(0, f)`.

    Returns:
        `(lower, upper)`.

    Raises:
        ConfigurationError: `value` is no number or pair, or lies outside `low` to `high`.
    """
    numbers = [float(v) for v in (value if is_pair(value) else [value]) if is_number(v)]
    if not numbers or not all(low <= v <= high for v in numbers):
        allowed = f"a number or a pair of numbers from {low:g} to {high:g}"
        raise bad(name, value, allowed, f"Write {name}=0.2 or {name}=(0.1, 0.3), for instance.")
    if len(numbers) == 1:
        return (-abs(numbers[0]) if symmetric else 0.0), abs(numbers[0])
    return min(numbers), max(numbers)


def choice(name: str, value: str, allowed: Sequence[str]) -> str:
    """`value`, if it is one of `allowed`."""
    if value not in allowed:
        raise bad(name, value, f"one of {', '.join(map(repr, allowed))}", "Choose one of them.")
    return value


def length(name: str, value: int) -> int:
    """`value` as a number of pixels, one at least."""
    if not isinstance(value, Integral) or isinstance(value, bool) or value < 1:
        raise bad(name, value, "a whole number of pixels, 1 or more", f"Write {name}=224, for instance.")
    return int(value)


def number(name: str, value: float) -> float:
    """`value` as a float."""
    if not is_number(value):
        raise bad(name, value, "a number", f"Write {name}=0.0, for instance.")
    return float(value)


def value_range(value: Sequence[float]) -> tuple[float, float]:
    """The smallest and the largest pixel value."""
    if not is_pair(value) or value[0] == value[1]:
        remedy = "Write value_range=(0, 255), or (0, 1) for images that were rescaled before."
        raise bad("value_range", value, "a pair of two different numbers", remedy)
    lower, upper = sorted(float(v) for v in value)
    return lower, upper


def floats(name: str, value: ArrayLike) -> NDArray[np.float32]:
    """`value` as an array of float32."""
    try:
        return np.asarray(value, dtype=np.float32)
    except (TypeError, ValueError) as error:
        remedy = f"Write {name}=0.5, for instance."
        raise bad(name, value, "a number or an array of numbers", remedy) from error
