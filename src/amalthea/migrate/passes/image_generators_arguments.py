"""The arguments of an `ImageDataGenerator`, with their comments, wherever they are written."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import Any

import libcst as cst

from amalthea.migrate.passes._calls import code_of
from amalthea.migrate.passes._legacy_calls import bound
from amalthea.migrate.passes.image_generators_program import Program
from amalthea.migrate.passes.image_generators_recipe import ARGUMENTS

__all__ = ["Arguments", "arguments_of"]


@dataclasses.dataclass(frozen=True)
class Arguments:
    """The arguments of a call.

    Attributes:
        values: Them, by name.
        comments: The comment behind each that has one.
        others: The other comments in the call.
        dicts: Names of the dicts that some of them are in.
    """

    values: dict[str, cst.BaseExpression]
    comments: dict[str, str]
    others: Sequence[str]
    dicts: Sequence[cst.Name]


def arguments_of(call: cst.Call, program: Program) -> Arguments | None:
    """Returns the arguments, those in a dict that is written out and unpacked too; `None` if not all are known."""
    parts: list[cst.Arg] = []
    dicts = []
    for arg in call.args:
        if arg.star != "**":
            parts.append(arg)
        elif isinstance(arg.value, cst.Name) and _is_only_unpacked(arg.value, program):
            parts += _in_dict(program.value_node(arg.value))
            dicts.append(arg.value)
        else:
            return None
    args = bound(parts, ARGUMENTS)
    if args is None:
        return None
    behind = {name: text for name, arg in args.items() if (text := _comment_behind(arg))}
    lines = re.findall(r"^\s*(#.*)$", code_of(call), re.MULTILINE)
    return Arguments({name: arg.value for name, arg in args.items()}, behind, lines, dicts)


def _is_only_unpacked(name: cst.Name, program: Program) -> bool:
    parents = [program.parent(use) for use in program.uses(name)]
    return bool(parents) and all(isinstance(arg, cst.Arg) and arg.star == "**" for arg in parents)


def _in_dict(node: cst.BaseExpression | None) -> list[cst.Arg]:
    """Returns the arguments that a dict stands for, and `**unknown` for what is not one that can be read."""
    if isinstance(node, cst.Call) and code_of(node.func) == "dict":
        return list(node.args)
    if isinstance(node, cst.Dict):
        return [_in_element(element) for element in node.elements]
    return [_unknown()]


def _in_element(element: Any) -> cst.Arg:
    if not isinstance(element, cst.DictElement) or not isinstance(element.key, cst.SimpleString):
        return _unknown()
    name = str(element.key.evaluated_value)
    return cst.Arg(element.value, keyword=cst.Name(name), comma=element.comma) if name in ARGUMENTS else _unknown()


def _unknown() -> cst.Arg:
    return cst.Arg(cst.Name("unknown"), star="**")


def _comment_behind(arg: cst.Arg) -> str | None:
    space = arg.comma.whitespace_after if isinstance(arg.comma, cst.Comma) else arg.whitespace_after_arg
    comment = space.first_line.comment if isinstance(space, cst.ParenthesizedWhitespace) else None
    return comment.value if comment else None
