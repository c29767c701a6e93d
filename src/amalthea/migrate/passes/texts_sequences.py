"""Texts as ids and ids as texts: one at a time here, where the legacy took lists of them."""

from __future__ import annotations

import re
from typing import Any

import libcst as cst

from amalthea.migrate.passes._calls import code_of
from amalthea.migrate.rewriter import expression

__all__ = ["first_of", "sequences"]


def sequences(call: Any, *, as_lists: bool) -> cst.BaseExpression:
    """Returns the code for `tokenizer.texts_to_sequences(texts)` and the like.

    Args:
        call: The call.
        as_lists: Whether ids become lists, which they were there; `pad_sequences` takes arrays as well.
    """
    receiver, method, given = code_of(call.func.value), call.func.attr.value, call.args[0].value
    verb, name = ("encode", "text") if method.startswith("texts") else ("decode", "ids")
    if re.search(rf"\b{name}\b", receiver):
        name = f"one_{name}"
    end = ".tolist()" if verb == "encode" and as_lists else ""
    if method.endswith("_generator"):
        return expression(f"({receiver}.{verb}({name}){end} for {name} in {code_of(given)})")
    only = _only(given)
    if only is not None:
        return expression(f"[{receiver}.{verb}({code_of(only)}){end}]")
    return expression(f"[{receiver}.{verb}({name}){end} for {name} in {code_of(given)}]")


def first_of(subscript: cst.Subscript) -> cst.BaseExpression:
    """Returns the code for `[...][0]` of one element: that element; all else as it is."""
    only = _only(subscript.value)
    return (
        only
        if only is not None and re.fullmatch(r"\[\s*0\s*\]", code_of(subscript)[len(code_of(subscript.value)) :])
        else subscript
    )


def _only(node: cst.BaseExpression) -> cst.BaseExpression | None:
    """Returns the element of a list of one, or `None`."""
    if isinstance(node, cst.List) and len(node.elements) == 1 and isinstance(node.elements[0], cst.Element):
        return node.elements[0].value
    return None
