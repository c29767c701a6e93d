"""Random vectors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from amalthea._checks import check_choice, check_int

__all__ = ["Noise"]


class Noise:
    """A random array for each sample, drawn anew in each epoch.

    A loader draws it from the sample's own generator, made from `[seed, epoch, index]`. `source[i]`, which knows
    neither seed nor epoch, is the draw of a generator made from `[0, i]`.

    Args:
        num_samples: How many samples.
        shape: Shape of each, or the length of a vector.
        distribution: `"normal"`, with mean 0 and deviation 1, or `"uniform"` between 0 and 1.
        dtype: `"float32"`, `"float16"` or `"float64"`.

    Raises:
        ConfigurationError: If an argument cannot be used.

    Example:
    >>> source = Noise(1000, 100)
    >>> source[0].shape, str(source[0].dtype), len(source)
    ((100,), 'float32', 1000)
    >>> bool(np.array_equal(source[3], source[3])), bool(np.array_equal(source[3], source[4]))
    (True, False)
    """

    def __init__(
        self, num_samples: int, shape: tuple[int, ...] | int, distribution: str = "normal", dtype: str = "float32"
    ) -> None:
        self._size = check_int("num_samples", num_samples, minimum=1)
        sizes = shape if isinstance(shape, tuple | list) else (shape,)
        self._shape = tuple(check_int("shape", size, minimum=0) for size in sizes)
        self._uniform = check_choice("distribution", distribution, ("normal", "uniform")) == "uniform"
        self._dtype = np.dtype(check_choice("dtype", dtype, ("float32", "float16", "float64")))

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, index: int) -> npt.NDArray[Any]:
        place = range(self._size)[index]  # an index that is none is an IndexError
        return self.draw(place, np.random.default_rng([0, place]))

    def draw(self, index: int, rng: np.random.Generator) -> npt.NDArray[Any]:
        """Returns a new array, from the generator alone."""
        drawn: Any = np.float64 if self._dtype.itemsize == 8 else np.float32
        count = math.prod(self._shape)
        values = rng.random(count, drawn) if self._uniform else rng.standard_normal(count, drawn)
        return values.reshape(self._shape).astype(self._dtype, copy=False)
