"""ArrayLoader: arrays, memory maps and HDF5 datasets into the model."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from amalthea.errors import ConfigurationError
from amalthea.loaders.balancing import class_odds
from amalthea.loaders.loader import Loader
from amalthea.sources.arrays import Arrays, as_columns
from amalthea.sources.hdf5 import HDF5
from amalthea.sources.protocol import Source
from amalthea.sources.weighted import ClassWeighted

__all__ = ["ArrayLoader"]


class ArrayLoader(Loader):
    """Batches of the rows of arrays, which may be larger than memory.

    x, y and the weights are NumPy arrays, memory maps, HDF5 datasets, tensors, pandas objects or lists of numbers, or
    dicts and tuples of them. They keep their dtypes, Python floats become float32. Nothing of them is copied but the
    rows of a batch.

    Args:
        x: Inputs, each array of shape `(samples, ...)`.
        y: Targets, or `None`.
        sample_weight: Weights of the samples, or `None`.
        class_weight: Weights by classes, which become sample weights: `"balanced"`, by which all classes weigh the same
            in sum, or a dict of the weights by the numbers of the classes. y is then one array, integers of shape
            `(samples,)` or `(samples, 1)`, or one-hot. `None` is no such weights.
        sampling_weights: As for `Loader`, or `"balanced"`: each class is drawn equally often.
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
        self, x: Any, y: Any = None, sample_weight: Any = None, *, class_weight: Any = None, **loader_options: Any
    ) -> None:
        source: Source = Arrays(x, y, sample_weight)
        if class_weight is not None:
            if sample_weight is not None:
                raise ConfigurationError(
                    "`class_weight` and `sample_weight` are both given; multiply them into one `sample_weight`."
                )
            classes, names = _classes("class_weight", y)
            source = ClassWeighted(source, classes, class_weight, names)
        drawn = loader_options.get("sampling_weights")
        if isinstance(drawn, str):
            loader_options["sampling_weights"] = class_odds(_classes("sampling_weights", y)[0], drawn)
        super().__init__(source, **loader_options)


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
