"""Classes of unlike size: weights of samples by their class, and classes drawn equally often."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from amalthea.errors import ConfigurationError
from amalthea.labels import class_weights
from amalthea.loaders.listing import Listing
from amalthea.sources.protocol import Source
from amalthea.sources.weighted import ClassWeighted

__all__ = ["balanced", "class_odds"]


def balanced(
    source: Source, listing: Listing, label_mode: str | None, class_weight: Any, options: dict[str, Any]
) -> tuple[Source, dict[str, Any]]:
    """Returns a source with the weights of classes, and options with numbers for what they say of classes.

    Args:
        source: The files with their labels.
        listing: What is known of the files.
        label_mode: The form of the labels.
        class_weight: Of the loader, or `None`.
        options: Of the loader: for `sampling_weights="balanced"` stands one number for each file.

    Raises:
        ConfigurationError: If the labels are no classes, or there are sample weights already.
    """
    if class_weight is not None:
        if listing.sample_weight is not None:
            raise ConfigurationError(
                f"`class_weight` is {class_weight!r}, and there are sample weights of their own: give one of the two, "
                "or multiply the sample weights by those of the classes."
            )
        classes = _classes("class_weight", listing, label_mode)
        source = ClassWeighted(source, classes, class_weight, listing.class_names)
    drawn = options.get("sampling_weights")
    if isinstance(drawn, str):
        classes = _classes("sampling_weights", listing, label_mode)
        options = {**options, "sampling_weights": class_odds(classes, drawn)}
    return source, options


def class_odds(classes: npt.NDArray[np.integer[Any]], rule: str) -> npt.NDArray[np.float32]:
    """Returns a sampling weight for each sample: each class is equally likely.

    Raises:
        ConfigurationError: If `rule` is not `"balanced"`.
    """
    if rule != "balanced":
        raise ConfigurationError(
            f"`sampling_weights` is {rule!r}; it must be 'balanced', one number for each sample, or None."
        )
    return class_weights(classes, "balanced")


def _classes(name: str, listing: Listing, mode: str | None) -> npt.NDArray[np.integer[Any]]:
    if listing.labels is None or mode in ("raw", "multi_output", None) or listing.labels.ndim > 1:
        have = "pictures" if listing.masks is not None else "none" if listing.labels is None else "no classes"
        raise ConfigurationError(
            f"`{name}` is by classes, and the labels are {have} (`label_mode` is {mode!r}). Give labels that are "
            "classes, or leave it out."
        )
    classes: npt.NDArray[np.integer[Any]] = listing.labels
    return classes
