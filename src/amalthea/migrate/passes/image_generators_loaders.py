"""`flow`, `flow_from_directory` and `flow_from_dataframe` as calls of Amalthea's loaders."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import libcst as cst

from amalthea.migrate.passes._calls import code_of
from amalthea.migrate.passes._layout import Layout, New
from amalthea.migrate.passes._legacy_calls import UNKNOWN, bound, literal
from amalthea.migrate.passes.image_generators_recipe import Recipe
from amalthea.migrate.rewriter import expression

__all__ = ["FLOWS", "Flow"]

_SAVE = ("save_to_dir", "save_prefix", "save_format")

# The arguments of each in their order.
FLOWS = {
    "flow": (
        *("x", "y", "batch_size", "shuffle", "sample_weight", "seed"),
        *_SAVE,
        *("ignore_class_split", "subset"),
    ),
    "flow_from_directory": (
        *("directory", "target_size", "color_mode", "classes", "class_mode", "batch_size", "shuffle", "seed"),
        *_SAVE,
        *("follow_links", "subset", "interpolation", "keep_aspect_ratio"),
    ),
    "flow_from_dataframe": (
        *("dataframe", "directory", "x_col", "y_col", "weight_col", "target_size", "color_mode", "classes"),
        *("class_mode", "batch_size", "shuffle", "seed"),
        *_SAVE,
        *("subset", "interpolation", "validate_filenames", "keep_aspect_ratio", "has_ext", "sort", "drop_duplicates"),
    ),
}

_LOADERS = {
    "flow": "amalthea.ArrayLoader",
    "flow_from_directory": "amalthea.ImageLoader.from_directory",
    "flow_from_dataframe": "amalthea.ImageLoader.from_dataframe",
}

_RENAMED = {
    "target_size": "image_size",
    "classes": "class_names",
    "class_mode": "label_mode",
    "keep_aspect_ratio": "crop_to_aspect_ratio",
}

_DROPPED = (*_SAVE, "ignore_class_split", "validate_filenames", "has_ext", "sort", "drop_duplicates")

# The legacy defaults that are others here.
_DEFAULTS = {"class_mode": '"categorical"', "interpolation": '"nearest"'}

_MODES = {"sparse": "int", "other": "raw"}

# Values of `class_mode` for which a table has no classes.
_WITHOUT_CLASSES = ("input", "multi_output", "raw", "other", None)

_SAVED = "the augmented images are not saved any more; write amalthea.preview(loader, 'sheet.png') to look at them"
_AUGMENTED = "images for validation are augmented here, as the legacy did; if that was not meant, leave out {}"


@dataclasses.dataclass(frozen=True)
class Flow:
    """A call of `flow*`, and what the generator that it belongs to does.

    Attributes:
        kind: The name of the method.
        recipe: That of the generator.
        augment: The list of transforms for training: its name, or the code of its items; `None` if there are none.
        fitted: Code of the fitted transform, or `None`.
    """

    kind: str
    recipe: Recipe
    augment: str | list[str] | None
    fitted: str | None

    def loader(
        self,
        call: cst.Call,
        layout: Layout,
        value_of: Callable[[cst.BaseExpression], Any],
        as_float: Callable[[cst.BaseExpression], cst.BaseExpression],
    ) -> tuple[cst.Call, list[str]]:
        """Returns the call of the loader, and what to look at.

        Args:
            call: The call of `flow*`.
            layout: How the program is laid out there.
            value_of: Gives the value of an expression, or `UNKNOWN`.
            as_float: Gives the code of an array as float32.
        """
        args = bound(call.args, FLOWS[self.kind], {"X": "x"}) or {}
        values = {name: value_of(arg.value) for name, arg in args.items()}
        marks = [_SAVED] if values.get("save_to_dir") is not None else []
        if values.get("subset") == "training" and "validation_split" not in self.recipe.options:
            values["subset"] = None  # the legacy sets nothing aside then
        if self.kind == "flow_from_dataframe" and values.get("class_mode", "categorical") in _WITHOUT_CLASSES:
            values["classes"] = None  # the legacy did not look at them
        kept = {name: _kept(name, arg, values[name]) for name, arg in args.items() if _is_kept(name, values[name])}
        for_validation = values.get("subset") == "validation" and self.augment is not None
        if for_validation:
            marks.append(
                _AUGMENTED.format(f"*{self.augment}" if isinstance(self.augment, str) else "them in `transform`")
            )
        added = self._steps(for_validation)
        if self.kind == "flow":
            kept["x"] = _images(kept["x"], args["x"].value, None if "transform" in added else as_float)
        else:
            defaults = {_RENAMED.get(name, name): code for name, code in _DEFAULTS.items() if name not in args}
            added = {**defaults, **added}
        if values.get("subset") is not None:
            added["split_from"] = '"front"'
        else:
            added.pop("validation_split", None)
        new = [New(name, expression(code) if isinstance(code, str) else code) for name, code in added.items()]
        return layout.call(call, expression(_LOADERS[self.kind]), [*kept.values(), *new]), marks

    def _steps(self, for_validation: bool) -> dict[str, str | list[str]]:
        """Returns the code of what is done to the images, or of the items of a list, by the argument of the loader."""
        recipe = self.recipe
        added: dict[str, str | list[str]] = {}
        finish = [*recipe.finish, *([self.fitted] if self.fitted else [])]
        if recipe.rescale and recipe.rescaling not in finish:
            if self.kind == "flow" or for_validation:
                finish.insert(0, str(recipe.rescaling))
            else:
                added["rescale"] = recipe.rescale
        if self.augment is not None and for_validation:  # a loader for validation leaves `augment` out
            finish = [*([f"*{self.augment}"] if isinstance(self.augment, str) else self.augment), *finish]
        elif self.augment is not None:
            added["augment"] = self.augment
        if finish:
            added["transform"] = finish[0].removeprefix("*") if len(finish) == 1 else finish
        dropped = ("data_format", "dtype") if self.kind == "flow" else ()
        return added | {name: code for name, code in recipe.options.items() if name not in dropped}


def _is_kept(name: str, value: Any) -> bool:
    return name not in _DROPPED and not (name in ("classes", "subset") and value is None)


def _kept(name: str, arg: cst.Arg, value: Any) -> New:
    by_place = arg.keyword is None and name in ("directory", "dataframe", "x", "y")
    value_node = _mode(arg.value, value) if name == "class_mode" else arg.value
    return New(None if by_place else _RENAMED.get(name, name), value_node, arg)


def _mode(node: cst.BaseExpression, value: Any) -> cst.BaseExpression:
    if value is UNKNOWN:
        return expression(f'{{"sparse": "int", "other": "raw"}}.get({code_of(node)}, {code_of(node)})')
    if value not in _MODES:
        return node
    text = code_of(node)
    return expression(text.replace(value, _MODES[value]) if literal(node) == value else f'"{_MODES[value]}"')


def _images(
    new: New, node: cst.BaseExpression, as_float: Callable[[cst.BaseExpression], cst.BaseExpression] | None
) -> New:
    """Returns x: `(images, a, b)` for `(images, [a, b])`; alone as float32, which the legacy made of all images."""
    if not isinstance(node, cst.Tuple | cst.List) or len(node.elements) != 2:
        return new if as_float is None else dataclasses.replace(new, value=as_float(node))
    images, others = (each.value for each in node.elements)
    rest = [each.value for each in others.elements] if isinstance(others, cst.Tuple | cst.List) else [others]
    images = images if as_float is None else as_float(images)
    return dataclasses.replace(new, value=expression(f"({', '.join(map(code_of, [images, *rest]))})"))
