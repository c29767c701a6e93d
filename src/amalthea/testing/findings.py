"""What a check has found."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from amalthea._trees import as_sample

__all__ = ["CheckError", "Finding", "difference", "raise_for", "words"]


@dataclasses.dataclass(frozen=True)
class Finding:
    """One defect.

    Attributes:
        defect: What is wrong, and where it was seen.
        remedy: What to do about it.
    """

    defect: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.defect}\n  Remedy: {self.remedy}"


class CheckError(AssertionError):
    """A check has found defects.

    Args:
        what: What was checked.
        findings: All that was found.

    Attributes:
        findings: As given.
    """

    def __init__(self, what: str, findings: Sequence[Finding]) -> None:
        super().__init__(what, findings)
        self._what, self.findings = what, findings

    def __str__(self) -> str:
        count = len(self.findings)
        head = f"{self._what} has {count} defect{'s' * (count > 1)}:"
        return "\n".join([head, *(f"- {finding}" for finding in self.findings)])


def raise_for(checked: object, findings: Sequence[Finding]) -> None:
    """Raises CheckError if something was found."""
    if findings:
        raise CheckError(type(checked).__name__, findings)


def words(error: BaseException) -> str:
    """Returns an error in words."""
    return f"{type(error).__name__}: {error}"


def difference(expected: Any, value: Any) -> str | None:
    """Returns where two samples or batches differ, `None` where they are the same, bit for bit."""
    return _difference(as_sample(expected), as_sample(value), "")


def _difference(expected: Any, value: Any, where: str) -> str | None:
    if isinstance(expected, dict) and isinstance(value, dict) and expected.keys() == value.keys():
        return _first(lambda key: _difference(expected[key], value[key], f"{where}[{key!r}]"), expected)
    if isinstance(expected, tuple) and isinstance(value, tuple) and len(expected) == len(value):
        return _first(lambda key: _difference(expected[key], value[key], f"{where}[{key}]"), range(len(expected)))
    if isinstance(expected, dict | tuple) or isinstance(value, dict | tuple):
        return f"the structure{_at(where)}"
    one, other = np.asarray(expected), np.asarray(value)
    if one.shape != other.shape:
        return f"the shape{_at(where)}, {other.shape} instead of {one.shape}"
    if one.dtype != other.dtype:
        return f"the dtype{_at(where)}, {other.dtype} instead of {one.dtype}"
    return None if one.tobytes() == other.tobytes() else f"the values{_at(where)}"


def _first(find: Callable[[Any], str | None], keys: Any) -> str | None:
    return next(filter(None, map(find, keys)), None)


def _at(where: str) -> str:
    return f" at {where}" if where else ""
