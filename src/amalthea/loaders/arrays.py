"""ArrayLoader: arrays, memory maps and HDF5 datasets into the model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from amalthea.errors import ConfigurationError
from amalthea.loaders.augmenting import InputAugmentation
from amalthea.loaders.balancing import class_odds
from amalthea.loaders.legacy_names import LegacyNames
from amalthea.loaders.loader import Loader, listed
from amalthea.loaders.parts import untrained
from amalthea.rows import Transform
from amalthea.sources.arrays import Arrays, as_columns
from amalthea.sources.hdf5 import HDF5
from amalthea.sources.protocol import Source
from amalthea.sources.subset import Subset
from amalthea.sources.weighted import ClassWeighted
from amalthea.splits import Split

__all__ = ["ArrayLoader"]

Indices = npt.NDArray[np.int64]


class ArrayLoader(LegacyNames, Loader):
    """Batches of the rows of arrays, which may be larger than memory.

    x, y and the weights are NumPy arrays, memory maps, HDF5 datasets, tensors, pandas objects or lists of numbers, or
    dicts and tuples of them. They keep their dtypes, Python floats become float32. Nothing of them is copied but the
    rows of a batch.

    Args:
        x: Inputs, each array of shape `(samples, ...)`.
        y: Targets, or `None`.
        sample_weight: Weights of the samples, or `None`.
        augment: A transform of x or a list of them, for training only. Those of `amalthea.transforms` are for images of
            shape `(height, width, channels)`: x is such, or a tuple that begins with them.
        class_weight: Weights by classes, which become sample weights: `"balanced"`, by which all classes weigh the same
            in sum, or a dict of the weights by the numbers of the classes. y is then one array, integers of shape
            `(samples,)` or `(samples, 1)`, or one-hot. `None` is no such weights.
        sampling_weights: As for `Loader`, or `"balanced"`: each class is drawn equally often.
        transform: As for `Loader`; it gets the sample after `augment`.
        validation_split: Share of the samples that is set aside for validation, between 0 and 1.
        subset: `"training"` or `"validation"`, with `validation_split`: the part that the loader has. That for
            validation is unshuffled, and without `augment` and all else that is for training only. `splits.split` gives
            loaders of all parts at once.
        split_from: Which samples are set aside. `"back"`: the last ones, after they were shuffled by `seed` as
            `keras.utils.image_dataset_from_directory` shuffles files. `"front"`: the first ones, whatever `seed` is,
            as by `flow` of Keras' legacy `ImageDataGenerator`.
        **loader_options: As for `amalthea.Loader`.

    Raises:
        ConfigurationError: If an argument cannot be used.

    Example:
    >>> import numpy as np
    >>> import amalthea
    >>> loader = amalthea.ArrayLoader(np.arange(4.0), np.array([0, 0, 0, 1]), class_weight="balanced", shuffle=False)
    >>> x, y, weights = loader[0]
    >>> print(x, y, weights.round(2))
    [0. 1. 2. 3.] [0 0 0 1] [0.67 0.67 0.67 2.  ]
    """

    def __init__(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        *,
        augment: Transform | Sequence[Transform] = (),
        class_weight: Any = None,
        transform: Transform | Sequence[Transform] | None = None,
        validation_split: float | None = None,
        subset: str | None = None,
        split_from: str = "back",
        **loader_options: Any,
    ) -> None:
        source: Source = Arrays(x, y, sample_weight)
        size = len(source)
        part = _subset(size, validation_split, subset, split_from, loader_options)
        options: dict[str, Any] = {
            **loader_options,
            "augment": listed("augment", augment),
            "class_weight": class_weight,
        }
        if part is not None:
            source = Subset(source, part)
        if subset == "validation":
            options = untrained(options) | {"shuffle": False}
        if class_weight is not None and sample_weight is not None:
            raise ConfigurationError(
                "`class_weight` and `sample_weight` are both given; multiply them into one `sample_weight`."
            )
        source, options = _balanced(source, y, size, part, options)
        augments = options.pop("augment", [])
        augmentation = [InputAugmentation(augments)] if augments else []
        super().__init__(source, transform=[*augmentation, *listed("transform", transform)], **options)


def _subset(
    size: int, share: float | None, subset: str | None, split_from: str, options: dict[str, Any]
) -> Indices | None:
    """Returns which of the samples are those of a subset, or `None` for all."""
    if subset == "both":
        raise ConfigurationError(
            "`subset` is 'both', and an `ArrayLoader` is one loader: make one with 'training' and one with "
            "'validation', and the same `seed`, or split a loader of all samples by `splits.split`."
        )
    shuffle, seed = options.get("shuffle", True), options.get("seed")
    split = Split(share, subset, shuffle=shuffle, seed=seed, split_from=split_from)
    return None if subset is None else split.indices(size)[subset == "validation"]


def _balanced(
    source: Source, y: Any, size: int, part: Indices | None, options: dict[str, Any]
) -> tuple[Source, dict[str, Any]]:
    """Returns the samples with the weights of their classes, and the options with numbers for "balanced"."""
    class_weight, drawn = options.pop("class_weight", None), options.get("sampling_weights")
    if class_weight is not None:
        classes, names = _classes("class_weight", y)
        own = classes if part is None else classes[part]
        if isinstance(class_weight, dict):  # a class of y need not be in the part
            absent = set(np.setdiff1d(classes, own).tolist())
            class_weight = {key: weight for key, weight in class_weight.items() if key not in absent}
        source = ClassWeighted(source, own, class_weight, names)
    if isinstance(drawn, str):
        classes = _classes("sampling_weights", y)[0]
        options["sampling_weights"] = class_odds(classes if part is None else classes[part], drawn)
    elif drawn is not None and part is not None:
        options["sampling_weights"] = _taken(drawn, part, size)
    return source, options


def _taken(weights: Any, part: Indices, size: int) -> npt.NDArray[Any]:
    if np.shape(weights) != (size,):
        raise ConfigurationError(
            f"`sampling_weights` is of shape {np.shape(weights)}; it must be one number for each of the {size} samples."
        )
    return np.asarray(weights)[part]


def _classes(name: str, y: Any) -> tuple[npt.NDArray[np.int64], list[str] | None]:
    """Returns the number of the class of each sample, int64 of shape `(samples,)`, and their names or `None`."""
    column = None if y is None else as_columns("y", y)
    if not isinstance(column, np.ndarray | HDF5) or len(column.shape) > 2:
        raise ConfigurationError(f"`{name}` is by classes, and {_NO_CLASSES}")
    values: npt.NDArray[Any] = np.asarray(column[:])
    if values.ndim == 2 and values.shape[1] > 1:
        valid = np.isin(values, (0, 1)).all() and (values.sum(axis=1) == 1).all()
        classes, names = values.argmax(axis=1), [str(place) for place in range(values.shape[1])]
    else:
        valid = np.isfinite(values).all() and (values == np.floor(values)).all()
        classes, names = values.reshape(-1), None
    if not valid:
        raise ConfigurationError(f"`{name}` is by classes, and {_NO_CLASSES}")
    return classes.astype(np.int64), names


_NO_CLASSES = (
    "`y` does not tell a class for each sample. It must be one array: integers of shape (samples,) or (samples, 1), or "
    "one-hot rows. For anything else give a number for each sample."
)
