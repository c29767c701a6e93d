"""All that a model keeps while it is trained: weights, states of random layers, optimizers, metrics."""

from __future__ import annotations

import itertools
import sys
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from amalthea.errors import ConfigurationError

__all__ = ["build", "check_values", "random_state", "restore_random_state", "restore_values", "values_of"]


def build(model: Any, loader: Any) -> None:
    """Makes the variables that Keras makes on TensorFlow with the first step only.

    Args:
        model: A compiled model.
        loader: What it is trained from.
    """
    if keras.backend.backend() == "tensorflow":
        model._symbolic_build(data_batch=loader.peek())


def values_of(model: Any) -> dict[str, Any]:
    """Returns the values of all variables, as plain values."""
    variables = _variables_of(model)
    return {
        "paths": [variable.path for variable in variables],
        "dtypes": [str(variable.dtype) for variable in variables],
        "values": [np.asarray(keras.ops.convert_to_numpy(variable)) for variable in variables],
    }


def check_values(model: Any, saved: dict[str, Any]) -> None:
    """Checks that values are those of such a model.

    Raises:
        ConfigurationError: If they are not; it names the first variable that differs.
    """
    ours = [_described(each.path, each.shape, each.dtype) for each in _variables_of(model)]
    shapes = [value.shape for value in saved["values"]]
    theirs = [_described(*each) for each in zip(saved["paths"], shapes, saved["dtypes"], strict=True)]
    for our, their in itertools.zip_longest(ours, theirs, fillvalue="missing"):
        # The path has numbers that depend on what else was made in the program.
        if our.rpartition(": ")[2] != their.rpartition(": ")[2]:
            raise ConfigurationError(
                f"The backup is of another model or another `compile`: the model has {len(ours)} variables and the "
                f"backup {len(theirs)}; `{our}` in the model is `{their}` in the backup. Make the model as it was, or "
                "remove the backup to train from the beginning. An optimizer of a `train_step` of your own must be "
                "built before `fit`: `optimizer.build(variables)`."
            )


def restore_values(model: Any, saved: dict[str, Any]) -> None:
    """Gives all variables the values they had."""
    for variable, value in zip(_variables_of(model), saved["values"], strict=True):
        variable.assign(value)


def random_state() -> list[npt.NDArray[Any]]:
    """Returns the state of PyTorch's own generators, which a `Dropout` without a seed draws from; else nothing."""
    if keras.backend.backend() != "torch":
        return []
    torch = sys.modules["torch"]
    devices = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
    return [state.numpy() for state in (torch.get_rng_state(), *devices)]


def restore_random_state(state: list[npt.NDArray[Any]]) -> None:
    """Brings back the state of the generators."""
    if not state or keras.backend.backend() != "torch":
        return
    torch = sys.modules["torch"]
    torch.set_rng_state(torch.from_numpy(state[0]))
    for device in range(min(len(state) - 1, torch.cuda.device_count())):
        torch.cuda.set_rng_state(torch.from_numpy(state[1 + device]), device)


def _variables_of(model: Any) -> list[Any]:
    groups = [model.variables, model.metrics_variables]  # in an order that does not depend on what is trainable now
    groups.extend(optimizer.variables for optimizer in _optimizers_of(model))
    return list({id(variable): variable for group in groups for variable in group}.values())


def _optimizers_of(model: Any) -> list[Any]:
    """Returns the optimizers of a model, also those in lists and dicts: a `train_step` of its own may have several."""
    values = []
    for value in vars(model).values():
        inside = value.values() if isinstance(value, dict) else value
        values += [value, *inside] if isinstance(value, dict | list | tuple) else [value]
    return [value for value in values if isinstance(value, keras.optimizers.Optimizer)]


def _described(path: str, shape: Any, dtype: Any) -> str:
    return f"{path}: {tuple(shape)} {dtype}"
