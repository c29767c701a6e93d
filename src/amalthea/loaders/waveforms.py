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
    """

    def __init__(self, augments: Sequence[Transform]) -> None:
        self._augment = Compose(augments)

    @property
    def untrained(self) -> Augmentation:
        """What is left of it where nothing is trained: nothing."""
        return Augmentation([])

    def __call__(self, sample: Any, rng: np.random.Generator) -> Any:
        """Returns the sample with its waveform augmented."""
        if isinstance(sample, tuple):
            return self._augment(sample[0], rng), *sample[1:]
        return self._augment(sample, rng)
