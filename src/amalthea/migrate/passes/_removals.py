"""Statements that go: what stands above them stays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import libcst as cst

from amalthea.migrate.rewriter import Notes, Rewriter

__all__ = ["Removals", "comment_lines"]


def comment_lines(comments: Sequence[str]) -> list[cst.EmptyLine]:
    """Returns lines of comments."""
    return [cst.EmptyLine(comment=cst.Comment(text)) for text in comments]


class Removals(Rewriter):
    """A pass that takes out statements; their comments go to the next one."""

    def __init__(self, notes: Notes) -> None:
        super().__init__(notes)
        self._gone: list[cst.CSTNode] = []

    def removed(self, line: cst.SimpleStatementLine, comments: Sequence[str] = ()) -> cst.SimpleStatementLine:
        """Returns a statement that will be gone when its block is left.

        Args:
            line: The statement.
            comments: Those in it; they stay.
        """
        behind = line.trailing_whitespace.comment
        kept = comment_lines([*comments, *([behind.value] if behind else [])])
        line = line.with_changes(leading_lines=[*line.leading_lines, *kept])
        self._gone.append(line)
        return line

    def removed_block(self, block: cst.BaseCompoundStatement) -> cst.BaseCompoundStatement:
        """Returns a statement of several lines that will be gone, as `removed`."""
        self._gone.append(block)
        return block

    def leave_Module(self, original_node: cst.Module, updated_node: cst.Module) -> cst.Module:
        """Closes the gaps."""
        return updated_node.with_changes(**self._closed(updated_node))

    def leave_IndentedBlock(self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock) -> cst.BaseSuite:
        """Closes the gaps; a block is not left empty."""
        closed = self._closed(updated_node)
        if not closed["body"]:
            closed["body"] = [cst.SimpleStatementLine([cst.Pass()], leading_lines=closed.pop("footer"))]
        return updated_node.with_changes(**closed)

    def _closed(self, block: cst.Module | cst.IndentedBlock) -> dict[str, Any]:
        body: list[Any] = []
        above: Sequence[cst.EmptyLine] = ()
        lines: Sequence[Any] = block.body
        for line in lines:
            leading = _joined(above, line.leading_lines)
            is_gone = any(line is each for each in self._gone)
            above = leading if is_gone else ()
            if not is_gone:
                body.append(line.with_changes(leading_lines=leading))
        return {"body": body, "footer": [*(above if _has_comment(above) else ()), *block.footer]}


def _joined(above: Sequence[cst.EmptyLine], below: Sequence[cst.EmptyLine]) -> Sequence[cst.EmptyLine]:
    """Returns the lines above two statements for the second alone: all comments, and as much space as one had."""
    if _has_comment(above) or _has_comment(below):
        return [*above, *below] if _has_comment(above) else below
    return max(below, above, key=len)


def _has_comment(lines: Sequence[cst.EmptyLine]) -> bool:
    return any(line.comment for line in lines)
