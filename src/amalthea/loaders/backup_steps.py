"""Steps of `fit` that the model has taken already."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras

from amalthea.errors import ConfigurationError

__all__ = ["TakenSteps", "check_steps"]


class TakenSteps:
    """Lets `fit`, which begins each epoch with its first step, run through steps without training.

    Args:
        model: The model.
        logs: What the last of the steps has told.
    """

    def __init__(self, model: keras.Model, logs: dict[str, Any]) -> None:
        self._model, self._logs, self._train = model, logs, model.train_function

    def pass_next(self) -> None:
        """Makes the next step an empty one."""
        self._model.train_function = self._step

    def _step(self, *arguments: Any) -> Any:
        self._model.train_function = self._train  # each time, so that an interrupt cannot leave the model without it
        batches = arguments[-1]
        if isinstance(batches, Iterator):  # on PyTorch they have been taken from it
            for _ in range(self._model.steps_per_execution):
                next(batches, None)
        # JAX hands its state through.
        return (self._logs, arguments[0]) if len(arguments) > 1 else self._logs


def check_steps(loader: Any, steps: int | None, steps_per_execution: int) -> None:
    """Checks that an epoch of `fit` ends where one that was interrupted would.

    Args:
        loader: What is trained from.
        steps: Steps of an epoch of `fit`; `None` if there is no last one.
        steps_per_execution: As the model was compiled with.

    Raises:
        ConfigurationError: If it does not.
    """
    length = loader.num_batches
    if steps is None or steps == length:
        return
    if steps % steps_per_execution or (length is not None and (length % steps or not loader._ahead_of_passes)):
        raise ConfigurationError(
            f"`fit` has `steps_per_epoch={steps}`, the loader {length} batches, the model "
            f"`steps_per_execution={steps_per_execution}`: Keras breaks off an epoch in which the data end, which "
            "cannot be had again. Leave out `steps_per_epoch`, give it to the loader, or choose one that "
            "divides the number of batches and is a multiple of `steps_per_execution`."
        )
