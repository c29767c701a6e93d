"""What is set aside for validation."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from amalthea._checks import check_choice, checked_seed
from amalthea.errors import ConfigurationError

__all__ = ["Split"]

SUBSETS = ("training", "validation", "both", None)

Indices = npt.NDArray[np.int64]

Value = TypeVar("Value", bound=np.generic)


class Split:
    """A split into training and validation samples, as Keras draws it.

    Args:
        validation_split: Share of the samples for validation, between 0 and 1, or `None`.
        subset: `"training"`, `"validation"` or `"both"`, with `validation_split`; otherwise `None`.
        shuffle: Whether the samples are shuffled before.
        seed: Decides how; `None` draws one.

    Attributes:
        subset, shuffle, seed: As given, or drawn.

    Raises:
        ConfigurationError: If the arguments do not make a split.

    Example:
    >>> training, validation = Split(0.25, "both", shuffle=False).indices(8)
    >>> validation.tolist()
    [6, 7]
    """

    def __init__(
        self,
        validation_split: float | None,
        subset: str | None,
        *,
        shuffle: bool = True,
        seed: int | None = None,
    ) -> None:
        self.subset: str | None = check_choice("subset", subset, SUBSETS)
        if (validation_split is None) != (subset is None):
            raise ConfigurationError(
                f"`validation_split` is {validation_split!r} and `subset` {subset!r}; give both, or neither."
            )
        if validation_split is not None and not _is_share(validation_split):
            raise ConfigurationError(
                f"`validation_split` is {validation_split!r}; it must be a number between 0 and 1."
            )
        if subset in ("training", "validation") and shuffle and seed is None:
            raise ConfigurationError(
                f"`subset` is {subset!r} and `seed` None: the other subset would be drawn with another seed, and "
                "overlap. Pass a `seed` to both, or take both at once with `subset='both'`."
            )
        self.shuffle = shuffle
        self.seed = checked_seed(seed)
        self._share = validation_split

    def indices(self, size: int) -> tuple[Indices, Indices]:
        """Returns the indices of the training and of the validation samples, int64.

        The samples are shuffled as `keras.utils.image_dataset_from_directory` shuffles its files for the seed; the
        last `int(validation_split * size)` of them are for validation.

        Raises:
            ConfigurationError: If one of the two would be empty.
        """
        return self.parts(np.arange(size))

    def parts(self, values: npt.NDArray[Value]) -> tuple[npt.NDArray[Value], npt.NDArray[Value]]:
        """Returns the values of the training and of the validation samples: `values[i]` for `i` in `indices`.

        Args:
            values: One for each sample, shape `(samples,)`. It is shuffled in place, and the parts are views of it:
                ten million files need no second copy of anything.

        Raises:
            ConfigurationError: If one of the two would be empty.
        """
        size = len(values)
        end = size - self._validation_size(size)
        if self.shuffle:
            np.random.RandomState(self.seed % 2**32).shuffle(values)
        return values[:end], values[end:]

    def _validation_size(self, size: int) -> int:
        if self._share is None:
            return 0
        for_validation = int(self._share * size)
        if not 0 < for_validation < size:
            raise ConfigurationError(
                f"`validation_split` is {self._share}: of {size} samples {for_validation} would be for validation, "
                "which leaves one side empty."
            )
        return for_validation


def _is_share(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and bool(0 < value < 1)
