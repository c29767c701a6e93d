"""The next batch, which iterators of old had, and what is asked of a loader or of a generator instead."""

from __future__ import annotations

import collections
from collections.abc import Iterator
from typing import Any

import libcst as cst
import libcst.matchers as m
from libcst import metadata

from amalthea.migrate.passes._calls import code_of, keyword
from amalthea.migrate.passes._values import Kind, Values
from amalthea.migrate.rewriter import Notes, Rewriter

__all__ = ["NextBatches"]

_METHOD = m.Call(func=m.Attribute(attr=m.Name("next") | m.Name("__next__")), args=[])
_FUNCTION = m.Call(func=m.Name("next"), args=[m.Arg()])
_LOOPS = (cst.For, cst.While, cst.CompFor)


class NextBatches(Rewriter):
    """`batches.next()` and `next(batches)` of what has no next batch any more, and `.next()` of Python 2."""

    METADATA_DEPENDENCIES = (*Rewriter.METADATA_DEPENDENCIES, metadata.ScopeProvider)
    words = ("next(", "next__(")

    def __init__(self, notes: Notes) -> None:
        super().__init__(notes)
        self._loops = 0

    def visit_Module(self, node: cst.Module) -> None:
        """Counts how often each is asked for its next batch."""
        self._values = Values(self, node)
        self._asked = collections.Counter(
            code_of(each) for node in self._values.nodes if (each := _asked_of(node)) is not None
        )

    def on_visit(self, node: cst.CSTNode) -> bool:
        """Begins a node."""
        self._loops += isinstance(node, _LOOPS)
        return super().on_visit(node)

    def on_leave(self, original_node: Any, updated_node: Any) -> Any:
        """Ends a node."""
        self._loops -= isinstance(original_node, _LOOPS)
        return super().on_leave(original_node, updated_node)

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        """Rewrites a call for the next batch."""
        batches, asked = _asked_of(original_node), _asked_of(updated_node)
        if batches is None or asked is None:
            return updated_node
        kind = self._values.kind_of(batches)
        if kind is Kind.GENERATOR and isinstance(updated_node.func, cst.Attribute) and _is_old(updated_node):
            self.changed(original_node, "`next` is a function")
            return cst.Call(cst.Name("next"), [cst.Arg(asked)])
        if kind is not Kind.LOADER and not self._is_given_loaders(batches):
            return updated_node
        text = code_of(batches)
        once = isinstance(batches, cst.Call) and code_of(batches.func).startswith("amalthea.")  # made for this one
        if not once and (self._loops or self._asked[text] > 1 or not self._is_made_here(batches)):
            self.mark(f"`{text}` has no next batch: write `for batch in {text}`, or `{text}[i]` for batch i")
            return updated_node
        self.changed(original_node, "a batch is had by its number")
        return cst.Subscript(asked, [cst.SubscriptElement(cst.Index(cst.Integer("0")))])

    def _is_given_loaders(self, batches: Any) -> bool:
        """Returns whether this is a parameter for which some call in the program gives a loader."""
        params = {id(each) for each in self._values.origins_of(batches) if isinstance(each, cst.Param)}
        functions = [node for node in self._values.nodes if isinstance(node, cst.FunctionDef)] if params else []
        return any(
            self._values.kind_of(given) is Kind.LOADER
            for function in functions
            for place, param in enumerate(function.params.params)
            if id(param) in params
            for given in self._given(function.name.value, param.name.value, place)
        )

    def _given(self, function: str, name: str, place: int) -> Iterator[cst.BaseExpression]:
        """Gives what calls of a function give for a parameter."""
        for node in self._values.nodes:
            if isinstance(node, cst.Call) and code_of(node.func) == function:
                by_place = [arg for arg in node.args[place : place + 1] if arg.keyword is None and not arg.star]
                yield from (arg.value for arg in (keyword(node.args, name), *by_place) if arg is not None)

    def _is_made_here(self, batches: Any) -> bool:
        """Returns whether a loader is made in the function that asks: it is asked as often as it is made."""
        scopes = {
            id(self.get_metadata(metadata.ScopeProvider, node, None))
            for node in (batches, *self._values.origins_of(batches))
        }
        return len(scopes) == 1


def _asked_of(node: cst.CSTNode) -> cst.BaseExpression | None:
    """Returns what a call asks for its next batch, `None` if it does no such thing."""
    if m.matches(node, _METHOD):
        return cst.ensure_type(cst.ensure_type(node, cst.Call).func, cst.Attribute).value
    return cst.ensure_type(node, cst.Call).args[0].value if m.matches(node, _FUNCTION) else None


def _is_old(call: cst.Call) -> bool:
    return cst.ensure_type(call.func, cst.Attribute).attr.value == "next"
