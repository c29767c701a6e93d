"""What decides a value, in a few characters: whether two sources or two transforms are the same one.

Digests are the same in every process and on every machine. They are of what was given at construction: options,
paths, arrays by their shape, dtype and values (of large ones some rows), functions by their name. No sample is read.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

import numpy as np

from amalthea.sources.cached import Cached
from amalthea.sources.paths import Paths

__all__ = ["fingerprint"]

ROWS = 64  # so many rows of a large array, or items of a long list, are looked at
SMALL = 1 << 22  # bytes of an array that is looked at as a whole: the labels of a million files
CHUNK = 1024


def fingerprint(value: Any) -> str:
    """Returns 16 hexadecimal digits.

    Example:
    >>> fingerprint([1.5, "a"]) == fingerprint([1.5, "a"]), fingerprint(np.arange(3)) == fingerprint(np.arange(4))
    (True, False)
    """
    described = json.dumps(_described(value), sort_keys=True)
    return hashlib.blake2b(described.encode(), digest_size=8).hexdigest()


def _described(value: Any, depth: int = 0) -> Any:
    """Returns what decides a value in types of JSON; of what nothing is known, its type."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.ndarray | np.generic):
        return _of_array(np.asarray(value))
    if isinstance(value, bytes | range | PurePath):
        return [type(value).__name__, repr(value)]
    if isinstance(value, np.dtype):  # whose classes have other names in other versions of NumPy
        return ["dtype", value.str]
    if isinstance(value, Paths):
        return _of_paths(value)
    if isinstance(value, Mapping):
        return ["dict", [[str(key), _described(item, depth + 1)] for key, item in value.items()]]
    if isinstance(value, list | tuple):
        return _of_items(value, depth)
    if isinstance(value, functools.partial):
        return ["partial", *(_described(part, depth + 1) for part in (value.func, value.args, value.keywords))]
    if callable(value) and hasattr(value, "__qualname__"):
        return ["function", value.__qualname__]
    return _of_object(value, depth)


def _of_object(value: Any, depth: int) -> Any:
    if isinstance(value, Cached):  # a cache changes nothing
        return _described(value.source, depth + 1)
    recipe = getattr(value, "recipe", None)
    described: list[Any] = [type(value).__qualname__]
    if type(value).__module__.startswith("amalthea.") and depth < 20:
        described.append(_of_attributes(value, depth))
    elif callable(recipe):
        described.append(_described(recipe(), depth + 1))
    with contextlib.suppress(TypeError):  # a tensor without an axis has the method, and no length
        described.append(len(value))
    return described


def _of_attributes(value: Any, depth: int) -> Any:
    """Returns the attributes that were given, not those that come and go: open files, locks, what was made ahead."""
    attributes = getattr(value, "__dict__", {})
    if any("__getstate__" in vars(each) for each in type(value).__mro__[:-1]):  # it says itself what is worth sending
        attributes = value.__getstate__()
    return [[name, _described(item, depth + 1)] for name, item in sorted(attributes.items()) if item is not None]


def _of_items(values: Any, depth: int) -> Any:
    chosen = _spread(len(values)) if len(values) > ROWS else range(len(values))
    return [len(values), *(_described(values[place], depth + 1) for place in chosen)]


def _of_array(array: np.ndarray[Any, Any]) -> Any:
    if array.dtype == object or not array.ndim:
        return _of_items(array.tolist(), 0) if array.ndim else [array.dtype.str, repr(array[()])]
    digest = hashlib.blake2b(digest_size=8)
    chosen = array if array.nbytes <= SMALL else array[_spread(len(array))]
    digest.update(np.ascontiguousarray(chosen).tobytes())
    return [array.dtype.str, array.shape, digest.hexdigest()]


def _of_paths(paths: Paths) -> Any:
    digest = hashlib.blake2b(digest_size=8)
    for start in range(0, len(paths), CHUNK):
        digest.update("\0".join(["", *paths[start : start + CHUNK]]).encode(errors="surrogateescape"))
    return [len(paths), digest.hexdigest()]


def _spread(count: int) -> list[int]:
    """Returns some of `0 .. count - 1`, evenly spread, with the first and the last."""
    return sorted({round(place) for place in np.linspace(0, count - 1, min(count, ROWS))}) if count else []
