"""Arguments of layers, models and optimizers that were called otherwise."""

from __future__ import annotations

import libcst as cst
import libcst.matchers as m

from amalthea.migrate.passes._calls import code_of, keyword, named, without
from amalthea.migrate.passes.modern import modern
from amalthea.migrate.rewriter import Rewriter, expression

__all__ = ["KerasArguments"]

# Of Keras 1.
_LAYERS = {
    "W_constraint": "kernel_constraint",
    "W_regularizer": "kernel_regularizer",
    "b_constraint": "bias_constraint",
    "b_regularizer": "bias_regularizer",
    "bias": "use_bias",
    "border_mode": "padding",
    "init": "kernel_initializer",
    "nb_filter": "filters",
    "subsample": "strides",
}
_RENAMED = {
    "Dense": {**_LAYERS, "output_dim": "units"},
    "Dropout": {"p": "rate"},
    **{f"Conv{n}D": _LAYERS for n in (1, 2, 3)},
    **{f"{kind}Pooling{n}D": {"border_mode": "padding"} for n in (1, 2, 3) for kind in ("Max", "Average")},
    "Model": {"input": "inputs", "output": "outputs"},
}
_SIDES = ("nb_row", "nb_col")


class KerasArguments(Rewriter):
    """`lr=` of optimizers, and what Keras 1 called the arguments of the layers that most programs have."""

    words = ("lr", "decay", "epsilon", *_LAYERS, *_SIDES, "output_dim", "p=", "input=", "output=", "Convolution")

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        """Renames the arguments of a call."""
        path = modern(self.name_of(original_node.func) or "")
        package, _, name = path.rpartition(".")
        if package == "keras.optimizers" and name[:1].isupper():
            result = self._optimizer(updated_node)
        elif package in ("keras.layers", "keras.models", "keras") and name in _RENAMED:
            result = _with_names(_with_size(updated_node, name), _RENAMED[name])
        else:
            return updated_node
        if not result.deep_equals(updated_node):
            self.changed(original_node, f"arguments of `{name}`")
        return result

    def _optimizer(self, call: cst.Call) -> cst.Call:
        result = _with_names(call, {"lr": "learning_rate"})
        gone = [
            name
            for name, value in _NOTHING.items()
            if (arg := keyword(result.args, name)) and m.matches(arg.value, value)
        ]
        decay = keyword(result.args, "decay")
        if decay is not None and "decay" not in gone:
            rate = keyword(result.args, "learning_rate")
            start = code_of(rate.value) if rate is not None else "..."
            self.mark(
                "`decay` is ignored by Keras 3: give "
                f"`learning_rate=keras.optimizers.schedules.InverseTimeDecay({start}, 1, "
                f"{code_of(decay.value)})`"
            )
        return result.with_changes(args=without(result.args, gone))


_ZERO = m.Float("0.0") | m.Float("0.") | m.Integer("0")
_NOTHING = {"decay": _ZERO, "epsilon": m.Name("None")}


def _with_names(call: cst.Call, names: dict[str, str]) -> cst.Call:
    """Returns a call with arguments by their new names."""
    args = [
        named(arg, names[arg.keyword.value]) if arg.keyword is not None and arg.keyword.value in names else arg
        for arg in call.args
    ]
    return call.with_changes(args=args)


def _with_size(call: cst.Call, name: str) -> cst.Call:
    """Returns a call of `Conv2D(32, 3, 3)`, which gave rows and columns, as `Conv2D(32, (3, 3))`."""
    if name != "Conv2D" or len(call.args) < 3:
        return call
    first, rows, columns, *rest = call.args
    whole = all(isinstance(arg.value, cst.Integer) and arg.keyword is None for arg in (first, rows, columns))
    # In Keras 2 the third was the stride, which a stride of more than 2 is too rare for.
    if not whole or int(cst.ensure_type(columns.value, cst.Integer).value) < 3:
        return call
    size = expression(f"({code_of(rows.value)}, {code_of(columns.value)})")
    return call.with_changes(args=[first, columns.with_changes(value=size), *rest])
