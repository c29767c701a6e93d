"""`ImageDataGenerator` and its `flow*`: loaders with transforms in their place."""

from __future__ import annotations

from typing import Any

import libcst as cst
from libcst import metadata

from amalthea.migrate.passes._calls import code_of
from amalthea.migrate.passes._layout import Layout
from amalthea.migrate.passes._legacy_calls import in_parentheses
from amalthea.migrate.passes._removals import Removals, comment_lines
from amalthea.migrate.passes.image_generators_iterators import Iterators
from amalthea.migrate.passes.image_generators_loaders import Flow
from amalthea.migrate.passes.image_generators_plan import Plan, Replaced
from amalthea.migrate.passes.image_generators_program import Program
from amalthea.migrate.passes.image_generators_uses import GENERATOR, generators_of
from amalthea.migrate.rewriter import Notes, Rewriter, expression

__all__ = ["ImageGenerators"]

_DERIVED = (
    "ImageDataGenerator is not in Keras 3: write what this class adds as a transform, (sample, rng) -> sample, and "
    "give it to `augment` or `transform` of amalthea.ImageLoader"
)


class ImageGenerators(Removals):
    """`ImageDataGenerator(...).flow*` becomes `ImageLoader` and `ArrayLoader`.

    The list of its transforms takes the place of the generator; all else that it was told goes to each loader.
    """

    METADATA_DEPENDENCIES = (*Rewriter.METADATA_DEPENDENCIES, metadata.ParentNodeProvider, metadata.ScopeProvider)

    words = ("ImageDataGenerator",)

    def __init__(self, notes: Notes) -> None:
        super().__init__(notes)
        self._module: Any = None
        self._program: Any = None
        self._plan: Any = None
        self._iterators: Any = None

    def visit_Module(self, node: cst.Module) -> None:
        """Makes the plan."""
        self._module = node
        self._program = Program(self, node)
        self._plan = Plan(self._program, generators_of(self._program))
        self._iterators = Iterators(self._program, self._plan.flows)

    def on_leave(self, original_node: Any, updated_node: Any) -> Any:
        """Marks what the plan says is to be looked at."""
        for marks in (self._plan.marks, self._iterators.marks):
            if original_node in marks:
                self.mark(marks[original_node])
        return super().on_leave(original_node, updated_node)

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> cst.ClassDef:
        """Marks a class that is derived from it."""
        if any(self.name_of(base.value) == GENERATOR for base in original_node.bases):
            self.mark(_DERIVED)
        return updated_node

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        """Rewrites `flow*`."""
        flow: Flow | None = self._plan.flows.get(original_node)
        if flow is not None:
            layout = Layout.at(self, self._module, original_node)
            loader, marks = flow.loader(updated_node, layout, self._program.value_of, self._as_float)
            for text in marks:
                self.mark(text)
            self.notes.imports.add("amalthea")
            self.changed(original_node, f"`{flow.kind}` of an ImageDataGenerator is `{code_of(loader.func)}`")
            return loader
        return updated_node

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.BaseStatement:
        """Puts the list of transforms in the place of the generator."""
        replaced: Replaced | None = self._plan.lines.get(original_node)
        if replaced is None:
            return updated_node
        if replaced.code is None:
            self.changed(original_node, f"gone: `{_beginning(original_node)}`")
            return self.removed(updated_node, replaced.comments)
        self.notes.imports.add("amalthea")
        self.changed(original_node, f"`{_beginning(original_node)}` is `{replaced.code.partition(' = ')[0]}`")
        lines = [*updated_node.leading_lines, *comment_lines(replaced.comments)]
        new = cst.parse_statement(replaced.code)
        return new.with_changes(leading_lines=lines, trailing_whitespace=updated_node.trailing_whitespace)

    def _as_float(self, node: cst.BaseExpression) -> cst.BaseExpression:
        """Returns an array as float32, which the legacy made of all; what is seen to be that stays."""
        return (
            node if self._program.is_float32(code_of(node)) else expression(f'{in_parentheses(node)}.astype("float32")')
        )


def _beginning(line: cst.SimpleStatementLine) -> str:
    text = " ".join(code_of(line.body[0]).split())
    return text if len(text) <= 40 else f"{text[:40]}..."
