"""What goes with labels that are masks, and what would part them from their images."""

from __future__ import annotations

from typing import Any

from amalthea.errors import ConfigurationError
from amalthea.loaders.layers import Layers

__all__ = ["check_masks"]

# The layers of Keras after which each pixel is where it was. Of a layer of one's own nobody knows.
IN_PLACE = (
    "AutoContrast",
    "ContrastLimitedAdaptiveHistogramEqualization",
    "Equalization",
    "GaussianNoise",
    "Normalization",
    "RandomBrightness",
    "RandomColorDegeneration",
    "RandomColorJitter",
    "RandomContrast",
    "RandomErasing",
    "RandomGaussianBlur",
    "RandomGrayscale",
    "RandomHue",
    "RandomInvert",
    "RandomPosterization",
    "RandomSaturation",
    "RandomSharpness",
    "Rescaling",
    "Solarization",
)


def check_masks(label_mode: str | None, options: dict[str, Any]) -> None:
    """Raises ConfigurationError for options of a loader that masks do not go with."""
    if label_mode != "int":
        raise ConfigurationError(
            f"`label_mode` is {label_mode!r}, and `labels` are masks, whose class numbers come as they are: leave it "
            "at 'int'. For other forms use a `transform`, which gets image and mask."
        )
    if options.get("on_error") == "substitute":
        raise ConfigurationError(
            "`on_error` is 'substitute', which needs sample weights, and `labels` are masks: Keras takes no weight of "
            "an image beside a label for each of its pixels. Use 'skip'."
        )
    for layer in _each(options.get("layers")):
        kind = type(layer).__name__
        if kind not in IN_PLACE:
            raise ConfigurationError(
                f"`layers` holds {kind}, and `labels` are masks, which layers do not get: one that moves pixels would "
                "part the images from their masks. Use `augment`, which moves both; a function of image and mask is "
                f"for `transform`. Layers that leave pixels in their place are {', '.join(IN_PLACE)}."
            )


def _each(layers: Any) -> list[Any]:
    if isinstance(layers, Layers):  # those of a loader for validation
        layers = layers.layers
    if isinstance(layers, dict):
        return [layer for value in layers.values() for layer in _each(value)]
    if layers is None:
        return []
    return list(layers) if isinstance(layers, list | tuple) else [layers]
