"""Kinds of file systems that a program has registered with fsspec, for its worker processes."""

from __future__ import annotations

import contextlib
import pickle
import sys
from typing import Any

import cloudpickle

__all__ = ["register", "registered"]

# What fsspec gives each class when it is made: of one process alone, and not to be pickled.
OWN = ("_cache", "_pid", "_instantiation_lock", "__dict__", "__weakref__")


def registered() -> dict[str, bytes]:
    """Returns the kinds that fsspec does not know by itself, pickled, by their protocols."""
    registry: Any = sys.modules.get("fsspec.registry")
    kinds = {}
    for protocol, kind in () if registry is None else list(registry.registry.items()):  # it grows as kinds are used
        usual = registry.known_implementations.get(protocol, {}).get("class", "")
        if kind.__name__ != usual.rpartition(".")[2]:
            with contextlib.suppress(Exception):  # a worker that needs it says that it is missing
                kinds[protocol] = _pickled(kind)
    return kinds


def register(kinds: dict[str, bytes]) -> None:
    """Registers them in this process."""
    for protocol, data in kinds.items():
        import fsspec

        found = pickle.loads(data)
        kind = found if isinstance(found, type) else type(found[1][0])(*found)
        fsspec.register_implementation(protocol, kind, clobber=True)


def _pickled(kind: type) -> bytes:
    try:
        data: bytes = cloudpickle.dumps(kind)
    except TypeError:  # made by a function or in a notebook: there is no module to import it from
        own = {name: value for name, value in vars(kind).items() if name not in OWN}
        data = cloudpickle.dumps((kind.__name__, kind.__bases__, own))
    return data
