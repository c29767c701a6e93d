"""Functions of an image as transforms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from amalthea.transforms._checks import bad
from amalthea.transforms._images import Image, on_image


@dataclass(eq=False)
class Lambda:
    """Calls a function of the image alone, as `preprocessing_function` of the legacy `ImageDataGenerator`.

    A function `(sample, rng) -> sample` is a transform by itself and needs none of this.

    Args:
        function: Takes the image as float32 of shape (height, width, channels), a copy that it may change, and gives
            one of the same shape, which becomes float32. For worker processes it must be one that can be pickled, or
            one of the program that is run.

    Raises:
        ConfigurationError: `function` cannot be called.

    Example:
        ```python
        centred = Lambda(lambda image: image / 127.5 - 1)
        image = centred(np.zeros((4, 6, 3), "uint8"))  # (4, 6, 3) float32, all -1
        ```
    """

    function: Callable[[Image], Any]

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise bad("function", self.function, "a function of an image", "Write Lambda(np.sqrt), for instance.")

    def __call__(self, sample: Any, rng: np.random.Generator | None = None) -> Any:
        """The sample with what the function makes of its image, float32; the shape stays.

        Raises:
            ValueError: The function gives another shape.
        """
        return on_image(sample, self._called)

    def _called(self, image: Image) -> Image:
        made = np.array(self.function(image.astype(np.float32)), dtype=np.float32)
        if made.shape != image.shape:
            raise ValueError(
                f"The function of Lambda gave an array of shape {made.shape} for an image of shape {image.shape}; it "
                "must keep the shape. A function (sample, rng) -> sample, given in place of Lambda, may change it."
            )
        return made
