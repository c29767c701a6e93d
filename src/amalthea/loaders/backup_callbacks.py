"""What the other callbacks of a training know: how long to wait, what was best so far, the history."""

from __future__ import annotations

import copy
import inspect
from collections import Counter
from collections.abc import Iterable
from typing import Any

import keras
import numpy as np

from amalthea.loaders.backup_file import is_plain

__all__ = ["Others", "calling_list"]

# Keras turns its sign round when it is first used, which comes again.
NOT_KEPT = frozenset({"min_delta"})


def calling_list() -> Any:
    """Returns the `keras.callbacks.CallbackList` that calls a callback, `None` outside of one."""
    # Keras tells a callback of the model, but nowhere of the other callbacks; the list is in the call itself.
    frame = inspect.currentframe()
    while frame is not None:
        caller = frame.f_locals.get("self")
        if isinstance(caller, keras.callbacks.CallbackList):
            return caller
        frame = frame.f_back
    return None


class Others:
    """The callbacks beside one, as they are when the training begins.

    What is kept of them is every attribute with a plain value that has changed since: a callback's settings have not.

    Args:
        callbacks: The callbacks.
    """

    def __init__(self, callbacks: Iterable[Any]) -> None:
        self._callbacks: dict[str, Any] = {}
        seen: Counter[str] = Counter()
        for callback in callbacks:
            name = type(callback).__name__
            self._callbacks[f"{name} {seen[name]}"] = callback
            seen[name] += 1
        self._begun = {name: copy.deepcopy(_plain_of(callback)) for name, callback in self._callbacks.items()}

    def state(self) -> dict[str, dict[str, Any]]:
        """Returns what has changed, as plain values."""
        return {
            name: {
                attribute: value
                for attribute, value in _plain_of(callback).items()
                if attribute not in self._begun[name] or not _same(value, self._begun[name][attribute])
            }
            for name, callback in self._callbacks.items()
        }

    def restore(self, state: dict[str, dict[str, Any]]) -> None:
        """Brings back what had changed; a callback that was not there before stays as it is."""
        for name in self._callbacks.keys() & state.keys():
            vars(self._callbacks[name]).update(state[name])


def _plain_of(callback: Any) -> dict[str, Any]:
    return {name: value for name, value in vars(callback).items() if name not in NOT_KEPT and is_plain(value)}


def _same(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    return np.array_equal(one, other) if isinstance(one, np.ndarray) else bool(one == other)
