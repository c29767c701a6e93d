"""The files that a tokenizer is written into and read from as JSON: it opens them itself now."""

from __future__ import annotations

import re
from typing import Any

import libcst as cst
from libcst import metadata

from amalthea.migrate.passes._calls import code_of
from amalthea.migrate.passes._values import nodes_of
from amalthea.migrate.passes.texts_names import FROM_JSON, Receivers
from amalthea.migrate.rewriter import Rewriter

__all__ = ["Files"]

_READ = r"{0}\.read\(\)|json\.load\({0}\)|json\.loads\({0}\.read\(\)\)"


class Files:
    """The `with open(...)` blocks of a program that do nothing but write or read a tokenizer.

    Args:
        rewriter: Has the metadata of the program.
        module: The program.
        receivers: The tokenizers.
    """

    def __init__(self, rewriter: Rewriter, module: cst.Module, receivers: Receivers) -> None:
        self._rewriter, self._receivers = rewriter, receivers
        self._codes: dict[cst.CSTNode, str] = {}
        self._paths: dict[cst.CSTNode, str] = {}
        blocks = [node for node in nodes_of(module) if isinstance(node, cst.With)]
        for block in blocks:
            self._look_at(block)

    def code_of(self, block: cst.With) -> str | None:
        """Returns the statement that takes the place of a block, `""` for none, or `None` if the block stays."""
        return self._codes.get(block)

    def path_of(self, call: cst.Call) -> str | None:
        """Returns the code of the path that a `tokenizer_from_json` reads, or `None` if that is not known."""
        return self._paths.get(call)

    def _look_at(self, block: cst.With) -> None:
        path, file = _opened(block)
        lines = [code_of(line).strip() for line in block.body.body]
        if path is None or not all(isinstance(line, cst.SimpleStatementLine) for line in block.body.body):
            return
        tokenizer = _written(lines, file)
        if tokenizer is not None and self._receivers.is_known(cst.parse_expression(tokenizer)):
            self._codes[block] = f"{tokenizer}.save({path})"
            return
        calls = [node for node in nodes_of(block.body) if isinstance(node, cst.Call) and self._is_from_json(node)]
        for call in calls:
            given = code_of(call.args[0].value) if len(call.args) == 1 else ""
            if re.fullmatch(_READ.format(re.escape(file)), given) and len(lines) == 1:
                target = lines[0].partition("=")[0].strip()
                self._codes[block] = f"{target} = amalthea.WordTokenizer.load({path})"
        self._look_at_text(block, path, file)

    def _look_at_text(self, block: cst.With, path: str, file: str) -> None:
        """Looks for `text = file.read()` whose text goes into `tokenizer_from_json`, and nowhere else."""
        first: Any = block.body.body[0]
        assign = first.body[0]
        if not isinstance(assign, cst.Assign) or not re.fullmatch(_READ.format(re.escape(file)), code_of(assign.value)):
            return
        target = assign.targets[0].target
        scope = self._rewriter.get_metadata(metadata.ScopeProvider, target, None)
        if not isinstance(target, cst.Name) or scope is None or len(scope[target.value]) != 1:
            return
        uses = [access.node for each in scope[target.value] for access in each.references]
        call = self._parent(self._parent(uses[0])) if len(uses) == 1 else None
        if call is None or not self._is_from_json(call):
            return
        line = self._parent(self._parent(call))
        if len(block.body.body) == 1:
            self._codes[block], self._paths[call] = "", path
        elif len(block.body.body) == 2 and line is block.body.body[1] and isinstance(self._parent(call), cst.Assign):
            name = code_of(line).partition("=")[0].strip()
            self._codes[block] = f"{name} = amalthea.WordTokenizer.load({path})"

    def _parent(self, node: Any) -> Any:
        return self._rewriter.get_metadata(metadata.ParentNodeProvider, node)

    def _is_from_json(self, node: Any) -> bool:
        return isinstance(node, cst.Call) and self._rewriter.name_of(node.func) == FROM_JSON


def _opened(block: cst.With) -> tuple[str | None, str]:
    """Returns the code of the path that a block opens, and the name of the file."""
    item = block.items[0]
    call = item.item
    if len(block.items) > 1 or item.asname is None or not isinstance(block.body, cst.IndentedBlock):
        return None, ""
    if not isinstance(call, cst.Call) or code_of(call.func) not in ("open", "io.open") or not call.args:
        return None, ""
    return code_of(call.args[0].value), code_of(item.asname.name)


def _written(lines: list[str], file: str) -> str | None:
    """Returns the code of the tokenizer whose JSON some lines write, and nothing else."""
    text = "; ".join(lines)
    asked = r"(?P<tokenizer>[\w.]+)\.to_json\([^()]*\)"
    named = rf"(?P<name>\w+) = {asked}; {file}\.write\((json\.dumps\()?(?P=name)(, [^()]*\))?\)?"
    patterns = (
        rf"{file}\.write\({asked}\)",
        rf"{file}\.write\(json\.dumps\({asked}(, [^()]*)?\)\)",
        rf"json\.dump\({asked}, {file}(, [^()]*)?\)",
        named,
    )
    found = [match for pattern in patterns if (match := re.fullmatch(pattern, text))]
    return found[0]["tokenizer"] if found else None
