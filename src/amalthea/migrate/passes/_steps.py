"""Numbers of steps that say what the data says itself."""

from __future__ import annotations

from typing import Any

import libcst as cst
import libcst.matchers as m

from amalthea.migrate.passes._calls import code_of, dotted, keyword, plain
from amalthea.migrate.passes._values import Kind, Values

__all__ = ["batch_size_of", "is_all_samples", "is_whole_pass"]

_SAMPLES = ("samples", "n", "nb_sample", "num_samples")
_ROUNDING = ("int", "ceil", "math.ceil", "np.ceil", "numpy.ceil", "round", "np.floor", "math.floor", "float")


def is_whole_pass(steps: Any, data: Any, values: Values) -> bool:
    """Returns whether a number of steps is the length of the data, for all that is known.

    Args:
        steps: `len(data)`, `data.samples // data.batch_size` and the like, or a name for that.
        data: What gives the batches.
        values: What is known.
    """
    kind, origins = values.kind_of(data), values.origins_of(steps)
    if kind not in (Kind.SEQUENCE, Kind.LOADER) or len(origins) != 1:
        return False
    steps = _unrounded(origins[0])
    if m.matches(steps, m.Call(func=m.Name("len"), args=[m.Arg()])):
        return plain(steps.args[0].value) == plain(data)
    if m.matches(steps, m.BinaryOperation(operator=m.Add(), right=m.Integer("1"))):
        steps = _unrounded(steps.left)
    if kind is Kind.SEQUENCE or not m.matches(steps, m.BinaryOperation(operator=m.Divide() | m.FloorDivide())):
        return False
    divisor = {code_of(steps.right), *(code_of(each) for each in values.origins_of(steps.right) if each is not None)}
    size = batch_size_of(data, values)
    sizes = {code_of(size), *(code_of(each) for each in values.origins_of(size) if each is not None)} if size else set()
    return is_all_samples(steps.left, data) and bool(divisor & {f"{dotted(data)}.batch_size", *sizes})


def is_all_samples(number: Any, data: Any) -> bool:
    """Returns whether a number is that of all samples, as the iterators of old had it: `data.samples`."""
    return dotted(_unrounded(number)) in {f"{dotted(data)}.{name}" for name in _SAMPLES}


def batch_size_of(data: Any, values: Values) -> cst.BaseExpression | None:
    """Returns the argument `batch_size` of the one call that made the data."""
    origins = values.origins_of(data)
    if len(origins) != 1 or not isinstance(origins[0], cst.Call):
        return None
    size = keyword(origins[0].args, "batch_size")
    return size.value if size is not None else None


def _unrounded(node: Any) -> Any:
    while isinstance(node, cst.Call) and dotted(node.func) in _ROUNDING and len(node.args) == 1:
        node = node.args[0].value
    return node.with_changes(lpar=[], rpar=[]) if isinstance(node, cst.BinaryOperation | cst.Attribute) else node
