"""Where a program uses things of Keras, and by what names it has imported them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator

import libcst as cst
from libcst import metadata

from amalthea.migrate.imports import bound_name
from amalthea.migrate.names import canonical
from amalthea.migrate.passes._calls import dotted
from amalthea.migrate.passes._values import nodes_of
from amalthea.migrate.passes.modern import missing, modern
from amalthea.migrate.rewriter import Rewriter

__all__ = ["Use", "Uses", "lost", "paths_of_import"]


@dataclasses.dataclass(frozen=True)
class Use:
    """A name in a program, as `np_utils.to_categorical`.

    Attributes:
        name: What it begins with: `"np_utils"`.
        rest: What follows: `".to_categorical"`.
        origin: The path that the first was imported by: `"keras.utils.np_utils"`.
    """

    name: str
    rest: str
    origin: str

    @property
    def path(self) -> str:
        """The path in Keras, as `"keras.utils.to_categorical"`; nothing for what is not of Keras."""
        return canonical(self.origin + self.rest) or ""


class Uses:
    """All names of a program that stand for something that was imported.

    Args:
        rewriter: The pass that asks; its metadata are used.
        module: The program.
        idle: Names that are imported for others.

    Attributes:
        idle: As given, and those that are named in strings, as in `__all__`.
    """

    def __init__(self, rewriter: Rewriter, module: cst.Module, idle: frozenset[str]) -> None:
        self.idle = idle
        self._rewriter = rewriter
        self._by_node: dict[int, Use] = {}
        self._origins: dict[str, set[str]] = {}  # by the name that an import gives
        self._others: set[str] = set()  # names that are given by something else
        self._quoted: set[str] = set()  # names in strings, as in `__all__`
        for node in nodes_of(module):
            self._note_names(node)
        self.idle |= self._quoted & set(self._origins)
        self._look(module)

    def at(self, node: cst.CSTNode) -> Use | None:
        """Returns the use that a node stands for: a name as long as it is."""
        return self._by_node.get(id(node))

    def paths_by(self, name: str) -> set[str]:
        """Returns the paths of all that is used by way of an imported name; nothing stands for what is not of Keras."""
        return {use.path for use in self._by_node.values() if use.name == name}

    def renamed(self, name: str) -> str:
        """Returns what an imported name is to be: the name in Keras 3, if nothing speaks against it."""
        origins = self._origins.get(name, set())
        news = {modern(canonical(origin) or "").rpartition(".")[2] for origin in origins}
        new = news.pop() if len(news) == 1 else ""
        if not new or new == name or any(origin.rpartition(".")[2] != name for origin in origins):
            return name
        taken = {name, new} & (self._others | self._quoted) or name in self.idle or new in self._origins
        return name if taken else new

    def _note_names(self, node: cst.CSTNode) -> None:
        if isinstance(node, cst.Import | cst.ImportFrom):
            for alias, path in paths_of_import(node):
                self._origins.setdefault(bound_name(alias), set()).add(path)
        elif isinstance(node, cst.SimpleString):
            value = node.evaluated_value
            if isinstance(value, str) and re.fullmatch(r"[\w.\[\], |]+", value):
                self._quoted.update(re.findall(r"\w+", value))
        elif isinstance(node, cst.ClassDef | cst.FunctionDef | cst.Param):
            self._others.add(node.name.value)
        elif isinstance(node, cst.AssignTarget | cst.AnnAssign | cst.For | cst.CompFor):
            self._others.update(_names_in(node.target))

    def _look(self, node: cst.CSTNode) -> None:
        """Notes names as long as they are: `tf.keras.layers`, and not the `tf.keras` in it."""
        if isinstance(node, cst.Import | cst.ImportFrom):
            return
        if isinstance(node, cst.Name | cst.Attribute) and self._note(node):
            return
        # A keyword or an attribute is no name, though one may be imported that looks like it.
        inside = [node.value] if isinstance(node, cst.Arg | cst.Attribute) else node.children
        for child in inside:
            self._look(child)

    def _note(self, node: cst.Name | cst.Attribute) -> bool:
        context = self._rewriter.get_metadata(metadata.ExpressionContextProvider, node, None)
        paths, (name, _, rest) = self._rewriter.paths_of(node), dotted(node).partition(".")
        if not paths or not name or context is not metadata.ExpressionContext.LOAD:
            return False
        rest = f".{rest}" if rest else ""
        origins = sorted(path.removesuffix(rest) for path in paths)
        same = len({canonical(path) for path in paths}) == 1
        self._by_node[id(node)] = Use(name, rest, origins[0] if same else "")
        return True


def _names_in(target: cst.BaseExpression) -> Iterator[str]:
    """Gives the names that something is given to: not the `b` of `a.b`."""
    if isinstance(target, cst.Name):
        yield target.value
    elif isinstance(target, cst.Tuple | cst.List):
        for element in target.elements:
            yield from _names_in(element.value)


def paths_of_import(node: cst.Import | cst.ImportFrom) -> Iterator[tuple[cst.ImportAlias, str]]:
    """Gives what an import names, with the path that the name it gives stands for; nothing for `*` and `from .`."""
    if isinstance(node.names, cst.ImportStar) or (isinstance(node, cst.ImportFrom) and node.relative):
        return
    for alias in node.names:
        path = alias.evaluated_name
        if isinstance(node, cst.ImportFrom) and node.module is not None:
            yield alias, f"{dotted(node.module)}.{path}"
        else:
            yield alias, path if alias.asname is not None else path.partition(".")[0]


def lost(paths: Iterable[str]) -> list[str]:
    """Returns what is to be said of those things, of many, that Keras 3 has no more: what is to be seen instead."""
    names: dict[str, set[str]] = {}
    for found in map(missing, paths):
        if found is not None:
            names.setdefault(found[1], set()).add(f"`{found[0]}`")
    return [
        f"Keras 3 has no {', '.join(sorted(lost))}" + (f": see {remedy}" if remedy else "")
        for remedy, lost in sorted(names.items())
    ]
