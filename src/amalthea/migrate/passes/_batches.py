"""Batches as Keras 3 takes them: tuples all through, and nothing that is not there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import libcst as cst
import libcst.matchers as m

from amalthea.migrate.passes._calls import code_of
from amalthea.migrate.passes._inits import method
from amalthea.migrate.passes._values import Values, nodes_of

__all__ = ["as_batch", "functions_of_batches", "tuple_of"]


def functions_of_batches(node: cst.ClassDef) -> Iterator[cst.FunctionDef]:
    """Gives the methods of a sequence that return a batch: `__getitem__`, and those whose batch it hands on."""
    names = ["__getitem__"]
    for name in names:
        function = method(node, name)
        if function is not None:
            yield function
            names += [each for each in _handed_on(function) if each not in names]


def as_batch(original: cst.BaseExpression | None, updated: Any, values: Values) -> Any:
    """Returns a batch, of which lists of arrays are tuples and a `None` at the end is left out.

    Args:
        original: The batch as it was, whose names are known.
        updated: The same, as it is now.
        values: What is known.
    """
    if not isinstance(original, cst.Tuple | cst.List) or not 1 < len(original.elements) < 4:
        return updated
    pairs = list(zip(original.elements, updated.elements, strict=True))
    while len(pairs) > 1 and m.matches(pairs[-1][0].value, m.Name("None")):
        pairs.pop()
    elements = [new.with_changes(value=_as_tuple(old.value, new.value, values)) for old, new in pairs]
    if len(elements) == 1:
        alone = elements[0].with_changes(comma=cst.Comma())
        return cst.Tuple([alone], lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    if len(elements) < len(updated.elements):
        elements[-1] = elements[-1].with_changes(comma=updated.elements[-1].comma)
    if all(one.value is other.value for one, other in zip(elements, updated.elements, strict=False)):
        return updated if len(elements) == len(updated.elements) else updated.with_changes(elements=elements)
    return updated.with_changes(elements=elements)


def _as_tuple(original: cst.BaseExpression, updated: Any, values: Values) -> Any:
    if isinstance(original, cst.List) and original.elements:
        alone = len(original.elements) == 1
        return updated.elements[0].value if alone else tuple_of(updated)
    if isinstance(original, cst.ListComp):
        inner = cst.GeneratorExp(updated.elt, updated.for_in, lpar=[], rpar=[])
        return cst.Call(cst.Name("tuple"), [cst.Arg(inner)])
    origins = values.origins_of(original) if isinstance(original, cst.Name) else []
    if origins and all(isinstance(each, cst.List | cst.ListComp) for each in origins):
        return cst.Call(cst.Name("tuple"), [cst.Arg(updated)])
    return updated


def tuple_of(node: cst.List) -> cst.Tuple:
    """Returns a list as a tuple, in the same layout."""
    lpar = cst.LeftParen(whitespace_after=node.lbracket.whitespace_after)
    rpar = cst.RightParen(whitespace_before=node.rbracket.whitespace_before)
    return cst.Tuple(node.elements, lpar=[*node.lpar, lpar], rpar=[rpar, *node.rpar])


def _handed_on(function: cst.FunctionDef) -> Iterator[str]:
    """Gives the methods of which a function returns what they return, at once or by way of names."""
    nodes = list(nodes_of(function))
    made = {
        code_of(_bare(node.targets[0].target)): node.value
        for node in nodes
        if isinstance(node, cst.Assign) and isinstance(node.targets[0].target, cst.Tuple | cst.Name)
    }
    for node in nodes:
        if isinstance(node, cst.Return) and node.value is not None:
            value = made.get(code_of(_bare(node.value)), node.value)
            if m.matches(value, m.Call(func=m.Attribute(value=m.Name("self")))):
                yield cst.ensure_type(cst.ensure_type(value, cst.Call).func, cst.Attribute).attr.value


def _bare(node: Any) -> Any:
    return node.with_changes(lpar=[], rpar=[])
