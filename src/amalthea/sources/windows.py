"""Windows over a time series."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from amalthea._checks import check_int
from amalthea._trees import map_leaves
from amalthea.errors import ConfigurationError
from amalthea.sources.arrays import as_columns, length_of, read_column

__all__ = ["Windows"]


class Windows:
    """Sample i is a window of the data and the target of its first step: views, which cost no memory.

    The windows are those of `keras.utils.timeseries_dataset_from_array`. Window i starts at the step
    `start_index + i * sequence_stride` and has the `sequence_length` steps from there that are `sampling_rate` apart.

    Args:
        data: Arrays of shape `(steps, ...)`, as `Arrays` takes them: dicts and tuples of them, memory maps and HDF5
            datasets too.
        targets: `targets[i]` belongs to the window that starts at step i, and only steps with a target start one.
            `None` is no targets.
        sequence_length: Steps of a window.
        sequence_stride: Steps from a window to the next.
        sampling_rate: Steps of the data from a step of a window to the next.
        start_index: First step that is used; `None` is the first of all.
        end_index: First step that is not used any more; `None` uses all.
        reverse: Whether the steps of a window come in the reverse order, the last one first.

    Raises:
        ConfigurationError: If an argument cannot be used, or no window is left.

    Example:
    >>> source = Windows(np.arange(10), np.arange(100, 110), sequence_length=3, sequence_stride=2, sampling_rate=2)
    >>> len(source), source[1]
    (3, (array([2, 4, 6]), np.int64(102)))
    """

    def __init__(
        self,
        data: Any,
        targets: Any,
        sequence_length: int,
        sequence_stride: int = 1,
        sampling_rate: int = 1,
        start_index: int | None = None,
        end_index: int | None = None,
        reverse: bool = False,
    ) -> None:
        self._data = as_columns("data", data)
        steps = length_of({"data": self._data})
        length = check_int("sequence_length", sequence_length, minimum=1)
        stride = _below("sequence_stride", sequence_stride, steps)
        self._reverse = reverse
        self._rate = _below("sampling_rate", sampling_rate, steps)
        self._reach = (length - 1) * self._rate + 1  # steps from the first of a window to its last, both counted
        start, end = _bounds(start_index, end_index, steps)
        count = end - start - self._reach + 1
        if count < 1:
            raise ConfigurationError(
                f"No window is left: `sequence_length` of {length} with `sampling_rate` of {self._rate} takes "
                f"{self._reach} steps of the data, and there are {max(end - start, 0)} from step {start} to {end}."
            )
        self._targets = None
        if targets is not None:
            self._targets = as_columns("targets", targets)
            count = min(count, _with_targets(length_of({"targets": self._targets}), start))
        self._starts = range(start, start + count, stride)

    def __len__(self) -> int:
        return len(self._starts)

    def __getitem__(self, index: int) -> Any:
        start = self._starts[index]
        x = map_leaves(lambda column: self._window(column, start), self._data)
        if self._targets is not None:
            return x, map_leaves(lambda column: column[start], self._targets)
        return (x,) if isinstance(x, tuple) else x  # a tuple of inputs alone would be taken for x and y

    def read_into(self, index: int, row: Any) -> None:
        """Writes a sample into its row."""
        map_leaves(np.copyto, row, self[index])

    def read_rows(self, indices: npt.NDArray[np.int64], rows: Any) -> None:
        """Writes several samples into their rows."""
        starts = self._starts.start + indices * self._starts.step
        x = rows
        if self._targets is not None:
            x, targets = rows
            map_leaves(lambda rows, column: read_column(column, starts, rows), targets, self._targets)
        elif isinstance(self._data, tuple):
            (x,) = rows
        map_leaves(lambda rows, column: self._read_windows(column, starts, rows), x, self._data)

    def _read_windows(self, column: Any, starts: npt.NDArray[np.int64], rows: npt.NDArray[Any]) -> None:
        # Window by window: the indices of all their steps would take more memory than the windows. In the order of
        # the data, so that a file gives what it has just read.
        for place in np.argsort(starts).tolist():
            np.copyto(rows[place], self._window(column, int(starts[place])))

    def _window(self, column: Any, start: int) -> Any:
        window = column[start : start + self._reach : self._rate]
        return window[::-1] if self._reverse else window


def _below(name: str, value: int, steps: int) -> int:
    number = check_int(name, value, minimum=1)
    if number >= steps:
        raise ConfigurationError(f"`{name}` is {number}; it must be less than the {steps} steps of the data.")
    return number


def _bounds(start_index: int | None, end_index: int | None, steps: int) -> tuple[int, int]:
    start = 0 if start_index is None else check_int("start_index", start_index, minimum=0)
    end = steps if end_index is None else check_int("end_index", end_index, minimum=1)
    if start >= steps:
        raise ConfigurationError(f"`start_index` is {start}; it must be less than the {steps} steps of the data.")
    if end_index is not None and not start < end < steps:
        raise ConfigurationError(
            f"`end_index` is {end}; it must be more than `start_index`, {start}, and less than the {steps} steps of "
            "the data; `None` uses all of them."
        )
    return start, end


def _with_targets(targets: int, start: int) -> int:
    """Returns how many steps from `start_index` on have a target."""
    if targets <= start:
        raise ConfigurationError(
            f"`targets` has {targets} rows, and the first window begins at step {start}. `targets[i]` belongs to the "
            "window that starts at step i of the data, counted from their beginning and not from `start_index`."
        )
    return targets - start
