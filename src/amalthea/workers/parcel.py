"""Sending an object to worker processes: what is large in it goes through shared memory, once for all of them."""

from __future__ import annotations

import contextlib
import contextvars
import functools
import io
import mmap
import pickle
import random
import sys
import weakref
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import cloudpickle
import numpy as np
import numpy.typing as npt

from amalthea._shared import LEAST_BYTES, Mapping, SharedFile, by_handle, file_of
from amalthea.batches import ALIGNMENT
from amalthea.workers.stand_in import PyDataset

__all__ = ["Opened", "Parcel", "open_parcel", "pack"]

Array = npt.NDArray[Any]

# Arrays are compared so many bytes at a time.
COMPARED = 1 << 20

RANDOM_TYPES = (np.random.Generator, np.random.RandomState, random.Random)


class Parcel(NamedTuple):
    """An object ready to be sent.

    Attributes:
        data: The object without its large arrays.
        files: Where those are; their handles are sent with the data.
    """

    data: bytes
    files: Sequence[SharedFile]


class Opened(NamedTuple):
    """What came out of a parcel.

    Attributes:
        value: The object.
        randoms: All generators of random numbers in it, however deep.
    """

    value: Any
    randoms: Sequence[Any]


def pack(value: Any, by_value: Sequence[str] = ()) -> Parcel:
    """Returns an object ready to be sent.

    A large array is copied into shared memory; one that lies in shared memory or in a file that is mapped already is
    only named. Functions and classes of a script or a notebook go by value, as `cloudpickle` does it.

    Args:
        value: The object.
        by_value: Modules whose functions and classes go by value too, where they can.

    Raises:
        Exception: Whatever the pickling of somebody's object raises.
    """
    if not by_value:
        return _packed(value)
    try:
        with _by_value(by_value):
            return _packed(value)
    except OSError:
        raise
    except Exception:  # the module holds something that cannot be sent, and whose pickling may raise anything
        return _packed(value)


def _packed(value: Any) -> Parcel:
    file = io.BytesIO()
    packer = _Packer(file)
    token = by_handle.set(True)
    try:
        packer.dump(value)
    finally:
        by_handle.reset(token)
    return Parcel(file.getvalue(), packer.files)


@contextlib.contextmanager
def _by_value(names: Sequence[str]) -> Iterator[None]:
    before = cloudpickle.cloudpickle.list_registry_pickle_by_value()
    modules = [sys.modules[name] for name in names if name in sys.modules and name not in before]
    for module in modules:
        cloudpickle.register_pickle_by_value(module)
    try:
        yield
    finally:
        for module in modules:
            cloudpickle.unregister_pickle_by_value(module)


def open_parcel(data: bytes, handles: Sequence[int]) -> Opened:
    """Returns what was sent.

    Args:
        data: As in the parcel.
        handles: Those of its files; they belong to what is returned.
    """
    opening = _Opening([SharedFile(handle) for handle in handles], {}, [])
    token = _opening.set(opening)
    try:
        return Opened(pickle.loads(data), opening.randoms)
    finally:
        _opening.reset(token)


class _Opening(NamedTuple):
    files: Sequence[SharedFile]
    mappings: dict[int, Mapping]
    randoms: list[Any]


_opening: contextvars.ContextVar[_Opening] = contextvars.ContextVar("opening")


class _Packer(cloudpickle.Pickler):  # type: ignore[misc]  # cloudpickle ships no types: Any
    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, protocol=5)
        self.files: list[SharedFile] = []
        self._own: SharedFile | None = None
        self._end = 0

    def reducer_override(self, value: Any) -> Any:
        if type(value) in (np.ndarray, np.memmap) and value.nbytes >= LEAST_BYTES and not value.dtype.hasobject:
            return self._array(value)
        if type(value) in RANDOM_TYPES:
            return _noted, (pickle.dumps(value),)
        if _is_keras_dataset(value):
            return _stand_in, ()
        return super().reducer_override(value)

    def _array(self, array: Array) -> Any:
        mapped = _mapped_file(array)
        if mapped is not None:
            return mapped
        found, writeable = file_of(array), array.flags.writeable
        if found is not None and array.flags.c_contiguous:
            file, start = found
        else:
            # Of an array with gaps there is a new copy each time.
            array = np.asarray(array, order="F" if array.flags.fnc else "C")
            file, start = self._copied(array)
        if file not in self.files:
            self.files.append(file)
        order = "C" if array.flags.c_contiguous else "F"
        return _array_of, (self.files.index(file), start, array.dtype, array.shape, order, writeable)

    def _copied(self, array: Array) -> tuple[SharedFile, int]:
        """Returns where a copy of an array is in shared memory; one made before will do, if it is still the same."""
        found = _copies.get(id(array))
        before = None if found is None or found.array() is not array else found.file()
        if found is not None and before is not None and _same(_bytes_of(array), before, found.start):
            return before, found.start
        if self._own is None:
            self._own = SharedFile()
        file, start = self._own, self._end
        self._end = -(-(start + array.nbytes) // ALIGNMENT) * ALIGNMENT
        file.reserve(start, array.nbytes)
        _part(file, start, array.nbytes)[:] = _bytes_of(array)
        forget = functools.partial(_forget, id(array))
        _copies[id(array)] = _Copy(weakref.ref(array, forget), weakref.ref(file), start)
        return file, start


class _Copy(NamedTuple):
    array: weakref.ref[Array]
    file: weakref.ref[SharedFile]  # it lives with the parcels that name it
    start: int


# What is packed again, for the next epoch or for another loader, is mostly as it was.
_copies: dict[int, _Copy] = {}


def _forget(key: int, _: Any) -> None:
    _copies.pop(key, None)


def _bytes_of(array: Array) -> npt.NDArray[np.uint8]:
    return array.reshape(-1, order="A").view(np.uint8)


def _part(file: SharedFile, start: int, size: int) -> npt.NDArray[np.uint8]:
    page = start // mmap.ALLOCATIONGRANULARITY * mmap.ALLOCATIONGRANULARITY
    return file.map(start + size - page, offset=page).memory[start - page :]


def _same(memory: npt.NDArray[np.uint8], file: SharedFile, start: int) -> bool:
    if file.size < start + memory.size:
        return False
    copy = _part(file, start, memory.size)
    return all(
        np.array_equal(memory[at : at + COMPARED], copy[at : at + COMPARED]) for at in range(0, memory.size, COMPARED)
    )


def _array_of(
    file: int, start: int, dtype: np.dtype[Any], shape: tuple[int, ...], order: Literal["C", "F"], writeable: bool
) -> Array:
    """Is called in the worker: the array that was sent. What is written into it stays in this process."""
    files, mappings, _ = _opening.get()
    if file not in mappings:
        mappings[file] = files[file].map(files[file].size, private=True)
    array: Array = np.ndarray(shape, dtype, mappings[file], start, order=order)
    array.flags.writeable = writeable
    return array


def _mapped_file(array: Array) -> tuple[Callable[..., Array], Any] | None:
    """Returns how to map again what `np.memmap` has mapped; `None` for another array, or for private changes of one."""
    base: Any = array
    while isinstance(base.base, np.ndarray):
        base = base.base
    if not isinstance(base, np.memmap) or base.mode == "c" or base.filename is None:
        return None
    path = Path(base.filename).resolve()
    if not path.is_file():  # it was deleted since
        return None
    reach = [(length - 1) * stride for length, stride in zip(array.shape, array.strides, strict=True)]
    before, after = -sum(min(0, step) for step in reach), sum(max(0, step) for step in reach)
    start = base.offset + array.ctypes.data - before - base.ctypes.data
    mode = "r+" if base.mode != "r" and array.flags.writeable else "r"
    return _map_again, (str(path), mode, start, before, after, array.dtype, array.shape, array.strides)


def _map_again(
    path: str,
    mode: Literal["r", "r+"],
    start: int,
    before: int,
    after: int,
    dtype: np.dtype[Any],
    shape: tuple[int, ...],
    strides: tuple[int, ...],
) -> Array:
    """Is called in the worker: the part of a file that was mapped."""
    memory = np.memmap(path, np.uint8, mode, start, (before + after + dtype.itemsize,))
    return np.ndarray(shape, dtype, memory, before, strides)


def _noted(pickled: bytes) -> Any:
    """Is called in the worker: a generator of random numbers."""
    generator = pickle.loads(pickled)
    _opening.get().randoms.append(generator)
    return generator


def _is_keras_dataset(value: Any) -> bool:
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(value, type) and value is keras.utils.PyDataset


def _stand_in() -> type:
    """Is called in the worker: what a dataset is derived from there."""
    return PyDataset
