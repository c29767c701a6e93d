"""`fit` of an `ImageDataGenerator`: a transform that is fitted, or nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import libcst as cst

from amalthea.migrate.passes._calls import code_of
from amalthea.migrate.passes._legacy_calls import UNKNOWN, bound
from amalthea.migrate.passes.image_generators_program import Program
from amalthea.migrate.passes.image_generators_recipe import HOME, Recipe
from amalthea.migrate.passes.image_generators_uses import Generator, stem_of

__all__ = ["Fit", "doubt_of_fit"]

_ARGUMENTS = ("x", "augment", "rounds", "seed")
_NAMES = {"Normalization": "normalization", "ZCAWhitening": "whitening"}


@dataclasses.dataclass(frozen=True)
class Fit:
    """What becomes of `fit`.

    Attributes:
        name: Name of the fitted transform, or `None` if there is none.
        code: The statement that fits it, or `None`.
        marks: What to look at.
    """

    name: str | None = None
    code: str | None = None
    marks: Sequence[str] = ()

    @classmethod
    def of(cls, generator: Generator, recipe: Recipe, augment: str | list[str] | None, program: Program) -> Fit:
        """Returns what becomes of the `fit` of a generator.

        Args:
            generator: The generator.
            recipe: Its recipe.
            augment: The name of its list of transforms for training, or `None`.
            program: The program.
        """
        if recipe.fitted is None:
            return cls()  # it computed nothing
        path = f"{HOME}.{recipe.fitted}"
        if not generator.fits:
            mark = f"nothing was fitted, so the legacy normalized nothing; add {path}.fit(images) to `transform`"
            return cls(marks=[mark])
        name = _NAMES[recipe.fitted]
        if name in program.names:
            name = f"{stem_of(generator.target)}_{name}"
        if isinstance(generator.target, cst.Attribute):
            name = f"{code_of(generator.target.value)}.{name}"
        args = bound(generator.fits[0][0].args, _ARGUMENTS, {"X": "x"}) or {}
        options = [code_of(args["x"].value), *recipe.fit_options, *_options(args, recipe, augment, program)]
        return cls(name, f"{name} = {path}.fit({', '.join(options)})")


def doubt_of_fit(generator: Generator, recipe: Recipe, program: Program) -> str | None:
    """Returns why it is not sure what a generator was fitted to when it is used, or `None`."""
    if recipe.fitted is None or not generator.fits:
        return None
    call = generator.fits[0][0]
    args = bound(call.args, _ARGUMENTS, {"X": "x"})
    if len(generator.fits) > 1 or args is None or "x" not in args:
        return "how it is fitted is not understood"
    if "augment" in args and program.value_of(args["augment"].value) is UNKNOWN:
        return "whether it is fitted to augmented images is not known here"
    for flow in [] if isinstance(generator.target, cst.Attribute) else generator.flows:
        if program.scope(flow) is not program.scope(call):
            return "it is fitted in another function than its loader is made in"
        if program.place(flow) < program.place(call):
            return "it is fitted after its loader is made"
    return None


def _options(args: dict[str, cst.Arg], recipe: Recipe, augment: Any, program: Program) -> list[str]:
    """Returns the code of what is done to the images before they are counted."""
    if augment is None or "augment" not in args or not program.value_of(args["augment"].value):
        return [f"transform={recipe.rescaling}"] if recipe.rescaling else []
    steps = augment if recipe.rescaling is None else f"[*{augment}, {recipe.rescaling}]"
    rest = [f"{name}={code_of(args[name].value)}" for name in ("rounds", "seed") if name in args]
    return [f"transform={HOME}.Compose({steps})", *rest]
