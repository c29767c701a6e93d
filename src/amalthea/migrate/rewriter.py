"""What all passes have: names that are understood, marks, and notes of what was done."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any, ClassVar

import libcst as cst
from libcst import metadata

from amalthea.migrate.names import canonical

__all__ = ["MARK", "Note", "Notes", "Rewriter", "expression"]

MARK = "# TODO(amalthea):"


@dataclasses.dataclass(frozen=True, order=True)
class Note:
    """Something that was done, or is to be looked at.

    Attributes:
        line: Counted from 1: of what was changed, in the program as it was given to the pass; of a mark, in the result.
        text: What, in a few words.
    """

    line: int
    text: str


class Notes:
    """What the passes say of one program.

    Attributes:
        changes: What was changed.
        imports: Paths of things that the new code uses, as `"amalthea.ImageLoader"`.
        idle: Names that the program imports and does not use: others may import them from there.
    """

    def __init__(self, idle: frozenset[str] = frozenset()) -> None:
        self.idle = idle
        self.changes: list[Note] = []
        self.imports: set[str] = set()


class Rewriter(cst.CSTTransformer):
    """A pass over one program; derive from it and write `leave_...` methods.

    A method that overrides `visit_...` or `leave_...` of a statement calls that of this class too: it puts the marks.

    Args:
        notes: Takes what is done.

    Attributes:
        touched: Whether the program has become another one.
    """

    METADATA_DEPENDENCIES: ClassVar[tuple[metadata.ProviderT, ...]] = (
        metadata.QualifiedNameProvider,
        metadata.PositionProvider,
    )

    # The pass can have something to do only in a text that holds one of these.
    words: ClassVar[tuple[str, ...]] = ()

    def __init__(self, notes: Notes) -> None:
        super().__init__()
        self.notes = notes
        self.touched = False
        self._marks: list[list[str]] = []
        self._header: tuple[cst.CSTNode | None, set[str]] = (None, set())

    def name_of(self, node: cst.CSTNode) -> str | None:
        """Returns the path of a thing of Keras, as `"keras.utils.Sequence"`; `None` if the node is no name of one.

        Args:
            node: A node of the program as it was, not one that was changed already.
        """
        found = {canonical(each) for each in self.paths_of(node)}
        return found.pop() if len(found) == 1 else None

    def paths_of(self, node: cst.CSTNode) -> set[str]:
        """Returns the paths that a name may have been imported by; none for what is not imported."""
        named = self.get_metadata(metadata.QualifiedNameProvider, node, set())
        return {each.name for each in named if each.source == metadata.QualifiedNameSource.IMPORT}

    def changed(self, node: cst.CSTNode, text: str) -> None:
        """Notes a change at a node of the program as it was."""
        self.notes.changes.append(Note(self.line_of(node), text))

    def line_of(self, node: cst.CSTNode) -> int:
        """Returns the line of a node of the program as it was."""
        return int(self.get_metadata(metadata.PositionProvider, node).start.line)

    def use(self, path: str) -> cst.BaseExpression:
        """Returns the code for a thing of `amalthea` or `keras`, and sees to it that it is imported.

        Args:
            path: As `"amalthea.ImageLoader"`, `"amalthea.transforms.RandomFlip"` or `"keras.utils.load_img"`.
        """
        self.notes.imports.add(path)
        return expression(path)

    def mark(self, text: str) -> None:
        """Puts a comment above the statement that is being looked at."""
        if self._marks and text not in self._marks[-1]:
            self._marks[-1].append(text)

    def on_visit(self, node: cst.CSTNode) -> bool:
        """Begins a node."""
        if isinstance(node, cst.Module) and node.body:
            self._header = node.body[0], _comments(node.header)  # the lines above the first statement are not its own
        if _takes_comments(node):
            self._marks.append([])
        return bool(super().on_visit(node))

    def on_leave(self, original_node: Any, updated_node: Any) -> Any:
        """Ends a node, and puts the marks above it."""
        result = super().on_leave(original_node, updated_node)
        self.touched |= result is not updated_node
        if not _takes_comments(original_node):
            return result
        first, header = self._header
        there = header if original_node is first else set()
        marks = [text for text in self._marks.pop() if f"{MARK} {text}" not in there]
        if not marks:
            return result
        self.touched = True
        if isinstance(result, cst.FlattenSentinel):
            head, *rest = result
            return cst.FlattenSentinel([_marked(head, marks), *rest])
        if isinstance(result, cst.CSTNode):
            return _marked(result, marks)
        return result


def expression(code: str) -> cst.BaseExpression:
    """Returns the nodes of an expression."""
    return cst.parse_expression(code)


def _takes_comments(node: cst.CSTNode) -> bool:
    """Returns whether lines of comments can stand above a node, which is not the line of an `else` or `except`."""
    return isinstance(node, cst.SimpleStatementLine | cst.BaseCompoundStatement)


def _marked(node: Any, marks: Iterable[str]) -> Any:
    there = _comments(node.leading_lines)
    comments = [comment for text in marks if (comment := f"{MARK} {text}") not in there]
    lines = [cst.EmptyLine(comment=cst.Comment(comment)) for comment in comments]
    return node.with_changes(leading_lines=[*node.leading_lines, *lines])


def _comments(lines: Iterable[cst.EmptyLine]) -> set[str]:
    return {line.comment.value for line in lines if line.comment}
