"""Where an `ImageDataGenerator` goes in a program."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import libcst as cst

from amalthea.migrate.passes.image_generators_loaders import FLOWS
from amalthea.migrate.passes.image_generators_program import Program

__all__ = ["GENERATOR", "Generator", "generators_of", "stem_of"]

GENERATOR = "keras.preprocessing.image.ImageDataGenerator"


@dataclasses.dataclass(eq=False)
class Generator:
    """An `ImageDataGenerator` of a program.

    Attributes:
        call: Where it is made.
        line: The statement that gives it a name, or `None`.
        target: Its name, as `datagen` or `self.datagen`, or `None`.
        flows: The calls of its `flow*`.
        fits: The calls of its `fit`, and their statements.
        doubt: Why it must be left alone, or `None`.
    """

    call: cst.Call
    line: cst.SimpleStatementLine | None = None
    target: Any = None
    flows: list[cst.Call] = dataclasses.field(default_factory=list)
    fits: list[tuple[cst.Call, cst.SimpleStatementLine]] = dataclasses.field(default_factory=list)
    doubt: str | None = None


def generators_of(program: Program) -> list[Generator]:
    """Returns all that are made in a program."""
    return [_generator(program, call) for call in program.calls(GENERATOR)]


def stem_of(target: Any) -> str:
    """Returns what the name of a generator begins with: `"train"` for `self.train_datagen`."""
    name = target.attr.value if isinstance(target, cst.Attribute) else target.value
    return re.sub(r"_?(image|img)?_?(data)?_?gen(erator)?s?$", "", name, flags=re.IGNORECASE) or name


def _generator(program: Program, call: cst.Call) -> Generator:
    generator = Generator(call)
    parent = program.parent(call)
    if isinstance(parent, cst.Attribute):
        generator.doubt = _take(program, generator, call)
        return generator
    generator.target, generator.line = program.assigned(call)
    if generator.target is None:
        generator.doubt = "it is handed on, or not given a name in a line of its own"
        return generator
    generator.doubt = program.doubt(generator.target)
    for use in program.uses(generator.target):
        if program.is_of(use, generator.target):
            generator.doubt = generator.doubt or _take(program, generator, use)
    if not generator.flows:
        generator.doubt = generator.doubt or "no loader is made of it here"
    return generator


def _take(program: Program, generator: Generator, use: cst.CSTNode) -> str | None:
    """Adds a use to a generator, or returns why that cannot be done."""
    attribute = program.parent(use)
    call = program.parent(attribute)
    if not isinstance(attribute, cst.Attribute) or attribute.value is not use:
        return "it is handed on"
    if not isinstance(call, cst.Call) or call.func is not attribute:
        return f"its `{attribute.attr.value}` is asked for"
    if attribute.attr.value in FLOWS:
        generator.flows.append(call)
        return None
    line = program.parent(program.parent(call))
    if attribute.attr.value != "fit" or not isinstance(line, cst.SimpleStatementLine):
        return f"`{attribute.attr.value}` is called"
    generator.fits.append((call, line))
    return None
