"""What is to be done about each `ImageDataGenerator` of a program, before anything is."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import libcst as cst

from amalthea.migrate.passes._calls import code_of
from amalthea.migrate.passes._layout import list_code
from amalthea.migrate.passes._legacy_calls import bound
from amalthea.migrate.passes.image_generators_arguments import Arguments, arguments_of
from amalthea.migrate.passes.image_generators_fit import Fit, doubt_of_fit
from amalthea.migrate.passes.image_generators_loaders import FLOWS, Flow
from amalthea.migrate.passes.image_generators_program import Program
from amalthea.migrate.passes.image_generators_recipe import SHIFTS, Recipe, recipe_of
from amalthea.migrate.passes.image_generators_uses import Generator, stem_of

__all__ = ["Plan", "Replaced"]

_LEFT = (
    "ImageDataGenerator is left as it is: {}; write amalthea.ImageLoader or amalthea.ArrayLoader, with augment=[...] "
    "of amalthea.transforms"
)
_ZIPPED = (
    "ImageDataGenerator is left as it is: for images and their masks write amalthea.ImageLoader(image_paths, "
    "amalthea.sources.Masks(mask_directory), augment=[...]), which moves both alike"
)


@dataclasses.dataclass(frozen=True)
class Replaced:
    """What takes the place of a statement.

    Attributes:
        code: Its code, or `None` if there is nothing left of it.
        comments: Comments that were in it and have no place in the code.
    """

    code: str | None
    comments: Sequence[str] = ()


class Plan:
    """What is to be done.

    Args:
        program: The program.
        generators: Those that are made in it.

    Attributes:
        flows: What becomes of the calls of `flow*`.
        lines: What becomes of statements.
        marks: Comments for statements.
    """

    def __init__(self, program: Program, generators: Sequence[Generator]) -> None:
        self.flows: dict[cst.CSTNode, Flow] = {}
        self.lines: dict[cst.CSTNode, Replaced] = {}
        self.marks: dict[cst.CSTNode, str] = {}
        self._program = program
        found = [(each, arguments_of(each.call, program)) for each in generators]
        planned = [(generator, arguments, self._recipe(generator, arguments)) for generator, arguments in found]
        zipped = [self._leave_zipped(generator) for generator in generators]
        sure = [each for each in planned if each[0].doubt is None]
        self._names = _names([each.target for each, _, recipe in sure if recipe.augment], program.names)
        for generator, arguments, recipe in sure:
            if arguments is not None:
                self._replace(generator, arguments, recipe)
        self._remove_dicts([name for _, arguments, _ in sure if arguments for name in arguments.dicts])
        for generator, is_zipped in zip(generators, zipped, strict=True):
            if generator.doubt and not is_zipped:
                self._mark(generator.call, _LEFT.format(generator.doubt))

    def _mark(self, node: cst.CSTNode, text: str) -> None:
        self.marks.setdefault(self._program.statement(node), text)

    def _recipe(self, generator: Generator, arguments: Arguments | None) -> Recipe:
        if arguments is None:
            generator.doubt = generator.doubt or "its arguments are not all known here"
            return Recipe()
        recipe = recipe_of(arguments.values, self._program.value_of)
        generator.doubt = generator.doubt or recipe.doubt or self._doubt(generator, arguments, recipe)
        return recipe

    def _doubt(self, generator: Generator, arguments: Arguments, recipe: Recipe) -> str | None:
        """Returns why a generator whose arguments can be turned must be left alone all the same."""
        for flow in generator.flows:
            names = FLOWS[_attribute(flow)]
            args = bound(flow.args, names, {"X": "x"})
            if args is None or names[0] not in args:
                return "the arguments of its flow are not all known here"
            channels = recipe.options.get("data_format", "None").strip("\"'")
            if channels not in ("None", "channels_last") and ({"x", "subset"} & set(args) or recipe.is_finished_late):
                return "its images may have their channels first, and transforms take them last"
            for name, value in arguments.values.items():
                if name not in recipe.augment and not self._program.is_known_at(value, flow):
                    return f"`{code_of(value)}` is not known where the loader is made"
        return doubt_of_fit(generator, recipe, self._program)

    def _leave_zipped(self, generator: Generator) -> bool:
        """Returns whether a generator gives images or masks to `zip`; that is marked there, once for all of them."""
        for flow in generator.flows:
            for use in self._program.followed(flow):
                call = self._program.parent(self._program.parent(use))
                if isinstance(call, cst.Call) and code_of(call.func) == "zip":
                    generator.doubt = generator.doubt or "zip"
                    self._mark(call, _ZIPPED)
                    return True
        return False

    def _replace(self, generator: Generator, arguments: Arguments, recipe: Recipe) -> None:
        augment: str | list[str] | None = list(recipe.augment.values()) or None
        code = None
        if generator.line is not None:
            if augment:
                behind = [_behind(name, arguments.comments) for name in recipe.augment]
                augment, items = self._names[code_of(generator.target)], augment
                code = f"{augment} = {list_code(items, unit=self._program.unit, comments=behind)}"
            self.lines[generator.line] = Replaced(code, arguments.others)
        fit = Fit.of(generator, recipe, augment, self._program)
        for _, line in generator.fits:
            self.lines[line] = Replaced(fit.code)
        for text in [*recipe.marks, *fit.marks]:
            self._mark(generator.call if code else generator.flows[0], text)
        for flow in generator.flows:
            self.flows[flow] = Flow(_attribute(flow), recipe, augment, fit.name)

    def _remove_dicts(self, names: Sequence[cst.Name]) -> None:
        """Takes out the dicts that only `ImageDataGenerator`s which are gone have read."""
        for name in names:
            value = self._program.value_node(name)
            if value is not None and all(any(use is each for each in names) for use in self._program.uses(name)):
                self.lines[self._program.assigned(value)[1]] = Replaced(None)


def _attribute(call: cst.Call) -> str:
    return call.func.attr.value if isinstance(call.func, cst.Attribute) else ""


def _behind(name: str, comments: Mapping[str, str]) -> list[str]:
    """Returns the comment behind the argument that a transform comes from, or the comments behind both of a pair."""
    pair = SHIFTS if name in SHIFTS else (name,)
    return [comments[each] for each in pair if each in comments]


def _names(targets: Sequence[Any], taken: set[str]) -> dict[str, str]:
    """Returns a name for the list of transforms of each generator, by the name of the generator."""
    by_name = {code_of(target): target for target in targets if target is not None}
    names = {}
    for text, target in by_name.items():
        short = len(by_name) == 1 and "augment" not in taken
        owner = f"{code_of(target.value)}." if isinstance(target, cst.Attribute) else ""
        names[text] = owner + ("augment" if short else f"{stem_of(target)}_augment")
    return names
