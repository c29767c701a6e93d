"""Calls of legacy code: which argument is which, and what is known of it."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

import libcst as cst

from amalthea.migrate.passes._calls import code_of

__all__ = ["UNKNOWN", "bound", "in_parentheses", "literal"]

UNKNOWN = object()  # the value of what is no literal


def in_parentheses(node: cst.BaseExpression) -> str:
    """Returns the text of an expression that an operator, an index or a dot can be put behind."""
    simple = cst.Name | cst.Attribute | cst.Call | cst.Subscript | cst.Integer | cst.Float
    text = code_of(node)
    return text if node.lpar or isinstance(node, simple) else f"({text})"


def literal(node: cst.BaseExpression) -> Any:
    """Returns the value of a literal, or `UNKNOWN`."""
    try:
        return ast.literal_eval(code_of(node).strip())
    except (ValueError, SyntaxError, TypeError):
        return UNKNOWN


def bound(
    args: Sequence[cst.Arg], names: Sequence[str], older: Mapping[str, str] | None = None
) -> dict[str, cst.Arg] | None:
    """Returns the arguments of a call by their names; `None` if it has `*` or `**`, or arguments that are unknown.

    Args:
        args: The arguments.
        names: The names in their order.
        older: Older names, and what they are called now.
    """
    found: dict[str, cst.Arg] = {}
    for place, arg in enumerate(args):
        if arg.keyword is None:
            name = names[place] if place < len(names) else ""
        else:
            name = (older or {}).get(arg.keyword.value, arg.keyword.value)
        if arg.star or name not in names or name in found:
            return None
        found[name] = arg
    return found
