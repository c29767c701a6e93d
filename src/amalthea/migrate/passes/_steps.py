"""Numbers of steps: those that say what the data says itself, and those that are no whole numbers yet."""

from __future__ import annotations

from typing import Any

import libcst as cst
import libcst.matchers as m

from amalthea.migrate.passes._calls import code_of, dotted, keyword, plain
from amalthea.migrate.passes._values import Kind, Values

__all__ = ["STEPS", "batches_of_samples", "is_all_samples", "is_share", "is_whole_pass", "whole_number"]

# By the argument that counts batches, that which gives them.
STEPS = {"steps_per_epoch": "x", "steps": "x", "validation_steps": "validation_data"}

_SAMPLES = ("samples", "n", "nb_sample", "num_samples")
_ROUNDING = ("int", "ceil", "math.ceil", "np.ceil", "numpy.ceil", "round", "np.floor", "math.floor", "float")
_FRACTION = m.BinaryOperation(left=m.Float("1.") | m.Float("1.0"), operator=m.Multiply())  # of Python 2
_FLOATS = ("np.ceil", "numpy.ceil", "np.floor", "numpy.floor", "np.round", "numpy.round", "float")


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
    return is_all_samples(steps.left, data, values) and bool(divisor & {f"{dotted(data)}.batch_size", *sizes})


def is_share(steps: Any, data: Any) -> bool:
    """Returns whether a number of steps is no more than the length of the data: `len(data) // 2` and the like."""
    steps = _unrounded(steps)
    if isinstance(steps, cst.BinaryOperation) and isinstance(steps.operator, cst.Divide | cst.FloorDivide):
        steps = _unrounded(steps.left)
    return code_of(steps) == f"len({plain(data)})"


def is_all_samples(number: Any, data: Any, values: Values) -> bool:
    """Returns whether a number is that of all samples: `data.samples`, as the iterators of old had it, or `len(x)`."""
    number = _unrounded(number)
    origins = values.origins_of(data)
    arrays = _arrays_of(origins[0]) if len(origins) == 1 else []
    lengths = [length for array in arrays for length in (f"len({array})", f"{array}.shape[0]")]
    return dotted(number) in {f"{dotted(data)}.{name}" for name in _SAMPLES} or code_of(number) in lengths


def batches_of_samples(number: Any, data: Any, values: Values) -> str | None:
    """Returns the code for how many batches hold a number of samples; `None` if their size is not known."""
    size = batch_size_of(data, values)
    if size is None:
        return None
    code = code_of(cst.BinaryOperation(_whole(number), cst.FloorDivide(), _whole(size)))
    return f"int({code})" if _is_float(number, values) else code


def whole_number(steps: Any, values: Values) -> str:
    """Returns the code for a number of steps, which may have been a fraction: legacy loops went on to the next step."""
    if not _is_float(steps, values):
        return plain(steps)
    rounded = isinstance(steps, cst.Call) and dotted(steps.func) in _FLOATS
    return f"{'int' if rounded else 'math.ceil'}({plain(steps)})"


def batch_size_of(data: Any, values: Values) -> cst.BaseExpression | None:
    """Returns the argument `batch_size` of the one call that made the data."""
    origins = values.origins_of(data)
    if len(origins) != 1 or not isinstance(origins[0], cst.Call):
        return None
    size = keyword(origins[0].args, "batch_size")
    return size.value if size is not None else None


def _unrounded(node: Any) -> Any:
    while True:
        if isinstance(node, cst.Call) and dotted(node.func) in _ROUNDING and len(node.args) == 1:
            node = node.args[0].value
        elif m.matches(node, _FRACTION):
            node = node.right
        else:
            break
    return node.with_changes(lpar=[], rpar=[]) if isinstance(node, cst.BinaryOperation | cst.Attribute) else node


def _whole(value: cst.BaseExpression) -> cst.BaseExpression:
    """Returns a number that another is divided by, or that is divided."""
    simple = isinstance(value, cst.Name | cst.Attribute | cst.Integer | cst.Call) or value.lpar
    return value if simple else value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def _is_float(node: Any, values: Values) -> bool:
    if isinstance(node, cst.BinaryOperation):
        return isinstance(node.operator, cst.Divide) or _is_float(node.left, values) or _is_float(node.right, values)
    if isinstance(node, cst.Name):
        origins = values.origins_of(node)
        return any(_is_float(each, values) for each in origins if not isinstance(each, cst.Name))
    return isinstance(node, cst.Float) or (isinstance(node, cst.Call) and dotted(node.func) in _FLOATS)


def _arrays_of(loader: Any) -> list[str]:
    """Returns the code of the arrays of which a loader takes all samples."""
    if not isinstance(loader, cst.Call) or dotted(loader.func) != "amalthea.ArrayLoader":
        return []
    if keyword(loader.args, "subset") is not None:
        return []
    given = [arg.value for arg in loader.args[:2] if arg.star == "" and (arg.keyword is None or _name(arg) in "xy")]
    return [code_of(each).removesuffix('.astype("float32")') for each in given]


def _name(arg: cst.Arg) -> str:
    return arg.keyword.value if arg.keyword is not None else ""
