"""Classes of unlike size: weights of samples by their class, and classes drawn equally often."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt

from amalthea.errors import ConfigurationError
from amalthea.labels import class_weights
from amalthea.loaders.listing import Listing

__all__ = ["balanced"]


def balanced(listing: Listing, label_mode: str | None, options: dict[str, Any]) -> tuple[Listing, dict[str, Any]]:
    """Returns files and the options of their loader, with numbers for what the options say of classes.

    Args:
        listing: The files with their classes.
        label_mode: The form of the labels.
        options: Of the loader. `class_weight` becomes the `sample_weight` of the listing; for
            `sampling_weights="balanced"` stands one number for each file.

    Raises:
        ConfigurationError: If the labels are no classes, or there are sample weights already.
    """
    options = dict(options)
    weight = options.pop("class_weight", None)
    if weight is not None:
        if listing.sample_weight is not None:
            raise ConfigurationError(
                f"`class_weight` is {weight!r}, and there are sample weights of their own: give one of the two, or "
                "multiply the sample weights by those of the classes."
            )
        weights = class_weights(_classes("class_weight", listing, label_mode), weight, listing.class_names)
        listing = dataclasses.replace(listing, sample_weight=weights)
    drawn = options.get("sampling_weights")
    if isinstance(drawn, str):
        if drawn != "balanced":
            raise ConfigurationError(
                f"`sampling_weights` is {drawn!r}; it must be 'balanced', one number for each file, or None."
            )
        options["sampling_weights"] = class_weights(_classes("sampling_weights", listing, label_mode), "balanced")
    return listing, options


def _classes(name: str, listing: Listing, mode: str | None) -> npt.NDArray[np.integer[Any]]:
    if listing.labels is None or mode in ("raw", None):
        have = "pictures" if listing.masks is not None else "none" if listing.labels is None else "no classes"
        raise ConfigurationError(
            f"`{name}` is by classes, and the labels are {have} (`label_mode` is {mode!r}). Give labels that are "
            "classes, or leave it out."
        )
    return listing.labels
