"""How the class of a sequence comes to call `PyDataset.__init__`, with the `**kwargs` that are meant for it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import libcst as cst
import libcst.matchers as m

from amalthea.migrate.passes._calls import dotted
from amalthea.migrate.passes._values import nodes_of

__all__ = ["Init", "begun", "called_first", "calls_above", "init_of", "method", "with_options"]

_DOCSTRING = m.SimpleStatementLine(body=[m.Expr(m.SimpleString() | m.ConcatenatedString())])
_SUPER = m.SimpleStatementLine(body=[m.Expr(m.Call(m.Attribute(m.Call(m.Name("super")), m.Name("__init__"))))])
_END = m.SimpleStatementLine(body=[m.Expr(m.Call(m.Attribute(m.Name("self"), m.Name("on_epoch_end"))))])
_PASS = m.SimpleStatementLine(body=[m.Pass()])


@dataclasses.dataclass(frozen=True)
class Init:
    """What is to become of the `__init__` of a class.

    Attributes:
        first: The call that is to come first, `None` if there is one already.
        adds: Whether it is to take `**kwargs` and to give them on.
        passes_on: Whether it does so then.
    """

    first: str | None
    adds: bool
    passes_on: bool


def method(node: cst.ClassDef, name: str) -> cst.FunctionDef | None:
    """Returns a method that a class defines itself."""
    body = node.body.body
    return next((each for each in body if isinstance(each, cst.FunctionDef) and each.name.value == name), None)


def init_of(node: cst.ClassDef, sequences: Mapping[str, cst.ClassDef], base: str) -> Init:
    """Returns what is to become of the `__init__` of a class.

    Args:
        node: The class, which is a sequence.
        sequences: All classes of the program that are, by name.
        base: The code for Keras' class.
    """
    init, parent = method(node, "__init__"), _parent(node, sequences)
    above = init_of(parent, sequences, base) if parent is not None else Init(None, False, True)
    if init is None:
        return Init(None, False, above.passes_on)
    takes, alone = init.params.star_kwarg is not None, len(_bases(node)) == 1
    called = calls_above(node, {*sequences, base})
    if called:
        adds = not takes and above.passes_on and alone and len(called) == 1
        return Init(None, adds, adds or (takes and any(arg.star == "**" for call in called for arg in call.args)))
    # Of a class above it that was not called before, nobody knows whether it wants to be, and with what.
    code = "super().__init__({})" if parent is None and alone else f"{base}.__init__(self{{}})"
    options = "" if takes else "**kwargs" if code.startswith("super") else ", **kwargs"
    # `**kwargs` that are there already are for something else.
    return Init(code.format(options), not takes, not takes)


def calls_above(node: cst.ClassDef, bases: set[str]) -> list[cst.Call]:
    """Returns the calls in an `__init__` of that above it: `super().__init__(...)`, `Base.__init__(self, ...)`."""
    init = method(node, "__init__")
    found = []
    for call in nodes_of(init) if init is not None else ():
        if isinstance(call, cst.Call) and m.matches(call.func, m.Attribute(attr=m.Name("__init__"))):
            owner = cst.ensure_type(call.func, cst.Attribute).value
            if dotted(owner) in bases or (isinstance(owner, cst.Call) and dotted(owner.func) == "super"):
                found.append(call)
    return found


def with_options(params: cst.Parameters) -> cst.Parameters:
    """Returns parameters and `**kwargs`, on a line of its own if the others are."""
    name = next((each for each in ("kwonly_params", "params", "posonly_params") if getattr(params, each)), "")
    options = cst.Param(cst.Name("kwargs"), star="**")
    if not name or (name == "params" and isinstance(params.star_arg, cst.Param)):
        return params.with_changes(star_kwarg=options)
    *others, last = getattr(params, name)
    options = options.with_changes(comma=last.comma, whitespace_after_param=last.whitespace_after_param)
    comma = others[-1].comma.deep_clone() if others else cst.MaybeSentinel.DEFAULT
    last = last.with_changes(comma=comma, whitespace_after_param=cst.SimpleWhitespace(""))
    return params.with_changes(**{name: [*others, last], "star_kwarg": options})


def begun(body: Any, first: str) -> cst.BaseSuite:
    """Returns the body of a function with a call before all else but its docstring."""
    line = cst.parse_statement(first)
    if isinstance(body, cst.SimpleStatementSuite):
        rest = [part for part in body.body if not isinstance(part, cst.Pass)]
        return cst.IndentedBlock([line, cst.SimpleStatementLine(rest)] if rest else [line])
    lines = [each for each in body.body if not m.matches(each, _PASS)]
    place = int(bool(lines) and m.matches(lines[0], _DOCSTRING))
    return cst.ensure_type(body.with_changes(body=[*lines[:place], line, *lines[place:]]), cst.IndentedBlock)


def called_first(body: Any) -> Any:
    """Returns the body of an `__init__` with `super().__init__(...)` first, if `self.on_epoch_end()` came before it."""
    lines = list(body.body)
    called = [place for place, line in enumerate(lines) if m.matches(line, _SUPER)]
    ended = [place for place, line in enumerate(lines) if m.matches(line, _END)]
    if not called or not ended or ended[0] > called[0]:
        return body
    line = lines.pop(called[0])
    place = int(m.matches(lines[0], _DOCSTRING))
    return body.with_changes(body=[*lines[:place], line, *lines[place:]])


def _parent(node: cst.ClassDef, sequences: Mapping[str, cst.ClassDef]) -> cst.ClassDef | None:
    found = [sequences[name] for name in _bases(node) if name in sequences]
    return found[0] if found and found[0] is not node else None


def _bases(node: cst.ClassDef) -> list[str]:
    return [dotted(base.value) for base in node.bases if base.keyword is None and dotted(base.value) != "object"]
