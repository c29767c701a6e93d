"""The options of a loader of some of another one's samples: for training, or without what is for training only."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from amalthea.errors import SampleError
from amalthea.loaders.layers import Layers
from amalthea.quarantine import checked_quarantine

__all__ = ["options_of_part", "untrained"]

# A validation loader shows the data as they are.
TRAINING_ONLY = (
    "augment",
    "batch_transform",
    "bucket_by_length",
    "class_weight",
    "drop_remainder",
    "sampling_weights",
    "steps_per_epoch",
)


def options_of_part(options: dict[str, Any], indices: npt.NDArray[np.int64], *, training: bool) -> dict[str, Any]:
    """Returns the options of `Loader` for these samples of its source."""
    options = dict(options)
    if options["sampling_weights"] is not None:
        options["sampling_weights"] = np.asarray(options["sampling_weights"])[indices]
    if options["quarantine"] is not None:
        options["quarantine"] = _quarantine_of(options["quarantine"], indices)
    return options if training else {**untrained(options), "shuffle": False}


def untrained(options: dict[str, Any]) -> dict[str, Any]:
    """Returns the options of a loader without what is for training only."""
    plain = {name: value for name, value in options.items() if name not in TRAINING_ONLY}
    if plain.get("layers") is not None:
        layers = plain["layers"]
        plain["layers"] = Layers(layers.layers if isinstance(layers, Layers) else layers, training=False)
    transform = plain.get("transform")
    if isinstance(transform, list | tuple):
        # An augmentation that a loader has put there says what is left of it.
        plain["transform"] = [getattr(each, "untrained", each) for each in transform]
    return plain


def _quarantine_of(quarantine: Any, indices: npt.NDArray[np.int64]) -> list[SampleError | int]:
    known, samples = checked_quarantine(quarantine)
    of_files: list[SampleError | int] = [sample for sample in samples if sample.path is not None]
    return [*of_files, *np.flatnonzero(np.isin(indices, list(known.indices))).tolist()]
