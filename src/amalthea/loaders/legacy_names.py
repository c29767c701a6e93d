"""What the iterators of Keras' legacy `ImageDataGenerator` are asked for, by the names that it has there."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from amalthea.batches import Batches
from amalthea.sources.paths import RelativePaths

__all__ = ["LegacyFileNames", "LegacyNames", "indices_of"]


def indices_of(class_names: Sequence[str] | None, labels: Any) -> dict[str, int]:
    """Returns the number of each class by its name.

    Args:
        class_names: The names, or `None`.
        labels: The numbers of all files: where they are of their own, as 2 and 5, the classes are named by them.
    """
    names = list(class_names or ())
    numbers = isinstance(labels, np.ndarray) and labels.ndim == 1
    own = numbers and not 0 <= labels.min(initial=0) <= labels.max(initial=0) < len(names)
    return {name: int(name) if own else number for number, name in enumerate(names)}


class LegacyNames:
    """Names of loaders that stand for `flow`; `reset` is one of every loader's own.

    A subclass may have attributes of these names: they are no `property`, which could not be set.
    """

    num_samples: int
    _batches: Batches

    @cached_property
    def n(self) -> int:
        """How many samples there are, as `num_samples`."""
        return self.num_samples

    @cached_property
    def samples(self) -> int:
        """How many samples there are, as `num_samples`."""
        return self.num_samples

    @cached_property
    def batch_size(self) -> int:
        """Samples of a batch; the last of an epoch may have less."""
        return self._batches.size


class LegacyFileNames(LegacyNames):
    """Names of loaders that stand for `flow_from_directory` and `flow_from_dataframe`.

    Attributes:
        directory: The folder that `filenames` are relative to; `""` for paths as they are.
    """

    class_names: Sequence[str] | None
    file_paths: Sequence[str] | None
    labels: Any
    directory: str = ""

    @cached_property
    def filepaths(self) -> Sequence[str] | None:
        """Paths of the files, as `file_paths`."""
        return self.file_paths

    @cached_property
    def filenames(self) -> Sequence[str] | None:
        """Paths of the files relative to `directory`; each is made when it is asked for."""
        return None if self.file_paths is None else RelativePaths(self.file_paths, self.directory)

    @cached_property
    def classes(self) -> npt.NDArray[Any] | None:
        """The number of the class of each file, int32 of shape `(files,)`, or `None` where there are no classes.

        Where a file has several, it is a row of ones and zeros, uint8 of shape `(files, classes)`.
        """
        return None if self.class_names is None else self.labels

    @cached_property
    def class_indices(self) -> dict[str, int]:
        """The number of each class by its name; a part of a loader has those of the whole."""
        return indices_of(self.class_names, self.labels)

    @cached_property
    def num_classes(self) -> int:
        """How many classes there are."""
        return len(self.class_names or ())
