"""Lengths of epochs, which were arguments of `fit` and are the loader's own now: its data have an end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import libcst as cst
import libcst.matchers as m
from libcst import metadata

from amalthea.migrate.passes._calls import argument, dotted, keyword
from amalthea.migrate.passes._fit_names import data_of
from amalthea.migrate.passes._legacy_calls import literal
from amalthea.migrate.passes._steps import batches_of_samples, is_whole_pass, whole_number
from amalthea.migrate.passes._values import Kind, Values
from amalthea.migrate.rewriter import Rewriter, expression

__all__ = ["Epochs"]

_LOADERS = (
    "amalthea.ArrayLoader",
    "amalthea.ImageLoader.from_dataframe",
    "amalthea.ImageLoader.from_directory",
    "amalthea.TimeSeriesLoader",
)
# Functions whose result is the same wherever they are called.
_PURE = ("int", "len", "max", "min", "round", "math.ceil", "math.floor", "np.ceil", "np.floor", "ceil")
_IN_STEPS = cst.Name | cst.Integer | cst.Float | cst.BinaryOperation | cst.UnaryOperation | cst.Attribute | cst.Call


class Epochs:
    """Which calls of `fit` leave the length of an epoch to their loader, which is then made with it.

    That is sure where the loader has no other use, and the number is known where the loader is made.

    Args:
        rewriter: The pass that asks.
        fits: The calls of `fit`, and their arguments by their names in Keras 3.
        values: What is known.

    Attributes:
        options: By the id of the call that makes a loader, the option it is given.
        moved: The ids of the calls whose number of steps goes.
    """

    def __init__(self, rewriter: Rewriter, fits: Mapping[cst.Call, Sequence[cst.Arg]], values: Values) -> None:
        self.options: dict[int, cst.Arg] = {}
        self.moved: set[int] = set()
        self._rewriter, self._values = rewriter, values
        by_loader: dict[int, list[tuple[cst.Call, Any, Any]]] = {}
        for call, args in fits.items():
            data = data_of(args)
            if data is not None and values.kind_of(data.value) is Kind.LOADER:
                for origin in values.origins_of(data.value):
                    by_loader.setdefault(id(origin), []).append((call, data.value, self._steps(args, data.value)))
        for each in by_loader.values():
            self._look_at(each)

    def _steps(self, args: Sequence[cst.Arg], data: Any) -> Any:
        """Returns the number of batches as it was given, and the code for it; `None` if there is nothing to move."""
        given = keyword(args, "steps_per_epoch")
        if given is not None and dotted(given.value) != "None" and not is_whole_pass(given.value, data, self._values):
            return given.value, whole_number(given.value, self._values)
        given = keyword(args, "samples_per_epoch")
        code = batches_of_samples(given.value, data, self._values) if given is not None else None
        return None if given is None or code is None else (given.value, code)

    def _look_at(self, fits: Sequence[tuple[cst.Call, Any, Any]]) -> None:
        _, data, steps = fits[0]
        if steps is None or any(each is None or each[1] != steps[1] for *_, each in fits):
            return
        loaders, given = self._values.origins_of(data), [each for *_, (each, _) in fits]
        known = all(self._is_known_at(each, loader, dotted(data)) for each in given for loader in loaders)
        if known and all(map(_takes_steps, loaders)) and self._is_for_these(data, [each for _, each, _ in fits]):
            self.options |= {id(each): argument("steps_per_epoch", expression(steps[1])) for each in loaders}
            self.moved |= {id(call) for call, *_ in fits}

    def _is_known_at(self, node: Any, loader: cst.Call, name: str) -> bool:
        """Returns whether an expression has its value already where the loader is made, which is called `name`."""
        if not isinstance(node, _IN_STEPS) or (name and dotted(node) == name):
            return False
        if isinstance(node, cst.Attribute):
            return dotted(node.value) != "self" and self._is_known_at(node.value, loader, name)
        if isinstance(node, cst.Name):
            return self._is_set_before(node, loader)
        if isinstance(node, cst.Call) and dotted(node.func) not in _PURE:
            return False
        parts = [child for child in node.children if isinstance(child, cst.BaseExpression | cst.Arg)]
        inner = [part.value if isinstance(part, cst.Arg) else part for part in parts]
        return all(self._is_known_at(each, loader, name) for each in inner)

    def _is_set_before(self, name: cst.Name, loader: cst.Call) -> bool:
        here = self._scope(loader)
        scope = self._scope(name)
        found = list(scope[name.value]) if scope is not None else []
        for each in found:
            if isinstance(each, metadata.BuiltinAssignment):
                continue
            if not isinstance(each.scope, metadata.GlobalScope) and each.scope is not here:
                return False
            if each.scope is here and self._place(each.node) > self._place(loader):
                return False
        return bool(found)

    def _is_for_these(self, data: Any, uses: Sequence[Any]) -> bool:
        """Returns whether nothing else goes through what some calls are given, or asks for its length."""
        name = dotted(data)
        if not name:
            return True
        fine = {id(each) for each in uses}
        for node in self._values.nodes:
            if isinstance(node, cst.Attribute):
                fine |= {id(node.attr), id(node.value)}
            elif isinstance(node, cst.Subscript):
                fine.add(id(node.value))
            elif m.matches(node, m.Call(func=m.Name("next"), args=[m.Arg()])):
                fine.add(id(cst.ensure_type(node, cst.Call).args[0].value))
            elif isinstance(node, cst.Arg):
                fine.add(id(node.keyword))
            elif isinstance(node, cst.AssignTarget | cst.AnnAssign):
                fine.add(id(node.target))
        named = [node for node in self._values.nodes if dotted(node) == name]
        return all(id(node) in fine or not self._is_same(node, data) for node in named)

    def _is_same(self, node: Any, data: Any) -> bool:
        """Returns whether a name may stand for the same thing as one of its kind does in another place."""
        if not isinstance(node, cst.Name) or self._scope(node) is None:
            return True
        return bool(set(self._scope(node)[node.value]) & set(self._scope(data)[node.value]))

    def _scope(self, node: cst.CSTNode) -> Any:
        return self._rewriter.get_metadata(metadata.ScopeProvider, node, None)

    def _place(self, node: cst.CSTNode) -> tuple[int, int]:
        start = self._rewriter.get_metadata(metadata.PositionProvider, node).start
        return start.line, start.column


def _takes_steps(loader: Any) -> bool:
    """Returns whether a call makes a loader for training that has no length of its own yet."""
    if not isinstance(loader, cst.Call) or dotted(loader.func) not in _LOADERS:
        return False
    subset = keyword(loader.args, "subset")
    whole = subset is None or literal(subset.value) in ("training", None)
    return whole and keyword(loader.args, "steps_per_epoch") is None and not any(arg.star for arg in loader.args)
