"""What an expression of a program is: a sequence, a loader, a generator; found by how it was made."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from typing import Any

import libcst as cst
from libcst import metadata
from libcst.metadata.scope_provider import Assignment

from amalthea.migrate.passes._calls import dotted
from amalthea.migrate.rewriter import Rewriter

__all__ = ["Kind", "Values", "nodes_of"]

_SEQUENCES = ("keras.utils.Sequence", "keras.utils.PyDataset")
_DEPTH = 4


class Kind(enum.Enum):
    """What gives batches.

    `SEQUENCE` is a `Sequence` or `PyDataset`, `LOADER` one of Amalthea's, `GENERATOR` what a function with `yield` or a
    generator expression makes, `ITERATOR` all else that has a next batch: Keras 3 takes generators, and no such thing.
    """

    SEQUENCE = enum.auto()
    LOADER = enum.auto()
    GENERATOR = enum.auto()
    ITERATOR = enum.auto()


class Values:
    """What names stand for in a program.

    Args:
        rewriter: The pass that asks; its metadata are used.
        module: The program.

    Attributes:
        nodes: All nodes of the program, as they stand in it.
        sequences: The classes that are derived from Keras' `Sequence`, at first hand or not, by name.
    """

    def __init__(self, rewriter: Rewriter, module: cst.Module) -> None:
        self._rewriter = rewriter
        self._classes: dict[str, cst.ClassDef] = {}
        self._functions: dict[str, cst.FunctionDef] = {}
        self._given: dict[int, cst.BaseExpression] = {}  # by the node of a name, what it is set to
        self._attributes: dict[str, list[cst.BaseExpression]] = {}
        self.nodes = list(nodes_of(module))
        for node in self.nodes:
            self._note(node)
        self.sequences = self._sequences()

    def kind_of(self, node: Any, depth: int = 0) -> Kind | None:
        """Returns what an expression is; `None` if that is not known, or not always the same."""
        kinds = {self._kind_of_made(each, depth) for each in self.origins_of(node)}
        return kinds.pop() if len(kinds) == 1 else None

    def origins_of(self, node: Any) -> list[Any]:
        """Returns the expressions that a name is set to anywhere, or parameters; what is no name is itself.

        `None` stands for each that is not understood.
        """
        found: list[Any] = []
        waiting, seen = [node], set()
        while waiting:
            each = waiting.pop(0)
            if each is None or id(each) not in seen:
                seen.add(id(each))
                values = self._values_of(each)
                found += [each] if values is None else []
                waiting += values or []
        return found

    def generators(self, node: Any, depth: int = 0) -> Iterator[cst.FunctionDef]:
        """Gives the functions with `yield` that make what an expression is."""
        for origin in self.origins_of(node):
            function = self._function(origin)
            if function is not None and any(_yields(function)):
                yield function
            elif isinstance(origin, cst.Call) and depth < _DEPTH:
                returned = _returned(function) if function is not None else []
                for value in (*returned, *(arg.value for arg in origin.args)):
                    yield from self.generators(value, depth + 1)

    def has_method(self, node: Any, name: str) -> bool:
        """Returns whether an expression is an object of a class of this program that has such a method itself."""
        if dotted(node) in ("self", "cls"):
            return name in self._functions
        made = [dotted(each.func) for each in self.origins_of(node) if isinstance(each, cst.Call)]
        classes = [self._classes[each] for each in made if each in self._classes]
        return any(
            name == each.name.value
            for found in classes
            for each in found.body.body
            if isinstance(each, cst.FunctionDef)
        )

    def _note(self, node: cst.CSTNode) -> None:
        if isinstance(node, cst.ClassDef):
            self._classes[node.name.value] = node
        elif isinstance(node, cst.FunctionDef):
            self._functions[node.name.value] = node
        elif isinstance(node, cst.Assign):
            for target in node.targets:
                self._note_target(target.target, node.value)
        elif isinstance(node, cst.AnnAssign) and node.value is not None:
            self._note_target(node.target, node.value)
        elif isinstance(node, cst.WithItem) and node.asname is not None:
            self._note_target(node.asname.name, node.item)

    def _note_target(self, target: cst.BaseExpression, value: cst.BaseExpression) -> None:
        if isinstance(target, cst.Name):
            self._given[id(target)] = value
        elif isinstance(target, cst.Attribute):
            self._attributes.setdefault(dotted(target), []).append(value)
        elif isinstance(target, cst.Tuple) and isinstance(value, cst.Tuple):
            for each, part in zip(target.elements, value.elements, strict=False):
                self._note_target(each.value, part.value)

    def _sequences(self) -> dict[str, cst.ClassDef]:
        found: dict[str, cst.ClassDef] = {}
        while more := {
            name: node
            for name, node in self._classes.items()
            if name not in found and any(self._is_sequence(base.value, found) for base in node.bases)
        }:
            found |= more
        return found

    def _is_sequence(self, node: cst.BaseExpression, found: Iterable[str]) -> bool:
        return self._rewriter.name_of(node) in _SEQUENCES or dotted(node) in found

    def _values_of(self, node: Any) -> list[Any] | None:
        """Returns what a name may stand for; `None` for what stands for itself."""
        if isinstance(node, cst.Attribute) and dotted(node) in self._attributes:
            return self._attributes[dotted(node)]
        if isinstance(node, cst.IfExp):
            return [node.body, node.orelse]
        if not isinstance(node, cst.Name):
            return None
        scope = self._rewriter.get_metadata(metadata.ScopeProvider, node, None)
        assignments = scope[node.value] if scope is not None else ()
        places = [each.node for each in assignments if isinstance(each, Assignment)]
        # A name that is no target of `=` is one of `for`, of `del` and the like.
        return [self._given.get(id(place), None if isinstance(place, cst.Name) else place) for place in places] or [
            None
        ]

    def _kind_of_made(self, made: Any, depth: int) -> Kind | None:
        if isinstance(made, cst.GeneratorExp):
            return Kind.GENERATOR
        if isinstance(made, cst.Param):
            annotation = made.annotation.annotation if made.annotation is not None else None
            return Kind.SEQUENCE if annotation is not None and self._is_sequence(annotation, self.sequences) else None
        if not isinstance(made, cst.Call) or depth > _DEPTH:
            return None
        name = dotted(made.func)
        if name.startswith("amalthea."):
            return Kind.LOADER
        if name in self._classes:
            return self._kind_of_class(name)
        if name in ("iter", "zip", "map", "itertools.cycle", "itertools.chain"):
            return Kind.ITERATOR
        function = self._function(made)
        return self._kind_of_function(function, depth + 1) if function is not None else None

    def _kind_of_class(self, name: str) -> Kind | None:
        if name in self.sequences:
            return Kind.SEQUENCE
        methods = {each.name.value for each in self._classes[name].body.body if isinstance(each, cst.FunctionDef)}
        return Kind.ITERATOR if methods & {"__next__", "next"} else None

    def _function(self, made: Any) -> cst.FunctionDef | None:
        """Returns the function of this program that is called."""
        if not isinstance(made, cst.Call):
            return None
        owner, _, name = dotted(made.func).rpartition(".")
        return self._functions.get(name) if owner in ("", "self", "cls", *self._classes) else None

    def _kind_of_function(self, function: cst.FunctionDef, depth: int) -> Kind | None:
        if any(_yields(function)):
            return Kind.ITERATOR if function.decorators else Kind.GENERATOR
        kinds = {self.kind_of(value, depth) for value in _returned(function)}
        return kinds.pop() if len(kinds) == 1 and depth <= _DEPTH else None


def nodes_of(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Gives a node and all that are in it, as they stand in the program."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(node.children))


def _returned(function: cst.FunctionDef) -> list[cst.BaseExpression]:
    """Returns what a function returns besides `None`."""
    values = [node.value for node in nodes_of(function.body) if isinstance(node, cst.Return)]
    return [each for each in values if each is not None and dotted(each) != "None"]


def _yields(function: cst.FunctionDef) -> Iterator[cst.Yield]:
    """Gives the `yield`s of a function itself, not of those defined in it."""
    waiting = list(function.body.children)
    while waiting:
        node = waiting.pop()
        if isinstance(node, cst.Yield):
            yield node
        if not isinstance(node, cst.FunctionDef | cst.Lambda | cst.ClassDef):
            waiting.extend(node.children)
