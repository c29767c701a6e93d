"""The iterators that `flow*` gave, where there are loaders now: they have the same names, but an end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import libcst as cst

from amalthea.migrate.passes._calls import code_of
from amalthea.migrate.passes.image_generators_program import Program

__all__ = ["Iterators"]

_GONE = {
    **dict.fromkeys(("image_shape", "target_size"), "write {}.peek()[0].shape[1:]"),
    **dict.fromkeys(("batch_index", "total_batches_seen"), "write {}.reset() or {}.set_epoch(0)"),
    **dict.fromkeys(("x", "y"), "write the array that it was made of"),
    **dict.fromkeys(("color_mode", "class_mode", "data_format", "interpolation", "subset"), "keep it in a variable"),
    **dict.fromkeys(("index_array", "index_generator", "image_data_generator", "lock"), "do without it"),
}
_ENDS = "a loader ends after one epoch, the legacy iterator did not: see that this loop needs no more than that"
_NO_ATTRIBUTE = "a loader has no `{}`: {}"


class Iterators:
    """What becomes of the places where the iterators of some calls of `flow*` are used.

    Args:
        program: The program.
        flows: The calls, of which there will be loaders.

    Attributes:
        marks: Comments for statements.
    """

    def __init__(self, program: Program, flows: Iterable[Any]) -> None:
        self.marks: dict[cst.CSTNode, str] = {}
        self._program = program
        seen: set[str] = set()
        for flow in flows:
            target, _ = program.assigned(flow)
            name = "" if target is None else code_of(target)
            if name and name in seen and isinstance(target, cst.Attribute):
                continue
            seen.add(name)
            self._follow(program.followed(flow), name)

    def _follow(self, uses: list[Any], name: str) -> None:
        for use in uses:
            parent = self._program.parent(use)
            if isinstance(parent, cst.Attribute) and parent.attr.value in _GONE:
                remedy = _GONE[parent.attr.value].format(*[name or "loader"] * 2)
                self._mark(use, _NO_ATTRIBUTE.format(parent.attr.value, remedy))
            elif self._is_looped_over(use):
                self._mark(use, _ENDS)

    def _mark(self, node: cst.CSTNode, text: str) -> None:
        self.marks.setdefault(self._program.statement(node), text)

    def _is_looped_over(self, use: cst.CSTNode) -> bool:
        parent = self._program.parent(use)
        call = self._program.parent(parent)
        if isinstance(parent, cst.Arg) and isinstance(call, cst.Call) and code_of(call.func) == "enumerate":
            parent, use = self._program.parent(call), call
        return isinstance(parent, cst.For | cst.CompFor) and parent.iter is use
