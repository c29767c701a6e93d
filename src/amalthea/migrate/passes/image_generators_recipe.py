"""What an `ImageDataGenerator` does to an image, as transforms of Amalthea."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import libcst as cst

from amalthea.migrate.passes._calls import code_of
from amalthea.migrate.passes._legacy_calls import UNKNOWN, in_parentheses

__all__ = ["ARGUMENTS", "HOME", "SHIFTS", "Recipe", "recipe_of"]

ARGUMENTS = (
    "featurewise_center",
    "samplewise_center",
    "featurewise_std_normalization",
    "samplewise_std_normalization",
    "zca_whitening",
    "zca_epsilon",
    "rotation_range",
    "width_shift_range",
    "height_shift_range",
    "brightness_range",
    "shear_range",
    "zoom_range",
    "channel_shift_range",
    "fill_mode",
    "cval",
    "horizontal_flip",
    "vertical_flip",
    "rescale",
    "preprocessing_function",
    "data_format",
    "validation_split",
    "interpolation_order",
    "dtype",
)

SHIFTS = ("height_shift_range", "width_shift_range")

_FLAGS = (
    "featurewise_center",
    "featurewise_std_normalization",
    "samplewise_center",
    "samplewise_std_normalization",
    "zca_whitening",
)

HOME = "amalthea.transforms"

Values = Mapping[str, cst.BaseExpression]


@dataclasses.dataclass
class Recipe:
    """What becomes of the arguments of an `ImageDataGenerator`.

    Attributes:
        augment: Code of the transforms for training, by the argument that each comes from.
        finish: Code of those that come before the fitted ones, `rescale` among them if it must be one of them.
        rescale: Code of the factor.
        fitted: `"Normalization"`, `"ZCAWhitening"` or `None`.
        fit_options: Code of the arguments of its `fit`.
        options: Code of what the loader is given, by name: `data_format`, `dtype` and `validation_split`.
        marks: What to look at.
        doubt: Why it must be left alone, or `None`.
    """

    augment: dict[str, str] = dataclasses.field(default_factory=dict)
    finish: list[str] = dataclasses.field(default_factory=list)
    rescale: str | None = None
    fitted: str | None = None
    fit_options: list[str] = dataclasses.field(default_factory=list)
    options: dict[str, str] = dataclasses.field(default_factory=dict)
    marks: list[str] = dataclasses.field(default_factory=list)
    doubt: str | None = None

    @property
    def is_finished_late(self) -> bool:
        """Whether something is done to images that have the format of a batch already."""
        return bool(self.finish or self.fitted)

    @property
    def rescaling(self) -> str | None:
        """The code of `rescale` as a transform."""
        return None if self.rescale is None else f"{HOME}.Rescaling({self.rescale})"


def recipe_of(values: Values, value_of: Callable[[cst.BaseExpression], Any]) -> Recipe:
    """Returns the recipe of an `ImageDataGenerator`.

    Args:
        values: Its arguments.
        value_of: Gives the value of an expression, or `UNKNOWN`.
    """
    known = {name: value_of(node) for name, node in values.items()}
    given = {name: node for name, node in values.items() if not _is_off(known[name])}
    recipe = Recipe()
    recipe.doubt = _doubt(given, known)
    if recipe.doubt is None:
        _augment(recipe, given, known)
        _finish(recipe, given)
        _fit(recipe, given)
        recipe.options = {
            name: code_of(given[name]) for name in ("data_format", "dtype", "validation_split") if name in given
        }
    return recipe


def _is_off(value: Any) -> bool:
    return value is not UNKNOWN and not value


def _doubt(given: Values, known: Mapping[str, Any]) -> str | None:
    for name in _FLAGS:
        if name in given and known[name] is UNKNOWN:
            return f"whether `{name}` is True is not known here"
    for name in ("width_shift_range", "height_shift_range"):
        value = known.get(name, 0)
        if name in given and value is not UNKNOWN and not (isinstance(value, float) and 0 < abs(value) < 1):
            return f"`{name}` is in pixels; RandomTranslation takes a share of the height and of the width"
    zoom = known.get("zoom_range", 0)
    if "zoom_range" in given and _zoom(zoom) is None:
        return "`zoom_range` must be a number, or a pair, that reads no more than twice as much: RandomZoom(z, z)"
    order = known.get("interpolation_order", 1)
    if order not in (0, 1):
        return "`interpolation_order` must be 0 or 1: transforms have interpolation='nearest' and 'bilinear'"
    turn = known.get("rotation_range", 0)
    if isinstance(turn, int | float) and abs(turn) > 360:
        return "`rotation_range` is more than a full turn; RandomRotation takes a share of one"
    return None


def _zoom(value: Any) -> str | None:
    """Returns the code of a factor of RandomZoom: 0 where the legacy has 1."""
    if isinstance(value, int | float) and 0 < value <= 1:
        return repr(value)
    if isinstance(value, list | tuple) and len(value) == 2 and all(isinstance(each, int | float) for each in value):
        low, high = (round(each - 1, 9) for each in value)
        if -1 <= low <= high <= 1:
            return repr(high) if low == -high else f"({low!r}, {high!r})"
    return None


def _augment(recipe: Recipe, given: Values, known: Mapping[str, Any]) -> None:
    """Adds the transforms in the order in which the legacy applies what they stand for."""
    warp = _warp(given, known)

    def add(source: str, name: str, *arguments: str) -> None:
        recipe.augment[source] = f"{HOME}.{name}({', '.join(arguments)})"

    if "rotation_range" in given:
        add("rotation_range", "RandomRotation", f"{in_parentheses(given['rotation_range'])} / 360", *warp)
    if "height_shift_range" in given or "width_shift_range" in given:
        shifts = [code_of(given[name]) if name in given else "0.0" for name in SHIFTS]
        add(next(name for name in SHIFTS if name in given), "RandomTranslation", *shifts, *warp)
        if any(known.get(name) is UNKNOWN for name in SHIFTS):
            recipe.marks.append("the shifts are shares of the height and width; what was 1 or more was pixels")
    if "shear_range" in given:
        add("shear_range", "RandomShearAngle", code_of(given["shear_range"]), *warp)
    if "zoom_range" in given:
        zoom = str(_zoom(known["zoom_range"]))
        zoom = code_of(given["zoom_range"]) if isinstance(known["zoom_range"], int | float) else zoom
        add("zoom_range", "RandomZoom", zoom, zoom, *warp)
    if "channel_shift_range" in given:
        add("channel_shift_range", "RandomChannelShift", code_of(given["channel_shift_range"]))
    for direction in ("horizontal", "vertical"):
        name = f"{direction}_flip"
        if name in given:
            add(name, "RandomFlip", f'"{direction}"')
            if known[name] is UNKNOWN:
                recipe.augment[name] = f"*([{recipe.augment[name]}] if {code_of(given[name])} else [])"
    if "brightness_range" in given:
        add("brightness_range", "RandomGain", code_of(given["brightness_range"]))


def _warp(given: Values, known: Mapping[str, Any]) -> list[str]:
    """Returns what all transforms that move pixels are told."""
    mode = code_of(given["fill_mode"]) if "fill_mode" in given else '"nearest"'
    options = [f"fill_mode={mode}"]
    if known.get("interpolation_order", 1) == 0:
        options.append('interpolation="nearest"')
    if "cval" in given and known.get("fill_mode", "nearest") in ("constant", UNKNOWN):
        options.append(f"fill_value={code_of(given['cval'])}")
    return options


def _finish(recipe: Recipe, given: Values) -> None:
    recipe.rescale = code_of(given["rescale"]) if "rescale" in given else None
    if "preprocessing_function" in given:
        recipe.finish.append(f"{HOME}.Lambda({code_of(given['preprocessing_function'])})")
        if recipe.rescaling:  # the function comes first, and a loader's own `rescale` would come before it
            recipe.finish.append(recipe.rescaling)
    if "samplewise_std_normalization" in given:
        recipe.finish.append(f"{HOME}.SampleNormalization()")
    elif "samplewise_center" in given:
        recipe.finish.append(f"{HOME}.SampleNormalization(scale=False)")


def _fit(recipe: Recipe, given: Values) -> None:
    if "zca_whitening" in given:
        recipe.fitted = "ZCAWhitening"
        if "zca_epsilon" in given:
            recipe.fit_options.append(f"epsilon={code_of(given['zca_epsilon'])}")
    elif "featurewise_std_normalization" in given:
        recipe.fitted = "Normalization"
    elif "featurewise_center" in given:
        recipe.fitted = "Normalization"
        recipe.fit_options.append("scale=False")
