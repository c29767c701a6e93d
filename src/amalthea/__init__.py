"""Data loaders for Keras 3: the same batches on TensorFlow, JAX and PyTorch, in bounded memory.

The public names are loaded when first used: a program that only needs a source or a transform imports no Keras.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from amalthea import errors, sources, transforms
    from amalthea.errors import AmaltheaError, ConfigurationError, SampleError, WorkerError
    from amalthea.loaders.images import ImageLoader
    from amalthea.loaders.loader import Loader
    from amalthea.loaders.sequence import SequenceLoader
    from amalthea.sheet import preview

__version__ = "0.1.0"

_HOME = {
    "AmaltheaError": "amalthea.errors",
    "ConfigurationError": "amalthea.errors",
    "ImageLoader": "amalthea.loaders.images",
    "Loader": "amalthea.loaders.loader",
    "SampleError": "amalthea.errors",
    "SequenceLoader": "amalthea.loaders.sequence",
    "WorkerError": "amalthea.errors",
    "preview": "amalthea.sheet",
}
_MODULES = ("errors", "sources", "transforms")

__all__ = [
    "AmaltheaError",
    "ConfigurationError",
    "ImageLoader",
    "Loader",
    "SampleError",
    "SequenceLoader",
    "WorkerError",
    "errors",
    "preview",
    "sources",
    "transforms",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"amalthea.{name}")
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module 'amalthea' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
