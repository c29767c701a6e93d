"""TimeSeriesLoader: windows over a time series into the model."""

from __future__ import annotations

from typing import Any

from amalthea.loaders.loader import Loader
from amalthea.sources.windows import Windows

__all__ = ["TimeSeriesLoader"]


class TimeSeriesLoader(Loader):
    """Batches of windows over a time series, with the target of each window's first step.

    The windows are those of `keras.utils.timeseries_dataset_from_array`, and so are the names and defaults of the
    arguments. They are read straight from the data, which are not copied.

    A batch is `windows`, of shape `(rows, sequence_length, ...)`, or `(windows, targets)`.

    Args:
        data: Arrays of shape `(steps, ...)`, or dicts and tuples of them: NumPy arrays, memory maps, HDF5 datasets,
            tensors.
        targets: `targets[i]` belongs to the window that starts at step i, and only steps with a target start one.
            `None` is no targets.
        sequence_length: Steps of a window.
        sequence_stride: Steps from a window to the next.
        sampling_rate: Steps of the data from a step of a window to the next.
        start_index: First step that is used; `None` is the first of all.
        end_index: First step that is not used any more; `None` uses all.
        reverse: Whether the steps of a window come in the reverse order, the last one first.
        batch_size: Windows of a batch.
        shuffle: Whether each epoch has an order of its own. `fit` trains faster with `True`, see `Loader`.
        **loader_options: As for `amalthea.Loader`.

    Raises:
        ConfigurationError: If an argument cannot be used, or no window is left.

    Example:
    >>> import numpy as np
    >>> import amalthea
    >>> prices = np.arange(6.0)
    >>> loader = amalthea.TimeSeriesLoader(prices[:-1], prices[2:], sequence_length=2)
    >>> windows, targets = loader[0]
    >>> windows.tolist(), targets.tolist()
    ([[0.0, 1.0], [1.0, 2.0], [2.0, 3.0], [3.0, 4.0]], [2.0, 3.0, 4.0, 5.0])
    """

    def __init__(
        self,
        data: Any,
        targets: Any,
        sequence_length: int,
        *,
        sequence_stride: int = 1,
        sampling_rate: int = 1,
        start_index: int | None = None,
        end_index: int | None = None,
        reverse: bool = False,
        batch_size: int = 128,
        shuffle: bool = False,
        **loader_options: Any,
    ) -> None:
        windows = Windows(
            data, targets, sequence_length, sequence_stride, sampling_rate, start_index, end_index, reverse
        )
        super().__init__(windows, batch_size=batch_size, shuffle=shuffle, **loader_options)
