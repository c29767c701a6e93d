"""What is set aside for validation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from amalthea._checks import check_choice, checked_seed
from amalthea.errors import ConfigurationError

__all__ = ["Split"]

SUBSETS = ("training", "validation", "both", None)
SPLIT_FROM = ("back", "front")

Indices = npt.NDArray[np.int64]

Value = TypeVar("Value", bound=np.generic)


class Split:
    """A split into training and validation samples, as Keras draws it.

    Args:
        validation_split: Share of the samples for validation, between 0 and 1, or `None`.
        subset: `"training"`, `"validation"` or `"both"`, with `validation_split`; otherwise `None`.
        shuffle: Whether the samples are shuffled before.
        seed: Decides how; `None` draws one.
        split_from: Which samples are for validation. `"back"`: the last ones, after they were shuffled. `"front"`: the
            first ones, and nothing is shuffled, as in the legacy `ImageDataGenerator` of Keras.

    Attributes:
        subset, shuffle, seed: As given, or drawn.

    Raises:
        ConfigurationError: If the arguments do not make a split.

    Example:
    >>> training, validation = Split(0.25, "both", shuffle=False).indices(8)
    >>> validation.tolist()
    [6, 7]
    >>> Split(0.25, "both", split_from="front").indices(8, runs=[4, 4])[1].tolist()
    [0, 4]
    """

    def __init__(
        self,
        validation_split: float | None,
        subset: str | None,
        *,
        shuffle: bool = True,
        seed: int | None = None,
        split_from: str = "back",
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
        self._from_front = check_choice("split_from", split_from, SPLIT_FROM) == "front"
        if self._from_front and validation_split is None:
            raise ConfigurationError("`split_from` is 'front' without a `validation_split`; give both, or neither.")
        if subset in ("training", "validation") and shuffle and seed is None and not self._from_front:
            raise ConfigurationError(
                f"`subset` is {subset!r} and `seed` None: the other subset would be drawn with another seed, and "
                "overlap. Pass a `seed` to both, or take both at once with `subset='both'`."
            )
        self.shuffle = shuffle
        self.seed = checked_seed(seed)
        self._share = validation_split

    def indices(self, size: int, runs: Sequence[int] | None = None) -> tuple[Indices, Indices]:
        """Returns the indices of the training and of the validation samples, int64.

        From the back the samples are shuffled as `keras.utils.image_dataset_from_directory` shuffles its files for the
        seed; the last `int(validation_split * size)` of them are for validation. From the front the first
        `int(validation_split * run)` of each run are.

        Args:
            size: How many samples there are.
            runs: From the front, how many samples of each class come one after the other; `None` is one run of all.

        Raises:
            ConfigurationError: If one of the two would be empty.
        """
        return self.parts(np.arange(size), runs)

    def parts(
        self, values: npt.NDArray[Value], runs: Sequence[int] | None = None
    ) -> tuple[npt.NDArray[Value], npt.NDArray[Value]]:
        """Returns the values of the training and of the validation samples: `values[i]` for `i` in `indices`.

        Args:
            values: One for each sample, shape `(samples,)`. It gets another order, in place, and the parts are views
                of it: ten million files need no second copy of anything.
            runs: As for `indices`.

        Raises:
            ConfigurationError: If one of the two would be empty.
        """
        size = len(values)
        runs = [size] if runs is None or not self._from_front else runs
        heads = [int((self._share or 0) * run) for run in runs]
        end = size - self._checked(sum(heads), size)
        if self._from_front:
            _move_heads(values, runs, heads)
        elif self.shuffle:
            np.random.RandomState(self.seed % 2**32).shuffle(values)
        return values[:end], values[end:]

    def _checked(self, for_validation: int, size: int) -> int:
        """Returns how many samples are for validation, if that leaves some on both sides."""
        if self._share is not None and not 0 < for_validation < size:
            raise ConfigurationError(
                f"`validation_split` is {self._share}: of {size} samples {for_validation} would be for validation, "
                "which leaves one side empty."
            )
        return for_validation


def _move_heads(values: npt.NDArray[Any], runs: Sequence[int], heads: Sequence[int]) -> None:
    """Moves the first values of each run behind all others, in place; nothing else changes its order."""
    moved, start, free = [], 0, 0
    for run, head in zip(runs, heads, strict=True):
        moved.append(values[start : start + head].copy())
        values[free : free + run - head] = values[start + head : start + run]
        start, free = start + run, free + run - head
    values[free:] = np.concatenate([*moved, values[:0]])


def _is_share(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and bool(0 < value < 1)
