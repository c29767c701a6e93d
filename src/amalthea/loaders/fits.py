"""Who asks for a batch: TensorFlow reads ahead in a thread of its own, which outlives a `fit` that was interrupted."""

from __future__ import annotations

import sys
import weakref
from typing import Any

import keras

from amalthea.errors import ConfigurationError

__all__ = ["Fits"]

# Between a loader and what Keras asks through is a method of Keras', and one of each class derived from the loader's.
FRAMES = 6


class Fits:
    """Tells an interrupted `fit`, whose thread still asks, from the one that has begun since.

    Each `fit`, `evaluate` or `predict` has an adapter of its own. Keras tells nobody of it, but it stands in the frames
    of whoever calls the loader.

    Args:
        loader: Who is called.
    """

    def __init__(self, loader: Any) -> None:
        self._loader = weakref.ref(loader)
        self._begun: weakref.WeakSet[Any] = weakref.WeakSet()
        self._given_up: weakref.WeakSet[Any] = weakref.WeakSet()
        self._last: weakref.ref[Any] | None = None  # who has begun the last epoch
        self._within = 0  # epochs that have begun and not ended

    def begin(self) -> None:
        """Says that the caller begins an epoch."""
        self._within += 1
        adapter = self._caller()
        if adapter is not None:
            self._begun.add(adapter)
            self._given_up.discard(adapter)
            self._last = weakref.ref(adapter)

    def end(self) -> None:
        """Says that an epoch has ended."""
        self._within = max(0, self._within - 1)

    def give_up(self) -> None:
        """Says that the loader was taken to another place: a `fit` that goes on there begins an epoch first."""
        self._within = 0
        self._given_up.update(self._begun)

    def check(self) -> None:
        """Raises ConfigurationError if the caller was given up, and another one is within an epoch."""
        if self._within and len(self._given_up) and self._caller() in self._given_up:
            raise ConfigurationError(
                "This `fit` was interrupted, and another one has begun since: what its thread still reads ahead is "
                "for nobody, and nothing is wrong."
            )

    def is_last(self) -> bool:
        """Tells whether the caller is who has begun the last epoch, as far as is known."""
        adapter = self._caller()
        return adapter is None or self._last is None or self._last() is adapter

    def _caller(self) -> Any:
        if keras.backend.backend() != "tensorflow":  # whoever asks there is done when it is interrupted
            return None
        loader, frame = self._loader(), sys._getframe(2)
        for _ in range(FRAMES):
            adapter = frame.f_locals.get("self")
            if getattr(adapter, "py_dataset", None) is loader:
                return adapter
            if frame.f_back is None:
                break
            frame = frame.f_back
        return None
