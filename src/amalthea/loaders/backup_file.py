"""Plain values and NumPy arrays in one file, which is replaced as a whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from amalthea.errors import ConfigurationError

__all__ = ["is_plain", "load", "save"]

# A zip of NumPy's own files: whoever wants to can open it, nothing in it is ever executed, and its checksums tell
# whether it is whole.
VALUES = "values.json"

USERS = 2  # what `isbuiltin` is of a dtype that NumPy has not made

SCALARS = (bool, int, float, str, type(None))


def is_plain(value: Any) -> bool:
    """Tells whether a value can be in the file.

    These can: numbers, strings, booleans, `None`, NumPy's arrays and numbers; lists, tuples and dicts by strings of
    them.
    """
    if isinstance(value, np.ndarray | np.generic):
        return _is_short_float(value.dtype) or (value.dtype.kind in "biufc" and value.dtype.isbuiltin != USERS)
    if type(value) is dict:
        return all(type(key) is str for key in value) and all(map(is_plain, value.values()))
    return all(map(is_plain, value)) if type(value) in (list, tuple) else type(value) in SCALARS


def save(path: Path, value: Any) -> None:
    """Writes a plain value. Whenever this is interrupted, the file is the one before or the new one.

    Raises:
        OSError: If it cannot be written; the one before stays as it is.
    """
    arrays: list[npt.NDArray[Any]] = []
    text = json.dumps(_packed(value, arrays))
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            _write(file, text, arrays)
            file.flush()
            os.fsync(file.fileno())  # the name must not be on the disk before what it stands for
        part.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink()  # it may be what fills the disk up
        raise


def load(path: Path) -> Any:
    """Returns what was written.

    Raises:
        ConfigurationError: If the file is not whole.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _unpacked(json.loads(archive.read(VALUES)), archive)
    except (zipfile.BadZipFile, ValueError, LookupError, EOFError) as error:
        raise ConfigurationError(
            f"`{path}` is no backup, or a broken one ({error}). Remove it to train from the beginning."
        ) from error


def _write(file: Any, text: str, arrays: list[npt.NDArray[Any]]) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        for number, array in enumerate(arrays):
            with archive.open(f"{number}.npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, array, allow_pickle=False)
        archive.writestr(VALUES, text)


def _packed(value: Any, arrays: list[npt.NDArray[Any]]) -> Any:
    """Returns the value in types of JSON, with the number of the array for each array."""
    if isinstance(value, np.ndarray | np.generic):
        array = np.asarray(value)
        arrays.append(array.astype(np.float32) if _is_short_float(array.dtype) else array)
        return {"array" if isinstance(value, np.ndarray) else "number": len(arrays) - 1}
    if isinstance(value, dict):
        return {"dict": {key: _packed(item, arrays) for key, item in value.items()}}
    if isinstance(value, tuple):
        return {"tuple": [_packed(item, arrays) for item in value]}
    return [_packed(item, arrays) for item in value] if isinstance(value, list) else value


def _unpacked(value: Any, archive: zipfile.ZipFile) -> Any:
    if isinstance(value, list):
        return [_unpacked(item, archive) for item in value]
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "dict":
        return {key: _unpacked(item, archive) for key, item in content.items()}
    if kind == "tuple":
        return tuple(_unpacked(item, archive) for item in content)
    with archive.open(f"{content}.npy") as entry:
        array = np.lib.format.read_array(entry, allow_pickle=False)
    return array if kind == "array" else array[()]


def _is_short_float(dtype: np.dtype[Any]) -> bool:
    """Tells of bfloat16 and its like, which NumPy's files have not; each of their values is a float32 as well."""
    return dtype.isbuiltin == USERS and np.can_cast(dtype, np.float32)
