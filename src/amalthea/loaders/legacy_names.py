"""What the iterators of Keras' legacy `ImageDataGenerator` are asked for, by the names that it has there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from amalthea.batches import Batches
from amalthea.sources.paths import RelativePaths

__all__ = ["LegacyFileNames", "LegacyNames"]


class LegacyNames:
    """Names of loaders that stand for `flow`; `reset` is one of every loader's own."""

    num_samples: int
    _batches: Batches

    @property
    def n(self) -> int:
        """How many samples there are, as `num_samples`."""
        return self.num_samples

    @property
    def samples(self) -> int:
        """How many samples there are, as `num_samples`."""
        return self.num_samples

    @property
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

    @property
    def filepaths(self) -> Sequence[str] | None:
        """Paths of the files, as `file_paths`."""
        return self.file_paths

    @property
    def filenames(self) -> Sequence[str] | None:
        """Paths of the files relative to `directory`; each is made when it is asked for."""
        return None if self.file_paths is None else RelativePaths(self.file_paths, self.directory)

    @property
    def classes(self) -> npt.NDArray[Any] | None:
        """The number of the class of each file, int32 of shape `(files,)`, or `None` where there are no classes.

        Where a file has several, it is a row of ones and zeros, uint8 of shape `(files, classes)`.
        """
        return None if self.class_names is None else self.labels

    @property
    def class_indices(self) -> dict[str, int]:
        """The number of each class by its name."""
        names = list(self.class_names or ())
        # Labels that are numbers of their own, as 2 and 5, are named by these.
        numbers = isinstance(self.labels, np.ndarray) and self.labels.ndim == 1
        own = numbers and self.labels.max(initial=0) >= len(names)
        return {name: int(name) if own else number for number, name in enumerate(names)}

    @property
    def num_classes(self) -> int:
        """How many classes there are."""
        return len(self.class_names or ())
