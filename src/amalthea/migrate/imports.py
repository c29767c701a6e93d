"""The imports of a program after it was rewritten: what it needs now, and no more of what it needed before."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import libcst as cst
import libcst.matchers as m
from libcst import metadata
from libcst.helpers import get_full_name_for_node

from amalthea.migrate.names import canonical

__all__ = ["Imports", "TakenError", "bound_name", "is_keras_or_tensorflow"]

Import = cst.Import | cst.ImportFrom

_ALL = m.Name("__all__")


# What the new code calls by its name.
_PACKAGES = ("amalthea", "keras", "math")


class TakenError(ValueError):
    """The name of a package that the new code needs is one of the program's own there."""


@dataclasses.dataclass(frozen=True)
class Imports:
    """What is known of the imports of a program before it is rewritten.

    Attributes:
        idle: Names that are imported and not used: others may import them from here, so they stay.
        taken: How often each package's name is used for something else; endlessly often if for both.
    """

    idle: frozenset[str]
    taken: Mapping[str, float]

    @classmethod
    def of(cls, program: metadata.MetadataWrapper) -> Imports:
        """Looks at a program."""
        return cls(frozenset(bound_name(alias) for alias in _unused(program)), _taken(program))

    def settled(self, module: cst.Module, wanted: Iterable[str]) -> cst.Module:
        """Returns the rewritten program with imports of what it wants, and without those that nothing uses any more.

        Args:
            module: The program.
            wanted: Paths of things, as `"amalthea.ImageLoader"`; their packages are imported.

        Raises:
            TakenError: If one of them would be something else there.
        """
        packages = {path.partition(".")[0] for path in wanted}
        module = _added(module, packages)
        wrapper = metadata.MetadataWrapper(module)
        for name, count in _taken(wrapper).items():
            if name in packages and count > self.taken.get(name, 0):
                raise TakenError(f"`{name}` is a name of its own here, and what is to be written needs the package")
        useless = {id(alias) for alias in _unused(wrapper) if bound_name(alias) not in self.idle}
        return wrapper.module.visit(_Removal(useless)) if useless else module


def bound_name(alias: cst.ImportAlias) -> str:
    """Returns the name that an import gives: `b` for `a as b`, `a` for `a.b`."""
    if alias.asname is not None:
        return str(get_full_name_for_node(alias.asname.name))
    return alias.evaluated_name.partition(".")[0]


def is_keras_or_tensorflow(node: Import) -> bool:
    """Returns whether an import is of Keras, wherever it is, or of TensorFlow."""
    if isinstance(node, cst.Import):
        paths = [each.evaluated_name for each in node.names]
    else:
        paths = [] if node.relative or node.module is None else [str(get_full_name_for_node(node.module))]
    return any(canonical(path) or path.partition(".")[0] == "tensorflow" for path in paths)


def _unused(program: metadata.MetadataWrapper) -> list[cst.ImportAlias]:
    """Returns what is imported and neither used nor named in `__all__`."""
    scopes = program.resolve(metadata.ScopeProvider)
    exported = _exported(program.module)
    return [
        alias
        for node, scope in scopes.items()
        if isinstance(node, cst.Import | cst.ImportFrom) and scope is not None
        for alias in _aliases(node)
        if bound_name(alias) not in exported and not _is_used(alias, node, scope)
    ]


def _taken(program: metadata.MetadataWrapper) -> dict[str, float]:
    """Returns how often names of packages are used for something that is not imported."""
    found: dict[str, float] = {}
    for scope in {each for each in program.resolve(metadata.ScopeProvider).values() if each is not None}:
        for name in _PACKAGES:
            all_of_it = [each for each in scope.assignments[name] if isinstance(each, metadata.Assignment)]
            own = [each for each in all_of_it if not isinstance(each, metadata.ImportAssignment)]
            mixed = 0 < len(own) < len(all_of_it)  # as by `except ImportError: keras = None`
            found[name] = found.get(name, 0) + (math.inf if mixed else sum(len(each.references) for each in own))
    return found


def _aliases(node: Import) -> Sequence[cst.ImportAlias]:
    future = (
        isinstance(node, cst.ImportFrom) and isinstance(node.module, cst.Name) and node.module.value == "__future__"
    )
    return () if future or isinstance(node.names, cst.ImportStar) else node.names


def _is_used(alias: cst.ImportAlias, node: Import, scope: metadata.Scope) -> bool:
    # `import a.b` gives the names `a.b` and `a`.
    name = bound_name(alias) if alias.asname is not None else alias.evaluated_name
    parts = name.split(".")
    return any(
        assignment.references
        for count in range(1, len(parts) + 1)
        for assignment in scope[".".join(parts[:count])]
        if isinstance(assignment, metadata.Assignment) and assignment.node is node
    )


def _exported(module: cst.Module) -> set[str]:
    """Returns the names that the module says are for others, in `__all__`."""
    lines = [line for line in module.body if isinstance(line, cst.SimpleStatementLine)]
    said = [part for line in lines for part in line.body if any(m.matches(each, _ALL) for each in _targets(part))]
    return {
        str(cst.ensure_type(text, cst.SimpleString).evaluated_value)
        for part in said
        for text in m.findall(part, m.SimpleString())
    }


def _targets(part: cst.BaseSmallStatement) -> list[cst.BaseExpression]:
    """Returns what a statement sets, or what the method that it calls is of."""
    if isinstance(part, cst.Assign):
        return [each.target for each in part.targets]
    if isinstance(part, cst.AnnAssign | cst.AugAssign):
        return [part.target]
    if isinstance(part, cst.Expr) and isinstance(part.value, cst.Call) and isinstance(part.value.func, cst.Attribute):
        return [part.value.func.value]
    return []


def _added(module: cst.Module, packages: set[str]) -> cst.Module:
    """Adds imports after the first one of Keras or TensorFlow: what is set for these before is set for the new ones."""
    missing = sorted(packages - _bound_at_top(module))
    if not missing:
        return module
    place = _place(module.body)
    lines = [cst.SimpleStatementLine([cst.Import([cst.ImportAlias(cst.Name(name))])]) for name in missing]
    return module.with_changes(body=[*module.body[:place], *lines, *module.body[place:]])


def _bound_at_top(module: cst.Module) -> set[str]:
    found = [each for line in module.body for each in _imports_in(line, deep=False)]
    return {
        bound_name(alias)
        for node in found
        if not isinstance(node.names, cst.ImportStar)
        for alias in node.names
        if isinstance(node, cst.Import) or alias.evaluated_name in ("keras",)
    }


def _place(body: Sequence[Any]) -> int:
    imports = [place for place, line in enumerate(body) if _imports_in(line, deep=False)]
    keras = [place for place, line in enumerate(body) if any(map(is_keras_or_tensorflow, _imports_in(line, deep=True)))]
    if keras:
        return keras[0] + 1
    if imports:
        return imports[-1] + 1
    return 1 if body and _is_docstring(body[0]) else 0


def _imports_in(line: cst.CSTNode, *, deep: bool) -> list[Import]:
    """Returns the imports of a statement, or those in the `if` or `try` that it is, if `deep`; none of a function."""
    if isinstance(line, cst.SimpleStatementLine):
        return [part for part in line.body if isinstance(part, cst.Import | cst.ImportFrom)]
    if not deep or isinstance(line, cst.FunctionDef | cst.ClassDef):
        return []
    return [each for child in line.children for each in _imports_in(child, deep=True)]


def _is_docstring(line: Any) -> bool:
    return isinstance(line, cst.SimpleStatementLine) and isinstance(line.body[0], cst.Expr)


class _Removal(cst.CSTTransformer):
    """Takes imports out, and leaves the comments that stand above them where they are."""

    def __init__(self, useless: Collection[int]) -> None:
        super().__init__()
        self._useless = useless
        self._gone: list[cst.CSTNode] = []

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine:
        parts = [left for part in original_node.body if (left := self._left_of(part)) is not None]
        if not parts:
            self._gone.append(updated_node)
            return updated_node
        return updated_node.with_changes(body=parts) if parts != list(original_node.body) else updated_node

    def _left_of(self, part: Any) -> Any:
        """Returns what is left of a statement, or `None`."""
        if not isinstance(part, cst.Import | cst.ImportFrom) or isinstance(part.names, cst.ImportStar):
            return part
        kept = [alias for alias in part.names if id(alias) not in self._useless]
        if not kept or len(kept) == len(part.names):
            return part if kept else None
        return part.with_changes(names=[*kept[:-1], kept[-1].with_changes(comma=part.names[-1].comma)])

    def leave_Try(self, original_node: cst.Try, updated_node: cst.Try) -> cst.Try:
        blocks: list[Any] = [updated_node.body, *(each.body for each in updated_node.handlers)]
        if not updated_node.orelse and not updated_node.finalbody and not any(block.body for block in blocks):
            self._gone.append(updated_node)  # nothing is left to be tried
        return updated_node

    def leave_Module(self, original_node: cst.Module, updated_node: cst.Module) -> cst.Module:
        return updated_node.with_changes(**self._closed_up(updated_node))

    def leave_IndentedBlock(self, original_node: Any, updated_node: cst.IndentedBlock) -> cst.IndentedBlock:
        return updated_node.with_changes(**self._closed_up(updated_node))

    def _closed_up(self, block: cst.Module | cst.IndentedBlock) -> dict[str, Any]:
        """Returns the lines of a block without those that are gone; what stood above them goes to the next."""
        lines: Sequence[Any] = block.body
        body: list[Any] = []
        above: list[cst.EmptyLine] = []
        for line in lines:
            if any(line is each for each in self._gone):
                above = _joined(above, line.leading_lines)
            else:
                body.append(line.with_changes(leading_lines=_joined(above, line.leading_lines)) if above else line)
                above = []
        return {"body": body, "footer": [*above, *block.footer] if _has_comment(above) else block.footer}


def _joined(above: Sequence[cst.EmptyLine], below: Sequence[cst.EmptyLine]) -> list[cst.EmptyLine]:
    """Returns the lines above two statements for the second alone: all comments, and as much space as one had."""
    if not above or _has_comment(above):
        return [*above, *below]
    return list(below) if len(below) >= len(above) or _has_comment(below) else list(above)


def _has_comment(lines: Sequence[cst.EmptyLine]) -> bool:
    return any(line.comment for line in lines)
