"""Calls and their arguments, put together anew with the layout that they had."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import libcst as cst

__all__ = ["argument", "code_of", "dotted", "keyword", "moved_to_the_left", "named", "plain", "with_added", "without"]

_COMMA = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))


def code_of(node: cst.CSTNode) -> str:
    """Returns the text of a node."""
    return cst.Module([]).code_for_node(node)


def dotted(node: cst.CSTNode) -> str:
    """Returns the text of a name, as `"a.b"`, and nothing for what is no name."""
    if isinstance(node, cst.Attribute):
        owner = dotted(node.value)
        return owner and f"{owner}.{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else ""


def plain(node: cst.BaseExpression) -> str:
    """Returns the text of an expression without parentheses around it."""
    return code_of(node.with_changes(lpar=[], rpar=[])) if getattr(node, "lpar", None) else code_of(node)


def keyword(args: Sequence[cst.Arg], name: str) -> cst.Arg | None:
    """Returns the argument that is given by a name."""
    return next((arg for arg in args if arg.keyword is not None and arg.keyword.value == name), None)


def argument(name: str, value: cst.BaseExpression) -> cst.Arg:
    """Returns `name=value`."""
    return cst.Arg(value, keyword=cst.Name(name), equal=_tight())


def named(arg: cst.Arg, name: str) -> cst.Arg:
    """Returns an argument, given by place or by name, given by this name."""
    equal = arg.equal if arg.keyword is not None else _tight()
    return arg.with_changes(keyword=cst.Name(name), equal=equal)


def without(args: Sequence[cst.Arg], names: Collection[str]) -> list[cst.Arg]:
    """Returns the arguments but for those of these names; what ends the line of the last one ends it still."""
    kept = [arg for arg in args if arg.keyword is None or arg.keyword.value not in names]
    if kept and kept[-1] is not args[-1]:
        kept[-1] = _ended_as(kept[-1], args[-1])
    return kept


def with_added(args: Sequence[cst.Arg], added: Sequence[cst.Arg]) -> list[cst.Arg]:
    """Returns the arguments and more of them, each on a line of its own if the others are."""
    result = list(args)
    for arg in added:
        if result:
            last = result[-1]
            comma = _comma_of(result[-2]) if len(result) > 1 else _COMMA
            arg = _ended_as(arg, last)
            result[-1] = last.with_changes(comma=comma, whitespace_after_arg=cst.SimpleWhitespace(""))
        result.append(arg)
    return result


def moved_to_the_left(arg: cst.Arg, by: int) -> cst.Arg:
    """Returns an argument after which a line begins so many columns earlier."""
    if not isinstance(arg.comma, cst.Comma) or not isinstance(arg.comma.whitespace_after, cst.ParenthesizedWhitespace):
        return arg
    space = arg.comma.whitespace_after
    line = space.last_line.with_changes(value=space.last_line.value[: max(len(space.last_line.value) - by, 0)])
    return arg.with_changes(comma=arg.comma.with_changes(whitespace_after=space.with_changes(last_line=line)))


def _ended_as(arg: cst.Arg, last: cst.Arg) -> cst.Arg:
    return arg.with_changes(comma=last.comma, whitespace_after_arg=last.whitespace_after_arg)


def _comma_of(arg: cst.Arg) -> cst.Comma:
    return arg.comma.deep_clone() if isinstance(arg.comma, cst.Comma) else _COMMA


def _tight() -> cst.AssignEqual:
    return cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
