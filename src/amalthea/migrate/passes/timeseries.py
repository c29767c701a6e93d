"""`TimeseriesGenerator`: `TimeSeriesLoader` in its place, with the same windows."""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst
from libcst import metadata

from amalthea.migrate.passes._calls import code_of
from amalthea.migrate.passes._layout import Layout, New
from amalthea.migrate.passes._legacy_calls import UNKNOWN, bound, in_parentheses, literal
from amalthea.migrate.rewriter import Rewriter, expression

__all__ = ["Timeseries"]

GENERATOR = "keras.preprocessing.sequence.TimeseriesGenerator"

ARGUMENTS = (
    "data",
    "targets",
    "length",
    "sampling_rate",
    "stride",
    "start_index",
    "end_index",
    "shuffle",
    "reverse",
    "batch_size",
)

# Those of Keras 3 that were Keras' own.
WORKERS = ("workers", "use_multiprocessing", "max_queue_size")

_UNSURE = (
    "TimeseriesGenerator is left as it is, for its arguments are not all known here; write "
    "amalthea.TimeSeriesLoader(data, targets[length:], length)"
)
_DERIVED = (
    "TimeseriesGenerator is not in Keras 3; write a loader of amalthea.sources.Windows(data, targets[length:], length)"
)


class Timeseries(Rewriter):
    """`TimeseriesGenerator` becomes `TimeSeriesLoader`.

    There a target is that of the step behind its window, here that of its first step: the targets begin later.
    """

    METADATA_DEPENDENCIES = (*Rewriter.METADATA_DEPENDENCIES, metadata.ParentNodeProvider)

    words = ("TimeseriesGenerator",)

    def visit_Module(self, node: cst.Module) -> None:
        """Takes the program."""
        self._module = node

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> cst.ClassDef:
        """Marks a class that is derived from it."""
        if any(self.name_of(base.value) == GENERATOR for base in original_node.bases):
            self.mark(_DERIVED)
        return updated_node

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        """Rewrites the call."""
        if self.name_of(original_node.func) != GENERATOR:
            return updated_node
        args = bound(updated_node.args, (*ARGUMENTS, *WORKERS))
        if args is None or not {"data", "targets", "length"} <= set(args):
            self.mark(_UNSURE)
            return updated_node
        self.changed(original_node, "`TimeseriesGenerator` is `amalthea.TimeSeriesLoader`")
        layout = Layout.at(self, self._module, original_node)
        return layout.call(updated_node, self.use("amalthea.TimeSeriesLoader"), _arguments(args))


def _arguments(args: Mapping[str, cst.Arg]) -> list[New]:
    new = []
    for name, arg in args.items():
        value = arg.value
        if name == "targets":
            value = _targets(args)
        elif name == "length":
            value = _sequence_length(args)
        elif name == "end_index":  # it is in the targets
            continue
        renamed = {"length": "sequence_length", "stride": "sequence_stride"}.get(name, name)
        by_place = arg.keyword is None and name in ARGUMENTS[:3]
        new.append(New(None if by_place else renamed, value, arg))
    return new


def _targets(args: Mapping[str, cst.Arg]) -> cst.BaseExpression:
    """Returns the targets from that of the first window on; `end_index` is that of the last."""
    length = args["length"].value
    first = code_of(length) if isinstance(length, cst.Name | cst.Integer | cst.Attribute) else in_parentheses(length)
    stop = ""
    if "end_index" in args and literal(args["end_index"].value) is not None:
        end = args["end_index"].value
        value = literal(end)
        stop = str(value + 1) if isinstance(value, int) else f"{in_parentheses(end)} + 1"
        if not stop.isdigit():
            return expression(f"{in_parentheses(args['targets'].value)}[{first} : {stop}]")
    return expression(f"{in_parentheses(args['targets'].value)}[{first}:{stop}]")


def _sequence_length(args: Mapping[str, cst.Arg]) -> cst.BaseExpression:
    """Returns the number of steps that are read of a window: `length / sampling_rate`, rounded up."""
    length = args["length"].value
    rate = literal(args["sampling_rate"].value) if "sampling_rate" in args else 1
    steps = literal(length)
    if rate == 1:
        return length
    if isinstance(rate, int) and isinstance(steps, int):
        return cst.Integer(str(-(-steps // rate)))
    rate_code = str(rate) if rate is not UNKNOWN else in_parentheses(args["sampling_rate"].value)
    return expression(f"-(-{in_parentheses(length)} // {rate_code})")
