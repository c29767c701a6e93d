"""The augmentation of images, and of their masks, as a transform of samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from amalthea.errors import ConfigurationError
from amalthea.rows import Transform
from amalthea.sources.pixelwise import Pixelwise
from amalthea.transforms import Compose, Lambda, Normalization, Rescaling, SampleNormalization, WithMask, ZCAWhitening

__all__ = ["Augmentation", "InputAugmentation"]


class Augmentation:
    """Augments the image of a sample, and finishes it.

    Args:
        augments: Transforms of the image; a label beside it is left alone.
        finish: What is done to each pixel at the end.
        mask_fill: Where labels are masks, which move with their images, the class of what lies outside of them.
    """

    def __init__(self, augments: Sequence[Transform], finish: Pixelwise, mask_fill: int | None = None) -> None:
        compose = Compose(augments)
        _check_ranges(compose.steps, finish)
        self._finish, self._mask_fill = finish, mask_fill
        self._augment: Any = compose if mask_fill is None else WithMask(compose, mask_fill)

    @property
    def untrained(self) -> Augmentation:
        """What is left of it where nothing is trained."""
        return Augmentation([], self._finish, self._mask_fill)

    def __call__(self, sample: Any, rng: np.random.Generator) -> Any:
        """Returns the sample with its image, and its mask, augmented and in their format."""
        if not isinstance(sample, tuple):
            return self._finish(self._augment(sample, rng))
        if self._mask_fill is None:
            return self._finish(self._augment(sample[0], rng)), *sample[1:]
        image, mask = sample
        # With one channel, to put its axis first or last moves nothing.
        image, moved = self._augment((image, mask.reshape(*image.shape[:2], 1)), rng)
        shape = (1, *moved.shape[:2]) if self._finish.channels_first else moved.shape
        return self._finish(image), moved.reshape(shape)


def _check_ranges(steps: Sequence[Transform], finish: Pixelwise) -> None:
    """Raises ConfigurationError for transforms of pixels of 0 - 1: they are 0 - 255 until they are finished."""
    for step in steps:
        name = type(step).__name__
        if isinstance(step, Lambda):
            return  # what comes behind it may have any values
        if isinstance(step, Rescaling | Normalization | SampleNormalization | ZCAWhitening):
            if finish.rescales:
                raise ConfigurationError(
                    f"`augment` holds {name}, and there is a `rescale`, which comes after it: put it into `transform`, "
                    "which gets the finished sample, or leave `rescale` out."
                )
            return  # what comes behind it has other values
        values = getattr(step, "value_range", (0, 255))
        if max(values) <= 1:
            raise ConfigurationError(
                f"`augment` holds {name} with `value_range={values}`; images are uint8 of 0 - 255 there, and `rescale` "
                "comes after it: leave `value_range` out."
            )


class InputAugmentation:
    """Augments x of a sample, and leaves what is beside it alone.

    Args:
        augments: Transforms of x, an image or a tuple that begins with one.
    """

    def __init__(self, augments: Sequence[Transform]) -> None:
        self._augment = Compose(augments)

    @property
    def untrained(self) -> InputAugmentation:
        """What is left of it where nothing is trained: nothing."""
        return InputAugmentation([])

    def __call__(self, sample: Any, rng: np.random.Generator) -> Any:
        """Returns the sample with x augmented."""
        if isinstance(sample, tuple):
            return self._augment(sample[0], rng), *sample[1:]
        return self._augment(sample, rng)
