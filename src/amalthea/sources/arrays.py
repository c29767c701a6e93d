"""Rows of arrays: in memory, mapped from a file, or in an HDF5 file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from amalthea._trees import as_sample, map_leaves
from amalthea.errors import ConfigurationError
from amalthea.sources.hdf5 import HDF5, first_of_run

__all__ = ["Arrays", "as_columns", "length_of", "read_column"]

Array = npt.NDArray[Any]
Indices = npt.NDArray[np.int64]


class Arrays:
    """Sample i is made of row i of each array.

    x, y and the weights are arrays, or dicts and tuples of them, however deep; a list of arrays counts as a tuple. An
    array is a NumPy array, a memory map, an HDF5 dataset, a tensor of any backend, a pandas object or a list of
    numbers. It keeps its dtype, and is not copied: a map stays a map, and a dataset is read row by row, see `HDF5`.
    Python floats become float32.

    Args:
        x: Inputs, each array of shape `(samples, ...)`.
        y: Targets, or `None`.
        sample_weight: Weights of the samples, or `None`; only with `y`.

    Raises:
        ConfigurationError: If the lengths differ, or an array does not hold numbers.

    Example:
    >>> source = Arrays({"a": np.arange(3), "b": np.ones((3, 2))}, y=[0.5, 1.5, 2.5])
    >>> source[2]
    ({'a': np.int64(2), 'b': array([1., 1.])}, np.float32(2.5))
    """

    def __init__(self, x: Any, y: Any = None, sample_weight: Any = None) -> None:
        if y is None and sample_weight is not None:
            raise ConfigurationError("`sample_weight` is given without `y`, and Keras takes it only with targets.")
        given = {"x": x, "y": y, "sample_weight": sample_weight}
        columns = {name: as_columns(name, value) for name, value in given.items() if value is not None or name == "x"}
        self._length = length_of(columns)
        # A tuple of inputs alone would be taken for x and y.
        alone = y is None and not isinstance(columns["x"], tuple)
        self._columns = columns["x"] if alone else tuple(columns.values())

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: int) -> Any:
        return map_leaves(lambda column: column[index], self._columns)

    def read_into(self, index: int, row: Any) -> None:
        """Writes a sample into its row."""
        map_leaves(lambda row, column: np.copyto(row, column[index]), row, self._columns)

    def read_rows(self, indices: Indices, rows: Any) -> None:
        """Writes several samples into their rows."""
        map_leaves(lambda rows, column: read_column(column, indices, rows), rows, self._columns)


def as_columns(name: str, value: Any) -> Any:
    """Returns dicts and tuples of columns, each a NumPy array or an `HDF5`.

    Args:
        name: What errors call the value.
        value: What the user gave.

    Raises:
        ConfigurationError: If something in it is no array of numbers.
    """
    value = as_sample(value)
    if isinstance(value, dict):
        return {key: as_columns(f"{name}[{key!r}]", item) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(as_columns(f"{name}[{place}]", item) for place, item in enumerate(value))
    h5py = sys.modules.get("h5py")  # who has a dataset has imported it
    if h5py is not None and isinstance(value, h5py.Dataset):
        return HDF5.of(value)
    return value if isinstance(value, HDF5) else _as_array(name, value)


def length_of(columns: dict[str, Any]) -> int:
    """Returns the number of rows that all columns have.

    Raises:
        ConfigurationError: If they differ, or there are none.
    """
    lengths = {name: len(column) for key, tree in columns.items() for name, column in _leaves(key, tree)}
    if not lengths:
        raise ConfigurationError(f"`{next(iter(columns))}` holds no array.")
    if len(set(lengths.values())) > 1:
        each = ", ".join(f"`{name}` has {length}" for name, length in list(lengths.items())[:10])
        raise ConfigurationError(
            f"The arrays differ in their numbers of rows: {each}. There must be one row for each sample. A list or "
            "tuple of arrays counts as several inputs; samples of one input are put together by `np.stack`, after "
            "padding where they differ in shape."
        )
    return next(iter(lengths.values()))


def read_column(column: Array | HDF5, indices: Indices, rows: Array) -> None:
    """Writes rows of a column, of which there must be those asked for, into `rows` of shape `(indices, ...)`."""
    if isinstance(column, HDF5):
        column.read_rows(indices, rows)
    elif (start := first_of_run(indices)) is not None:
        np.copyto(rows, column[start : start + len(indices)])
    elif column.flags.c_contiguous and column.flags.aligned and column.dtype == rows.dtype:
        # With mode="raise" NumPy would write into memory of its own first.
        column.take(indices, axis=0, out=rows, mode="clip")
    else:  # `take` would copy all of the column first
        np.copyto(rows, column[indices])


def _leaves(name: str, tree: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(tree, dict | tuple):
        for key, item in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from _leaves(f"{name}[{key!r}]", item)
    else:
        yield name, tree


def _as_array(name: str, value: Any) -> Array:
    if hasattr(value, "detach"):  # a PyTorch tensor, which may need gradients or be on an accelerator
        value = value.detach().cpu()
    try:
        array = np.asarray(value)
    except Exception as error:  # whatever somebody's tensor raises arrives as the cause
        what = "ragged: its rows differ in length" if isinstance(value, list) else "no array"
        raise ConfigurationError(f"`{name}` is {what}; pad or convert it first. {error}") from error
    if array.dtype.kind not in "biuf":
        raise ConfigurationError(
            f"`{name}`, of type {type(value).__name__}, has the dtype {array.dtype}; it must hold integers, floats or "
            "booleans: convert or encode it first."
        )
    if not array.ndim:
        raise ConfigurationError(f"`{name}` is the single number {array}; it must be an array, one row for a sample.")
    return array.astype(np.float32) if isinstance(value, list) and array.dtype.kind == "f" else array
