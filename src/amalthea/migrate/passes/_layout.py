"""Calls with other arguments in their place, in the style of the call that there was."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import libcst as cst
from libcst import metadata

from amalthea.migrate.passes._calls import code_of
from amalthea.migrate.rewriter import Rewriter, expression

__all__ = ["Layout", "New", "list_code"]

WIDTH = 100  # a call on one line that would be longer gets a line for each argument
WIDEST = 120  # and so does one on several lines, if one of these would be longer


@dataclasses.dataclass(frozen=True)
class New:
    """An argument of a new call.

    Attributes:
        name: Its name, or `None` if it is known by its place.
        value: Its value, or the code of the items of a list.
        old: The argument whose place, spaces and comments it takes, or `None`.
    """

    name: str | None
    value: cst.BaseExpression | Sequence[str]
    old: cst.Arg | None = None


def list_code(
    items: Sequence[str], *, indent: str = "", unit: str = "    ", comments: Sequence[Sequence[str]] = ()
) -> str:
    """Returns the code of a list, on one line if that is short and has no comments.

    Args:
        items: The code of the items.
        indent: White space before the line that it begins in.
        unit: One step of indentation.
        comments: The comments of each item: one goes behind it, several or a long one above.
    """
    line = f"[{', '.join(items)}]"
    if len(line) <= 80 and not any(comments):
        return line
    lines = [_item(item, own) for item, own in zip(items, comments or [()] * len(items), strict=True)]
    return "\n".join(["[", *(f"{indent}{unit}{line}" for item in lines for line in item), f"{indent}]"])


def _item(item: str, comments: Sequence[str]) -> list[str]:
    """Returns the lines of an item with its comments."""
    line = "  ".join([f"{item},", *comments])
    return [line] if len(comments) < 2 and len(line) <= WIDTH else [*comments, f"{item},"]


@dataclasses.dataclass(frozen=True)
class Layout:
    """How a program is laid out where a call is.

    Attributes:
        base: White space before the line that the call begins in, beyond that of the statement that it is in.
        column: Where its first argument begins, if it is in that line, counted from where the statement begins.
        unit: One step of indentation.
    """

    base: str = ""
    column: int | None = None
    unit: str = "    "

    @classmethod
    def at(cls, rewriter: Rewriter, module: cst.Module, call: cst.Call) -> Layout:
        """Returns the layout at a call of a program that has metadata of parents and positions."""
        lines = module.code.split("\n")
        statement: Any = call
        while not isinstance(statement, cst.SimpleStatementLine | cst.BaseCompoundStatement | cst.Module):
            statement = rewriter.get_metadata(metadata.ParentNodeProvider, statement)
        around, own = (_white(lines[rewriter.line_of(node) - 1]) for node in (statement, call))
        start = rewriter.get_metadata(metadata.PositionProvider, call).start
        func = code_of(call.func)
        column = None if "\n" in func else start.column + len(func) + 1 - len(around)
        return cls(own.removeprefix(around), column, module.default_indent)

    def call(self, old: cst.Call, func: cst.BaseExpression, arguments: Sequence[New]) -> cst.Call:
        """Returns a call with another function and other arguments.

        Args:
            old: The call that there was.
            func: The function.
            arguments: The arguments.
        """
        between = _between(old, self.column, len(code_of(func)) - len(code_of(old.func)))
        indent = between.last_line.value if isinstance(between, cst.ParenthesizedWhitespace) else self.base + self.unit
        args = [
            self._arg(each, between, indent, is_last=bool(old.args) and each.old is old.args[-1]) for each in arguments
        ]
        new = old.with_changes(func=func, args=_ended(args, old) if args else [])
        text = code_of(new)
        if "\n" in code_of(old) and max(map(len, text.split("\n"))) <= WIDEST:
            return new
        if "\n" not in text and len(text) <= WIDTH:
            return new
        return self._exploded(new, arguments)

    def _exploded(self, call: cst.Call, arguments: Sequence[New]) -> cst.Call:
        """Returns a call with a line for each argument."""
        between, end = _new_line(self.base + self.unit), _new_line(self.base)
        args = [self._arg(each, between, self.base + self.unit, is_last=False) for each in arguments]
        spaces = [_commented(between, _comment_behind(each)) for each in args[:-1]]
        spaces.append(_commented(end, _comment_behind(args[-1])))
        lines = [
            each.with_changes(comma=cst.Comma(whitespace_after=space), whitespace_after_arg=cst.SimpleWhitespace(""))
            for each, space in zip(args, spaces, strict=True)
        ]
        return call.with_changes(args=lines, whitespace_before_args=between)

    def _arg(self, new: New, between: cst.BaseParenthesizableWhitespace, indent: str, *, is_last: bool) -> cst.Arg:
        value = new.value
        if not isinstance(value, cst.BaseExpression):
            value = expression(list_code(value, indent=indent, unit=self.unit))
        equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
        arg = cst.Arg(value) if new.old is None else new.old.with_changes(value=value)
        if new.name is not None:
            equal = arg.equal if isinstance(arg.equal, cst.AssignEqual) else equal
            arg = arg.with_changes(keyword=cst.Name(new.name), equal=equal)
        comment = _comment_behind(arg)
        if isinstance(arg.comma, cst.Comma) and not is_last:
            space = arg.comma.whitespace_after
            if isinstance(space, cst.ParenthesizedWhitespace) and isinstance(between, cst.ParenthesizedWhitespace):
                space = space.with_changes(last_line=between.last_line)
            return arg.with_changes(comma=arg.comma.with_changes(whitespace_after=space))
        comma = cst.Comma(whitespace_after=_commented(between, comment))
        return arg.with_changes(comma=comma, whitespace_after_arg=cst.SimpleWhitespace(""))


def _white(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _new_line(indent: str) -> cst.ParenthesizedWhitespace:
    return cst.ParenthesizedWhitespace(cst.TrailingWhitespace(), indent=True, last_line=cst.SimpleWhitespace(indent))


def _between(call: cst.Call, column: int | None, longer: int) -> cst.BaseParenthesizableWhitespace:
    """Returns what stands between two arguments: a new line, if the call has that, or a space.

    Args:
        call: The call.
        column: Where its first argument begins.
        longer: By how much its function has become longer: arguments that stand below the first one go with it.
    """
    commas = [arg.comma.whitespace_after for arg in call.args[:-1] if isinstance(arg.comma, cst.Comma)]
    spaces = [each for each in [*commas, call.whitespace_before_args] if isinstance(each, cst.ParenthesizedWhitespace)]
    if not spaces:
        return cst.SimpleWhitespace(" ")
    indent = spaces[0].last_line.value
    if len(indent) == column and "\t" not in indent:
        indent = " " * max(0, column + longer)
    return _new_line(indent)


def _ended(args: Sequence[cst.Arg], call: cst.Call) -> list[cst.Arg]:
    """Returns the arguments with the last one ended as the last one of the old call was."""
    old = call.args[-1] if call.args else cst.Arg(cst.Name("none"))
    new, comment = args[-1], _comment_behind(args[-1])
    if isinstance(old.comma, cst.Comma):
        comma = old.comma.with_changes(whitespace_after=_commented(old.comma.whitespace_after, comment))
        return [*args[:-1], new.with_changes(comma=comma)]
    end = _commented(old.whitespace_after_arg, comment)
    return [*args[:-1], new.with_changes(comma=cst.MaybeSentinel.DEFAULT, whitespace_after_arg=end)]


def _comment_behind(arg: cst.Arg) -> cst.Comment | None:
    """Returns the comment in the line that an argument ends in."""
    spaces = [arg.comma.whitespace_after] if isinstance(arg.comma, cst.Comma) else []
    for space in [*spaces, arg.whitespace_after_arg]:
        if isinstance(space, cst.ParenthesizedWhitespace) and space.first_line.comment:
            return space.first_line.comment
    return None


def _commented(space: Any, comment: cst.Comment | None) -> cst.BaseParenthesizableWhitespace:
    """Returns white space that begins with this comment; a space becomes a line for it."""
    if isinstance(space, cst.ParenthesizedWhitespace) or comment is not None:
        lines = space if isinstance(space, cst.ParenthesizedWhitespace) else _new_line("")
        behind = cst.SimpleWhitespace("  " if comment else "")
        return lines.with_changes(first_line=cst.TrailingWhitespace(behind, comment))
    return cst.SimpleWhitespace(space.value)
