"""Classes derived from Keras' `Sequence`: what `PyDataset` needs of them, and what was never right."""

from __future__ import annotations

from typing import Any

import libcst as cst
import libcst.matchers as m
from libcst import metadata

from amalthea.migrate.passes._batches import as_batch, functions_of_batches
from amalthea.migrate.passes._calls import dotted, with_added
from amalthea.migrate.passes._inits import Init, begun, called_first, calls_above, init_of, method, with_options
from amalthea.migrate.passes._random import global_draws
from amalthea.migrate.passes._values import Values, nodes_of
from amalthea.migrate.rewriter import Notes, Rewriter

__all__ = ["Sequences"]

_FLOATS = ("numpy.ceil", "numpy.floor", "numpy.round", "numpy.rint", "numpy.trunc")


class Sequences(Rewriter):
    """Classes derived from `Sequence` or `PyDataset`, or from a class of the same program that is."""

    METADATA_DEPENDENCIES = (*Rewriter.METADATA_DEPENDENCIES, metadata.ScopeProvider)
    words = ("Sequence", "PyDataset")

    def __init__(self, notes: Notes) -> None:
        super().__init__(notes)
        self._inits: dict[int, Init] = {}  # by the id of the function
        self._all_inits: set[int] = set()  # of all classes that are sequences
        self._calls: dict[int, Init] = {}  # by the id of the call of `__init__` above
        self._to_look_at: dict[int, str] = {}  # marks, by the id of the statement
        self._returns: set[int] = set()  # `return`s of batches
        self._lengths: set[int] = set()  # `return`s of `__len__`
        self._own_count: set[int] = set()  # `self.num_batches` of classes that set it

    def visit_Module(self, node: cst.Module) -> None:
        """Looks at all classes, before any is changed."""
        self._values = Values(self, node)
        for each in self._values.sequences.values():
            self._look_at(each)

    def on_visit(self, node: cst.CSTNode) -> bool:
        """Begins a node."""
        result = super().on_visit(node)
        if id(node) in self._to_look_at:
            self.mark(self._to_look_at[id(node)])
        return result

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> cst.FunctionDef:
        """Gives an `__init__` its first line, and its `**kwargs`."""
        init = self._inits.get(id(original_node), Init(None, False, False))
        if init.adds:
            updated_node = updated_node.with_changes(params=with_options(updated_node.params))
        if id(original_node) in self._all_inits:
            updated_node = updated_node.with_changes(body=called_first(updated_node.body))
        if init.first is not None:
            self.changed(original_node, f"`{init.first}` comes first")
            updated_node = updated_node.with_changes(body=begun(updated_node.body, init.first))
        return updated_node

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        """Gives `**kwargs` to a call of the `__init__` above."""
        if id(original_node) not in self._calls:
            return updated_node
        self.changed(original_node, "`__init__` gives `**kwargs` on")
        options = cst.Arg(cst.Name("kwargs"), star="**")
        return updated_node.with_changes(args=with_added(updated_node.args, [options]))

    def leave_Return(self, original_node: cst.Return, updated_node: cst.Return) -> cst.Return:
        """Makes a batch of tuples, and an integer of a length."""
        value = updated_node.value
        if id(original_node) in self._returns:
            value = as_batch(original_node.value, value, self._values)
        if id(original_node) in self._lengths and self._is_float(original_node.value):
            assert value is not None
            value = cst.Call(cst.Name("int"), [cst.Arg(value)])
        if value is updated_node.value:
            return updated_node
        self.changed(original_node, "`__len__` returns an integer" if id(original_node) in self._lengths else _BATCHES)
        return updated_node.with_changes(value=value)

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.Attribute:
        """Renames what a class calls as `PyDataset` calls a property."""
        if id(original_node) not in self._own_count:
            return updated_node
        self.changed(original_node, "`num_batches` is a property of `PyDataset`: `_num_batches`")
        return updated_node.with_changes(attr=cst.Name("_num_batches"))

    def _look_at(self, node: cst.ClassDef) -> None:
        base = self._base_of(node)
        init, function = init_of(node, self._values.sequences, base), method(node, "__init__")
        self._all_inits.add(id(function))
        if function is not None and (init.adds or init.first):
            self._inits[id(function)] = init
            if init.first is None:
                self._calls |= {id(call): init for call in calls_above(node, {*self._values.sequences, base})}
        self._to_look_at |= global_draws(self, node)
        for each in functions_of_batches(node):
            self._returns |= {id(part) for part in nodes_of(each) if isinstance(part, cst.Return)}
        length = method(node, "__len__")
        if length is not None:
            self._lengths |= {id(part) for part in nodes_of(length) if isinstance(part, cst.Return)}
        self._own_count |= _counts(node)
        count = method(node, "num_batches")
        if count is not None and not count.decorators:
            self._to_look_at[id(count)] = _COUNT

    def _base_of(self, node: cst.ClassDef) -> str:
        """Returns the code for Keras' class, as this class or those above it call it."""
        names = [dotted(base.value) for base in node.bases]
        own = [dotted(base.value) for base in node.bases if self.name_of(base.value) is not None]
        above = [self._values.sequences[name] for name in names if name in self._values.sequences]
        above = [each for each in above if each is not node]
        return own[0] if own else self._base_of(above[0]) if above else names[0]

    def _is_float(self, node: Any) -> bool:
        if isinstance(node, cst.BinaryOperation):
            return isinstance(node.operator, cst.Divide)
        return isinstance(node, cst.Call) and bool(self.paths_of(node.func).intersection(_FLOATS))


_BATCHES = "a batch is of tuples"
_COUNT = "`num_batches` is a property of `PyDataset`: write `@property` above, or another name"


def _counts(node: cst.ClassDef) -> set[int]:
    """Returns the places of `self.num_batches` in a class that sets it."""
    pattern = m.Attribute(value=m.Name("self"), attr=m.Name("num_batches"))
    targets = m.Assign(targets=[m.ZeroOrMore(), m.AssignTarget(target=pattern), m.ZeroOrMore()])
    targets_too = m.AnnAssign(target=pattern)
    if not any(m.matches(each, targets | targets_too) for each in nodes_of(node)):
        return set()
    return {id(each) for each in nodes_of(node) if m.matches(each, pattern)}
