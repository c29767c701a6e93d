"""Where a sequence draws from the global random state, and what to do about it."""

from __future__ import annotations

import libcst as cst
import libcst.matchers as m

from amalthea.migrate.passes._calls import dotted
from amalthea.migrate.passes._inits import method
from amalthea.migrate.passes._values import nodes_of
from amalthea.migrate.rewriter import Rewriter

__all__ = ["global_draws"]

_REMEDIES = {
    "__getitem__": (
        "threads share the global random state, and processes copy it: `amalthea.SequenceLoader(..., seed=0, "
        "use_multiprocessing=True)` sets it for each batch"
    ),
    "on_epoch_end": (
        "all else that draws changes the global random state: make `self.rng = np.random.default_rng(seed)` in "
        "`__init__`, and draw from that"
    ),
}

# What makes a generator of one's own, and draws nothing.
_OWN = (
    "default_rng",
    "RandomState",
    "Generator",
    "SeedSequence",
    "PCG64",
    "Random",
    "SystemRandom",
    "SFC64",
    "MT19937",
)


def global_draws(rewriter: Rewriter, node: cst.ClassDef) -> dict[int, str]:
    """Returns the statements where a class first draws from a global random state, in each method, by their id.

    Args:
        rewriter: The pass that asks.
        node: The class, a sequence; also methods of it are looked at that `__getitem__` or `on_epoch_end` call.
    """
    found: dict[int, str] = {}
    for start, remedy in _REMEDIES.items():
        for name in _reached(node, start):
            function = method(node, name)
            line = _first_draw(rewriter, function) if function is not None else None
            if line is not None:
                found.setdefault(id(line), remedy)
    return found


def _reached(node: cst.ClassDef, start: str) -> list[str]:
    """Returns the names of a method and of all that it calls of its own class."""
    names = [start]
    for name in names:
        function = method(node, name)
        for each in nodes_of(function) if function is not None else ():
            if m.matches(each, m.Attribute(value=m.Name("self"))):
                called = cst.ensure_type(each, cst.Attribute).attr.value
                if called not in names:
                    names.append(called)
    return names


def _first_draw(rewriter: Rewriter, node: cst.CSTNode) -> cst.CSTNode | None:
    """Returns the innermost statement that comes first of those that draw."""
    for child in node.children:
        found = _first_draw(rewriter, child)
        if found is not None:
            takes_comments = isinstance(child, cst.SimpleStatementLine | cst.BaseCompoundStatement)
            return child if takes_comments and not isinstance(found, cst.BaseStatement) else found
    return node if isinstance(node, cst.Attribute | cst.Name) and _draws(rewriter, node) else None


def _draws(rewriter: Rewriter, node: cst.CSTNode) -> bool:
    paths = rewriter.paths_of(node) if dotted(node) else ()
    return any(path.startswith(("numpy.random.", "random.")) and path.rpartition(".")[2] not in _OWN for path in paths)
