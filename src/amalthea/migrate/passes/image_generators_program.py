"""What names stand for in a program, where they are used, and what is known of expressions."""

from __future__ import annotations

import re
from typing import Any

import libcst as cst
from libcst import metadata

from amalthea.migrate.passes._calls import code_of
from amalthea.migrate.passes._legacy_calls import UNKNOWN, literal
from amalthea.migrate.passes._values import nodes_of
from amalthea.migrate.rewriter import Rewriter

__all__ = ["Program"]


class Program:
    """What is asked of a program before any of it is changed.

    Args:
        rewriter: Has the metadata of the program.
        module: The program.

    Attributes:
        names: All names in it but those of arguments.
        unit: One step of indentation.
    """

    def __init__(self, rewriter: Rewriter, module: cst.Module) -> None:
        self._rewriter = rewriter
        self.unit = module.default_indent
        self._nodes = list(nodes_of(module))
        keywords = {id(node.keyword) for node in self._nodes if isinstance(node, cst.Arg)}
        self.names = {node.value for node in self._nodes if isinstance(node, cst.Name) and id(node) not in keywords}

    def calls(self, path: str) -> list[cst.Call]:
        """Returns the calls of a thing of Keras."""
        calls = [node for node in self._nodes if isinstance(node, cst.Call)]
        return [call for call in calls if self._rewriter.name_of(call.func) == path]

    def parent(self, node: cst.CSTNode) -> Any:
        """Returns what a node is a part of."""
        return self._rewriter.get_metadata(metadata.ParentNodeProvider, node)

    def scope(self, node: cst.CSTNode) -> Any:
        """Returns the scope that a node is in."""
        return self._rewriter.get_metadata(metadata.ScopeProvider, node, None)

    def place(self, node: cst.CSTNode) -> tuple[int, int]:
        """Returns the line and column where a node begins."""
        start = self._rewriter.get_metadata(metadata.PositionProvider, node).start
        return start.line, start.column

    def around(self, node: cst.CSTNode, *kinds: Any) -> Any:
        """Returns the innermost of some kinds of nodes that a node is in, or `None`."""
        while not isinstance(node, cst.Module):
            node = self.parent(node)
            if isinstance(node, kinds):
                return node
        return None

    def statement(self, node: cst.CSTNode) -> Any:
        """Returns the statement that a node is in: a line, or the `if`, `for` or the like whose head it is in."""
        return self.around(node, cst.SimpleStatementLine, cst.BaseCompoundStatement)

    def assigned(self, node: cst.CSTNode) -> tuple[Any, Any]:
        """Returns the name that a statement gives to the value `node`, and the statement; else `None` twice."""
        parent = self.parent(node)
        line = self.parent(parent)
        if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1:
            if isinstance(parent, cst.Assign) and len(parent.targets) == 1:
                return _named(parent.targets[0].target), line
            if isinstance(parent, cst.AnnAssign):
                return _named(parent.target), line
        return None, None

    def uses(self, target: Any) -> list[Any]:
        """Returns all places where what a name was given may be asked for."""
        if isinstance(target, cst.Attribute):
            return [node for node in self._attributes(target) if not self._is_stored(node)]
        return [_first(access.node) for each in self._assignments(target) for access in each.references]

    def followed(self, flow: cst.CSTNode) -> list[Any]:
        """Returns all places where the iterator that a call gives may be asked for, in functions it is given to too."""
        target, _ = self.assigned(flow)
        uses = [flow] if target is None else self.uses(target)
        return [*uses, *(inner for use in uses for inner in self._uses_in_function(use))]

    def _uses_in_function(self, use: cst.CSTNode) -> list[Any]:
        """Returns the uses of the parameter that something is given as to a function of this program."""
        arg = self.parent(use)
        call = self.parent(arg)
        if not isinstance(arg, cst.Arg) or not isinstance(call, cst.Call) or arg.star:
            return []
        found = [
            node for node in self._nodes if isinstance(node, cst.FunctionDef) and node.name.value == code_of(call.func)
        ]
        params = found[0].params.params if len(found) == 1 else []
        place = [each is arg for each in call.args].index(True)
        if arg.keyword is not None:
            params = [each for each in params if each.name.value == arg.keyword.value]
            place = 0
        if place >= len(params):
            return []
        name = params[place].name.value
        inside = nodes_of(found[0].body)
        return [node for node in inside if isinstance(node, cst.Name) and node.value == name]

    def doubt(self, target: Any) -> str | None:
        """Returns why it is not known what a name stands for where it is used, or `None`."""
        name = code_of(target)
        if isinstance(target, cst.Attribute):
            class_ = self.around(target, cst.ClassDef)
            found = self._attributes(target)
            if class_ is None or any(self.around(node, cst.ClassDef) is not class_ for node in found):
                return f"`{name}` is asked for outside of its class"
            return None if sum(map(self._is_stored, found)) == 1 else f"`{name}` is set in several places"
        places = self._assignments(target)
        blocks = {id(self._block(each)) for each in places}
        scopes = {each.scope for each in places} | {use.scope for each in places for use in each.references}
        if len(places) > 1 and (len(blocks) > 1 or len(scopes) > 1):
            return f"`{name}` is set in several places"
        return None

    def is_of(self, use: cst.CSTNode, target: Any) -> bool:
        """Returns whether a use is of what was set here, and not of what the same name was given later or before."""
        before = [each.node for each in self._assignments(target) if self.place(each.node) < self.place(use)]
        if isinstance(target, cst.Attribute) or len(self._assignments(target)) == 1:
            return True
        return bool(before) and max(before, key=self.place) is target

    def value_of(self, node: cst.BaseExpression) -> Any:
        """Returns the value of a literal, or of a name that is given one once; else `UNKNOWN`."""
        value = self.value_node(node)
        return UNKNOWN if value is None else literal(value)

    def value_node(self, node: cst.BaseExpression) -> cst.BaseExpression | None:
        """Returns what a name is given, if that is once and for all; for all else the node itself."""
        if not isinstance(node, cst.Name) or node.value in ("None", "True", "False"):
            return node
        found = list(self.scope(node)[node.value]) if self.scope(node) else []
        if len(found) != 1 or not isinstance(found[0], metadata.Assignment):
            return None
        assign = self.around(found[0].node, cst.Assign, cst.AnnAssign, cst.AugAssign, cst.BaseCompoundStatement)
        value = assign.value if isinstance(assign, cst.Assign | cst.AnnAssign) else None
        return value if value is not None and self.assigned(value)[0] is found[0].node else None

    def is_known_at(self, node: cst.BaseExpression, place: cst.CSTNode) -> bool:
        """Returns whether all names in an expression mean the same at another place of the program."""
        if self.scope(node) is self.scope(place):
            return True
        names = [each for each in nodes_of(node) if isinstance(each, cst.Name) and each.value != "self"]
        scopes = [found.scope for name in names if self.scope(name) for found in self.scope(name)[name.value]]
        return all(isinstance(scope, metadata.GlobalScope | metadata.BuiltinScope) for scope in scopes)

    def is_float32(self, code: str, depth: int = 3) -> bool:
        """Returns whether an array is seen to be made float32 somewhere, itself or what it is made of."""
        if re.search(r"float32|img_to_array", code):
            return True
        given = [node for node in self._nodes if isinstance(node, cst.Assign)]
        made = [each.value for each in given if any(_names_of(target.target, code) for target in each.targets)]
        names = {code_of(name) for value in made for name in nodes_of(value) if isinstance(name, cst.Name)}
        if any(re.search(r"float32|img_to_array", code_of(value)) for value in made):
            return True
        return depth > 0 and any(self.is_float32(name, depth - 1) for name in names - {code})

    def _attributes(self, target: cst.Attribute) -> list[cst.Attribute]:
        """Returns the attributes of that name which are of `self` in the same class, or of something else anywhere."""
        class_ = self.around(target, cst.ClassDef)
        return [
            node
            for node in self._nodes
            if isinstance(node, cst.Attribute)
            and node.attr.value == target.attr.value
            and (code_of(node) != code_of(target) or self.around(node, cst.ClassDef) is class_)
        ]

    def _is_stored(self, node: cst.CSTNode) -> bool:
        parent = self.parent(node)
        return isinstance(parent, cst.AssignTarget) or (
            isinstance(parent, cst.AnnAssign | cst.AugAssign) and parent.target is node
        )

    def _assignments(self, target: Any) -> list[Any]:
        scope = None if isinstance(target, cst.Attribute) else self.scope(target)
        found = [] if scope is None else scope[target.value]
        return [each for each in found if isinstance(each, metadata.Assignment)]

    def _block(self, assignment: Any) -> Any:
        line = self.around(assignment.node, cst.SimpleStatementLine)
        return assignment.node if line is None else self.parent(line)


def _names_of(target: cst.BaseExpression, code: str) -> bool:
    """Returns whether this is among what is set."""
    return code_of(target) == code or any(code_of(node) == code for node in target.children)


def _named(target: cst.BaseExpression) -> Any:
    """Returns a target that can be followed: a name, or an attribute of one; else `None`."""
    if isinstance(target, cst.Name):
        return target
    return target if isinstance(target, cst.Attribute) and isinstance(target.value, cst.Name) else None


def _first(node: Any) -> Any:
    while isinstance(node, cst.Attribute):
        node = node.value
    return node
