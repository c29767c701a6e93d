"""Modules of Keras that were given a name by `=`, imported by that name instead."""

from __future__ import annotations

import libcst as cst

from amalthea.migrate.names import canonical
from amalthea.migrate.passes._calls import dotted
from amalthea.migrate.rewriter import Notes, Rewriter, expression

__all__ = ["Aliases"]


class Aliases(Rewriter):
    """`keras = tf.keras` becomes `from tensorflow import keras`, so that all that follows can tell what it is."""

    words = (".keras",)

    def __init__(self, notes: Notes) -> None:
        super().__init__(notes)
        self._paths: dict[str, str] = {}  # by the names that were given so far

    def leave_Assign(self, original_node: cst.Assign, updated_node: cst.Assign) -> cst.BaseSmallStatement:
        """Looks at `name = tf.keras...`."""
        target, value = original_node.targets[0].target, dotted(original_node.value)
        paths = self.paths_of(original_node.value) or {
            self._paths.get(value.partition(".")[0], "") + value[value.find(".") :]
        }
        if len(original_node.targets) > 1 or not isinstance(target, cst.Name) or not value or len(paths) != 1:
            return updated_node
        package, _, name = paths.pop().rpartition(".")
        path = canonical(f"{package}.{name}")
        if not package.startswith("tensorflow") or path is None or not (_is_package(path) or name == target.value):
            return updated_node
        self._paths[target.value] = f"{package}.{name}"
        self.changed(original_node, f"`{target.value} = {value}` is an import")
        alias = cst.ImportAlias(cst.Name(name))
        if name != target.value:
            alias = alias.with_changes(asname=cst.AsName(cst.Name(target.value)))
        module = expression(package)
        assert isinstance(module, cst.Name | cst.Attribute)
        return cst.ImportFrom(module, [alias])


def _is_package(path: str) -> bool:
    """Returns whether a path is that of Keras or a package of it, such as `keras.layers`."""
    return path == "keras" or (path.count(".") == 1 and path.islower())
