"""The augmentation of waveforms as a transform of samples. Workers import it: it imports no Keras."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from amalthea.rows import Transform
from amalthea.transforms import Compose

__all__ = ["Augmentation"]


class Augmentation:
    """Augments the waveform of a sample, and leaves the label beside it alone.

    Args:
        augments: Transforms of the waveform.
        dtype: What comes out, whatever they make of it.
    """

    def __init__(self, augments: Sequence[Transform], dtype: str) -> None:
        self._augment, self._dtype = Compose(augments), dtype

    @property
    def untrained(self) -> Augmentation:
        """What is left of it where nothing is trained: nothing."""
        return Augmentation([], self._dtype)

    def __call__(self, sample: Any, rng: np.random.Generator) -> Any:
        """Returns the sample with its waveform augmented."""
        if isinstance(sample, tuple):
            return self._augmented(sample[0], rng), *sample[1:]
        return self._augmented(sample, rng)

    def _augmented(self, waveform: Any, rng: np.random.Generator) -> Any:
        return np.asarray(self._augment(waveform, rng)).astype(self._dtype, copy=False)
