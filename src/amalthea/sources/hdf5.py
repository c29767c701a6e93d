"""Rows of a dataset in an HDF5 file, read when they are asked for."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from amalthea.errors import ConfigurationError

__all__ = ["HDF5", "first_of_run"]

Array = npt.NDArray[Any]
Indices = npt.NDArray[np.int64]

CACHE_BYTES = 1 << 20  # what HDF5 takes by itself


class HDF5:
    """The rows of a dataset in an HDF5 file, in order along its first axis.

    The file is opened for reading by each process when it first needs a row, and never sent to another one open. It
    is closed with this object, or by `close()`. Needs `h5py`: `pip install "amalthea[hdf5]"`.

    Args:
        path: The file.
        name: Path of the dataset in the file; it may be chunked and compressed.

    Attributes:
        path, name: As given, the path an absolute one.
        shape, dtype: Of the dataset, `(samples, ...)`; a number keeps its width, in the byte order of the machine.

    Raises:
        ConfigurationError: If there is no such file or dataset, or it does not hold numbers.

    Example:
    >>> import h5py, os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "data.h5")
    >>> with h5py.File(path, "w") as file:
    ...     file["features"] = np.arange(6, dtype="float32").reshape(3, 2)
    >>> source = HDF5(path, "features")
    >>> len(source), source[2]
    (3, array([4., 5.], dtype=float32))
    >>> source.close()
    """

    def __init__(self, path: str | os.PathLike[str], name: str) -> None:
        self.path, self.name = str(Path(path).absolute()), name
        self._opened: dict[int, _Opened] = {}  # by process
        try:
            file, dataset = _open(self.path, name, CACHE_BYTES)
        except OSError as error:
            raise ConfigurationError(str(error)) from error
        with file:
            self.shape: tuple[int, ...] = dataset.shape or ()
            self.dtype: np.dtype[Any] = dataset.dtype.newbyteorder("=")
            chunk_bytes = math.prod(dataset.chunks or (0,)) * dataset.dtype.itemsize
        if self.dtype.kind not in "biuf" or not self.shape:
            raise ConfigurationError(
                f"{self} has the shape {self.shape} and the dtype {self.dtype}; it must hold numbers, a row for each "
                "sample."
            )
        # A chunk that does not fit into the cache would be decompressed again for each of its rows.
        self._cache_bytes = max(CACHE_BYTES, chunk_bytes)

    @classmethod
    def of(cls, dataset: Any) -> Self:
        """Returns the source of an `h5py.Dataset` whose file is open for reading.

        Raises:
            ConfigurationError: If it is closed or open for writing, or is in no file with a name.
        """
        if not dataset:
            raise ConfigurationError(
                "An HDF5 dataset is closed; keep its file open, or pass `sources.HDF5(path, name)`."
            )
        path, name = dataset.file.filename, dataset.name
        if dataset.file.mode != "r":
            raise ConfigurationError(
                f"The HDF5 file {path!r} is open for writing, so that nobody else can read it yet. Close it, and pass "
                f"`sources.HDF5({path!r}, {name!r})`."
            )
        if name is None or not Path(path).is_file():
            raise ConfigurationError(
                f"The HDF5 dataset {name!r} of {path!r} is in no file by whose name it could be opened again; "
                "pass it as an array, `dataset[:]`."
            )
        return cls(path, name)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: int | slice) -> Any:
        try:
            return self._dataset()[index]
        except OSError as error:
            raise self._unreadable(error) from error

    def __repr__(self) -> str:
        return f"HDF5({self.path!r}, {self.name!r})"

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_opened": {}}

    def read_into(self, index: int, row: Array) -> None:
        """Writes a sample into its row."""
        row[...] = self[index]

    def read_rows(self, indices: Indices, rows: Array) -> None:
        """Writes several samples into their rows: what lies together in the file is read together."""
        try:
            self._read_rows(indices, rows)
        except OSError as error:
            raise self._unreadable(error) from error

    def close(self) -> None:
        """Closes the file in this process; the next row that is asked for opens it again."""
        self._close_all_but(None)

    def _read_rows(self, indices: Indices, rows: Array) -> None:
        dataset = self._dataset()
        start = first_of_run(indices)
        if start is not None:
            dataset.read_direct(rows, np.s_[start : start + len(indices)])
            return
        order = np.argsort(indices, kind="stable")
        for places in np.split(order, np.flatnonzero(np.diff(indices[order]) != 1) + 1):
            if len(places):
                first = int(indices[places[0]])
                rows[places] = dataset[first : first + len(places)]

    def _dataset(self) -> Any:
        pid = os.getpid()
        if pid not in self._opened:
            self._close_all_but(pid)  # a forked child would share the place in the file with its parent
            opened = self._open()
            # Of two threads that come here at once, the later one closes its file again.
            if self._opened.setdefault(pid, opened) is not opened:
                opened.file.close()
        return self._opened[pid].dataset

    def _close_all_but(self, pid: int | None) -> None:
        for other in self._opened.keys() - {pid}:
            opened = self._opened.pop(other, None)  # another thread may have been here
            if opened is not None:
                opened.file.close()

    def _open(self) -> _Opened:
        opened = _open(self.path, self.name, self._cache_bytes)
        shape, dtype = opened.dataset.shape, opened.dataset.dtype.newbyteorder("=")
        if (shape, dtype) != (self.shape, self.dtype):
            opened.file.close()
            raise OSError(
                f"{self} has changed: it has the shape {shape} and the dtype {dtype}, and had {self.shape} and "
                f"{self.dtype}."
            )
        return opened

    def _unreadable(self, error: OSError) -> OSError:
        return error if self.path in str(error) else OSError(f"{self} could not be read: {error}")


class _Opened(NamedTuple):
    file: Any
    dataset: Any


def first_of_run(indices: Indices) -> int | None:
    """Returns the first of indices that follow one another, as in `5, 6, 7`; `None` for others, or for none."""
    if not len(indices):
        return None
    first, last = int(indices[0]), int(indices[-1])
    # The ends alone rule out nearly all that are shuffled.
    return first if last - first == len(indices) - 1 and bool((np.diff(indices) == 1).all()) else None


def _open(path: str, name: str, cache_bytes: int) -> _Opened:
    """Returns an open file and a dataset of it.

    Raises:
        OSError: If there is none, in words that name the file.
    """
    h5py = _h5py()
    if not Path(path).is_file():
        raise FileNotFoundError(f"There is no file {path!r}.")
    try:
        file = h5py.File(path, "r", rdcc_nbytes=cache_bytes)
    except Exception as error:  # HDF5 has many ways to say that a file is broken
        raise OSError(
            f"The file {path!r} cannot be opened as HDF5; it is cut off, or something else, or a program has it open "
            f"for writing: {error}"
        ) from error
    try:
        dataset = file[name]
        if not isinstance(dataset, h5py.Dataset):
            raise KeyError(f"{name!r} is a {type(dataset).__name__.lower()}")
    except Exception as error:
        held = list(file)
        file.close()
        raise OSError(f"The HDF5 file {path!r} has no dataset {name!r}; at its top it has {held}: {error}") from error
    return _Opened(file, dataset)


def _h5py() -> Any:
    try:
        import h5py
    except ImportError as error:
        raise ConfigurationError('HDF5 files need the package h5py: pip install "amalthea[hdf5]".') from error
    return h5py
