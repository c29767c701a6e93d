"""Data loaders for Keras 3: the same batches on TensorFlow, JAX and PyTorch, in bounded memory.

The public names are loaded when first used: a program that only needs a source or a transform imports no Keras.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from amalthea import errors, sources, splits, testing, transforms
    from amalthea.errors import AmaltheaError, ConfigurationError, SampleError, WorkerError
    from amalthea.loaders.arrays import ArrayLoader
    from amalthea.loaders.audio import AudioLoader
    from amalthea.loaders.backup import BackupLoader
    from amalthea.loaders.images import ImageLoader
    from amalthea.loaders.inputs import MultiInputLoader
    from amalthea.loaders.loader import Loader
    from amalthea.loaders.sequence import SequenceLoader
    from amalthea.loaders.texts import TextLoader
    from amalthea.loaders.timeseries import TimeSeriesLoader
    from amalthea.sheet import preview
    from amalthea.sources.words import WordTokenizer

__version__ = "0.1.0"

_HOME = {
    "AmaltheaError": "amalthea.errors",
    "ArrayLoader": "amalthea.loaders.arrays",
    "AudioLoader": "amalthea.loaders.audio",
    "BackupLoader": "amalthea.loaders.backup",
    "ConfigurationError": "amalthea.errors",
    "ImageLoader": "amalthea.loaders.images",
    "Loader": "amalthea.loaders.loader",
    "MultiInputLoader": "amalthea.loaders.inputs",
    "SampleError": "amalthea.errors",
    "SequenceLoader": "amalthea.loaders.sequence",
    "TextLoader": "amalthea.loaders.texts",
    "TimeSeriesLoader": "amalthea.loaders.timeseries",
    "WordTokenizer": "amalthea.sources.words",
    "WorkerError": "amalthea.errors",
    "preview": "amalthea.sheet",
}
_MODULES = ("errors", "sources", "splits", "testing", "transforms")

__all__ = [
    "AmaltheaError",
    "ArrayLoader",
    "AudioLoader",
    "BackupLoader",
    "ConfigurationError",
    "ImageLoader",
    "Loader",
    "MultiInputLoader",
    "SampleError",
    "SequenceLoader",
    "TextLoader",
    "TimeSeriesLoader",
    "WordTokenizer",
    "WorkerError",
    "errors",
    "preview",
    "sources",
    "splits",
    "testing",
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
