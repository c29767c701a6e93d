"""`fit`, `evaluate` and `predict`, and the `..._generator`s that they were."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import libcst as cst
from libcst import metadata

from amalthea.migrate.names import canonical
from amalthea.migrate.passes._batches import as_batch, tuple_of
from amalthea.migrate.passes._calls import (
    argument,
    dotted,
    keyword,
    moved_to_the_left,
    named,
    plain,
    with_added,
    without,
)
from amalthea.migrate.passes._epochs import Epochs
from amalthea.migrate.passes._fit_names import METHODS, spelled_anew
from amalthea.migrate.passes._fit_plan import Plan, data_in, loader_of, planned
from amalthea.migrate.passes._values import Kind, Values, nodes_of
from amalthea.migrate.passes._workers import asked_for, in_words
from amalthea.migrate.rewriter import Notes, Rewriter, expression

__all__ = ["Fitting"]

# Libraries that have a `fit_generator` of their own.
_OTHERS = {"poutyne", "pytoune", "torch"}


class Fitting(Rewriter):
    """Calls that give a model its batches, what was said of workers there, and functions that make the batches."""

    METADATA_DEPENDENCIES = (*Rewriter.METADATA_DEPENDENCIES, metadata.ScopeProvider)
    words = (".fit", ".evaluate", ".predict")

    def __init__(self, notes: Notes) -> None:
        super().__init__(notes)
        self._calls: set[int] = set()  # of a model, by their id
        self._loaders: dict[int, list[cst.Arg]] = {}  # by the id of the call that makes a loader, its options
        self._yields: set[int] = set()  # of batches, by their id

    def visit_Module(self, node: cst.Module) -> None:
        """Looks at all calls, before any is changed."""
        self._values = Values(self, node)
        fits: dict[cst.Call, list[cst.Arg]] = {}
        for call in _fits(self._values.nodes) if _is_of_keras(self._values.nodes) else ():
            if self._values.has_method(cst.ensure_type(call.func, cst.Attribute).value, _method(call)):
                continue
            self._calls.add(id(call))
            args = spelled_anew(_method(call), call.args) or []
            for value in data_in(args).values():
                self._look_at(value, asked_for(args))
            if METHODS[_method(call)][0] == "fit":
                fits[call] = args
        self._epochs = Epochs(self, fits, self._values)
        for loader, option in self._epochs.options.items():
            self._loaders[loader] = [option, *self._loaders.get(loader, ())]

    def leave_Yield(self, original_node: cst.Yield, updated_node: cst.Yield) -> cst.Yield:
        """Makes tuples of what a generator gives to a model."""
        if id(original_node) not in self._yields or not isinstance(original_node.value, cst.BaseExpression):
            return updated_node
        value = as_batch(original_node.value, updated_node.value, self._values)
        if isinstance(value, cst.List) and 1 < len(value.elements) < 4:
            value = tuple_of(value)
        if value is updated_node.value:
            return updated_node
        self.changed(original_node, "a batch is of tuples")
        return updated_node.with_changes(value=value)

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        """Rewrites a call of a model, or one that makes a loader."""
        if id(original_node) in self._calls:
            return self._fit(original_node, updated_node)
        given = [each.keyword.value for each in updated_node.args if each.keyword]
        options = [each for each in self._loaders.get(id(original_node), ()) if _name(each) not in given]
        if not options:
            return updated_node
        self.changed(original_node, f"`{in_words(options)}` is the loader's")
        for option in options:
            self._import_math(plain(option.value))
        added = [argument(_name(option), option.value.deep_clone()) for option in options]
        return updated_node.with_changes(args=with_added(updated_node.args, added))

    def _look_at(self, value: Any, options: list[cst.Arg]) -> None:
        self._yields |= {
            id(node)
            for function in self._values.generators(value)
            for node in nodes_of(function)
            if isinstance(node, cst.Yield)
        }
        if self._values.kind_of(value) is Kind.LOADER and options:
            for origin in self._values.origins_of(value):
                self._loaders.setdefault(id(origin), options)

    def _fit(self, original: cst.Call, updated: cst.Call) -> cst.Call:
        method = _method(original)
        name, before, args = METHODS[method][0], spelled_anew(method, original.args), spelled_anew(method, updated.args)
        if before is None or args is None:
            self.mark(f"`{method}` is `{name}` now: give all but the first of its arguments by their names")
            return updated
        plan = planned(name, before, self._values, is_moved=id(original) in self._epochs.moved)
        for text in plan.marks:
            self.mark(text)
        args = without([self._argument(place, arg, plan) for place, arg in enumerate(args)], plan.gone)
        if method.endswith("_generator") and name != "fit" and keyword(args, "verbose") is None:
            args = with_added(args, [argument("verbose", cst.Integer("0"))])  # as it was by default
        result = updated.with_changes(args=args)
        if method != name:
            func = cst.ensure_type(updated.func, cst.Attribute)
            args = self._moved(original, args, len(method) - len(name))
            result = result.with_changes(args=args, func=func.with_changes(attr=cst.Name(name)))
        if result.deep_equals(updated):
            return updated
        self.changed(original, f"`{method}`" + (f" is `{name}`" if method != name else ", and its arguments"))
        return result

    def _moved(self, original: cst.Call, args: list[cst.Arg], by: int) -> list[cst.Arg]:
        """Returns arguments that are still below the first one, which has moved to the left."""
        starts = [self.get_metadata(metadata.PositionProvider, arg).start for arg in original.args]
        columns = {start.line: start.column for start in reversed(starts)}  # of the first in each line
        if not starts or starts[0].line > self.line_of(original.func) or len(set(columns.values())) > 1:
            return args
        return [moved_to_the_left(arg, by) for arg in args]

    def _import_math(self, code: str) -> None:
        if code.startswith("math.ceil("):
            self.notes.imports.add("math")

    def _argument(self, place: int, arg: cst.Arg, plan: Plan) -> cst.Arg:
        """Returns what becomes of an argument that stays."""
        name = _name(arg) if arg.keyword is not None else "x" if place == 0 else ""
        if name in plan.counts:
            new, code = plan.counts[name]
            self._import_math(code)
            return named(arg, new).with_changes(value=expression(code))
        if name in plan.wrapped:
            self.use("amalthea.SequenceLoader")
            return arg.with_changes(value=loader_of(arg.value, plan.wrapped[name]))
        if name in plan.iterated:
            return arg.with_changes(value=_generator_of(arg.value))
        return arg


def _fits(nodes: Iterable[cst.CSTNode]) -> Iterator[cst.Call]:
    for node in nodes:
        if isinstance(node, cst.Call) and _method(node) in METHODS:
            yield node


def _method(call: cst.Call) -> str:
    return call.func.attr.value if isinstance(call.func, cst.Attribute) else ""


def _name(arg: cst.Arg) -> str:
    return arg.keyword.value if arg.keyword is not None else ""


def _generator_of(value: cst.BaseExpression) -> cst.GeneratorExp:
    """Returns an iterator as a generator, which is all that Keras 3 takes."""
    batch = cst.Name("batch")
    return cst.GeneratorExp(batch, cst.CompFor(batch.deep_clone(), value))


def _is_of_keras(nodes: Iterable[cst.CSTNode]) -> bool:
    """Returns whether the models of a program may be those of Keras; it need not import it for that."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, cst.Import):
            found |= {alias.evaluated_name for alias in node.names}
        elif isinstance(node, cst.ImportFrom) and node.module is not None and not node.relative:
            found.add(dotted(node.module))
    tops = {name.partition(".")[0] for name in found}
    return "tensorflow" in tops or any(map(canonical, found)) or not tops & _OTHERS
