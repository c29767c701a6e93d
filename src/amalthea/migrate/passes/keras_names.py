"""All names of Keras that are left, wherever they were: those of Keras 3."""

from __future__ import annotations

from typing import Any

import libcst as cst
from libcst import metadata

from amalthea.migrate.imports import bound_name
from amalthea.migrate.names import canonical
from amalthea.migrate.passes._calls import code_of, dotted
from amalthea.migrate.passes._keras_imports import losses_of, modern_imports
from amalthea.migrate.passes._keras_uses import Use, Uses, lost, paths_of_import
from amalthea.migrate.passes.modern import modern
from amalthea.migrate.rewriter import Notes, Rewriter, expression

__all__ = ["KerasNames"]

Name = cst.Name | cst.Attribute


class KerasNames(Rewriter):
    """`tf.keras`, modules inside of Keras, and things that were moved or are called otherwise."""

    METADATA_DEPENDENCIES = (*Rewriter.METADATA_DEPENDENCIES, metadata.ExpressionContextProvider)
    words = ("keras",)

    def __init__(self, notes: Notes) -> None:
        super().__init__(notes)
        self._held: set[str] = set()  # names whose import stays as it is, and has the mark

    def visit_Module(self, node: cst.Module) -> None:
        """Looks at all names, before any is changed."""
        self._uses = Uses(self, node, self.notes.idle)

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> Any:
        """Rewrites imports; one that is from several modules becomes several lines."""
        parts: list[Any] = []
        for part in updated_node.body:
            if isinstance(part, cst.Import | cst.ImportFrom):
                self._mark_losses(part)
                parts += modern_imports(part, self._uses)
            else:
                parts.append(part)
        if parts == list(updated_node.body):
            return updated_node
        self.changed(original_node, "imports from Keras 3")
        if len(updated_node.body) > 1:
            return updated_node.with_changes(body=parts)
        first = updated_node.with_changes(body=parts[:1])
        return cst.FlattenSentinel([first, *(cst.SimpleStatementLine([part]) for part in parts[1:])])

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.BaseExpression:
        """Rewrites a name with dots."""
        return self._named(original_node, updated_node)

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        """Rewrites a name without."""
        return self._named(original_node, updated_node)

    def leave_Try(self, original_node: cst.Try, updated_node: cst.Try) -> Any:
        """Makes one of two imports, of which one was tried first, if they are the same now."""
        if original_node.deep_equals(updated_node) or updated_node.orelse or updated_node.finalbody:
            return updated_node
        blocks = [updated_node.body, *(each.body for each in updated_node.handlers)]
        lines = [_imports_of(block) for block in blocks]
        if not lines[0] or any(each != lines[0] for each in lines):
            return updated_node
        first, *rest = updated_node.body.body
        assert isinstance(first, cst.SimpleStatementLine)
        return cst.FlattenSentinel([first.with_changes(leading_lines=updated_node.leading_lines), *rest])

    def _mark_losses(self, node: cst.Import | cst.ImportFrom) -> None:
        for alias, origin in paths_of_import(node):
            for text in losses_of(bound_name(alias), origin, self._uses):
                self._held.add(bound_name(alias))
                self.mark(text)

    def _named(self, original: Name, updated: Name) -> cst.BaseExpression:
        use = self._uses.at(original)
        if use is None or not use.path:
            return updated
        losses = lost([use.path])
        if losses and use.name not in self._held:
            self.mark(losses[0])
        code = None if losses else self._code_of(use)
        if code is None or code == dotted(original):
            return updated
        self.changed(original, f"`{dotted(original)}` is `{code}`")
        new = self.use(code) if code.startswith("keras.") else expression(code)
        return new.with_changes(lpar=updated.lpar, rpar=updated.rpar)

    def _code_of(self, use: Use) -> str:
        """Returns what a name is to be: by way of what was imported, or from Keras itself."""
        path, home = modern(use.path), modern(canonical(use.origin) or "")
        name = self._uses.renamed(use.name)
        if not home or not f"{path}.".startswith(f"{home}.") or _is_gone(use, home, name):
            return path
        return name + path.removeprefix(home)


def _is_gone(use: Use, home: str, name: str) -> bool:
    """Returns whether a name was imported for a module that is there no more: `np_utils`."""
    own = use.origin.rpartition(".")[2] == use.name == name
    return own and home.islower() and bool(use.rest) and home.rpartition(".")[2] != name


def _imports_of(block: Any) -> list[str]:
    """Returns the lines of a block that holds nothing but imports; nothing for one that holds more."""
    lines = [line for line in block.body if isinstance(line, cst.SimpleStatementLine)]
    parts = [part for line in lines for part in line.body]
    if len(lines) < len(block.body) or not all(isinstance(part, cst.Import | cst.ImportFrom) for part in parts):
        return []
    return [code_of(part.with_changes(semicolon=cst.MaybeSentinel.DEFAULT)) for part in parts]
