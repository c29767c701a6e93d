"""Imports from Keras, from where Keras 3 has its things."""

from __future__ import annotations

import libcst as cst

from amalthea.migrate.imports import bound_name
from amalthea.migrate.names import canonical
from amalthea.migrate.passes._calls import code_of, dotted
from amalthea.migrate.passes._keras_uses import Uses, lost, paths_of_import
from amalthea.migrate.passes.modern import modern
from amalthea.migrate.rewriter import expression

__all__ = ["losses_of", "modern_imports"]

Import = cst.Import | cst.ImportFrom

# Modules of which Keras 3 has nothing, or not enough to import them for.
_POOR = ("keras.backend", "keras.preprocessing", "keras.engine", "keras.experimental", "keras.estimator")


def losses_of(name: str, origin: str, uses: Uses) -> list[str]:
    """Returns what is to be said of an import that has to stay as it is; nothing if it need not.

    Args:
        name: The name that it gives.
        origin: The path that this stands for.
        uses: What the program does with it.
    """
    path = canonical(origin)
    if path is None or (path.count(".") < 2 and path.islower() and not path.startswith(_POOR)):
        return []  # what is lost of Keras itself, and of its great packages, is said where it is used
    return lost(uses.paths_by(name) | ({path} if name in uses.idle else set()))


def modern_imports(node: Import, uses: Uses) -> list[Import]:
    """Returns an import from where Keras 3 has its things, in as many parts as there are modules.

    Args:
        node: The import. What it takes from elsewhere, and what Keras 3 has no more, it goes on taking from there.
        uses: What the program does with what it imports.
    """
    if isinstance(node, cst.ImportFrom) and (isinstance(node.names, cst.ImportStar) or node.relative):
        path = canonical(dotted(node.module)) if node.module is not None and not node.relative else None
        return [node if path is None else _from(node, modern(path))]
    homes: dict[str, list[cst.ImportAlias]] = {_home(node): []}  # what stays comes first: a mark is then above that
    for alias, origin in paths_of_import(node):
        home, new = _moved(node, alias, origin, uses)
        if _plain(new) not in map(_plain, homes.setdefault(home, [])):
            homes[home].append(new)
    homes = {home: aliases for home, aliases in homes.items() if aliases}
    parts = [_part(node, home, aliases, whole=len(homes) == 1) for home, aliases in homes.items()]
    return parts if not all(part.deep_equals(node) for part in parts) else [node]


def _moved(node: Import, alias: cst.ImportAlias, origin: str, uses: Uses) -> tuple[str, cst.ImportAlias]:
    """Returns the module that something is in now, nothing for that of `import`, and its name there."""
    here, name, path = _home(node), bound_name(alias), canonical(origin)
    used = uses.paths_by(name)
    if not here and alias.asname is None:
        return here, alias.with_changes(name=expression(_whole(alias.evaluated_name, used)))
    if path is None or losses_of(name, origin, uses) or not (used or name in uses.idle):
        return here, alias
    home, _, last = modern(path).rpartition(".") if here else ("", "", modern(path))
    given = uses.renamed(name)
    asname = None if given == last else alias.asname or _as(name)
    return home, alias.with_changes(name=expression(last), asname=asname)


def _home(node: Import) -> str:
    return dotted(node.module) if isinstance(node, cst.ImportFrom) and node.module is not None else ""


def _whole(path: str, used: set[str]) -> str:
    """Returns what `import path` imports now; one of TensorFlow stays if there is a use of it besides Keras."""
    new = canonical(path)
    if (
        new is None
        or modern(new) == path
        or (not path.startswith("keras") and (not used or not all(used) or lost(used)))
    ):
        return path
    return "keras"


def _part(node: Import, home: str, aliases: list[cst.ImportAlias], *, whole: bool) -> Import:
    """Returns an import of these from there; in the layout that it had, if all are still together."""
    names = aliases if whole else [each.with_changes(comma=cst.MaybeSentinel.DEFAULT) for each in aliases]
    if whole and not isinstance(node.names, cst.ImportStar):
        names = [*names[:-1], names[-1].with_changes(comma=node.names[-1].comma)]
    if isinstance(node, cst.ImportFrom) and home:
        if whole:
            return _from(node.with_changes(names=names), home)
        return cst.ImportFrom(_module(home), names)
    return (
        node.with_changes(names=names)
        if isinstance(node, cst.Import)
        else cst.Import([*names[:-1], names[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)])
    )


def _from(node: cst.ImportFrom, home: str) -> cst.ImportFrom:
    same = node.module is not None and dotted(node.module) == home
    return node if same else node.with_changes(module=_module(home))


def _module(path: str) -> cst.Name | cst.Attribute:
    module = expression(path)
    assert isinstance(module, cst.Name | cst.Attribute)
    return module


def _plain(alias: cst.ImportAlias) -> str:
    return code_of(alias.with_changes(comma=cst.MaybeSentinel.DEFAULT))


def _as(name: str) -> cst.AsName:
    return cst.AsName(cst.Name(name))
