"""Steps of `fit` that the model has taken already."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras

from amalthea.errors import ConfigurationError

__all__ = ["TakenSteps", "check_steps"]


class TakenSteps:
    """Lets `fit`, which begins each epoch with its first step, run through steps without training.

    An interrupt may leave the model with the empty step. Whoever trains it next asks the model to make its step first,
    which gives the true one back.

    Args:
        model: The model.
        logs: What the last of the steps has told.
    """

    def __init__(self, model: keras.Model, logs: dict[str, Any]) -> None:
        model.make_train_function()  # what an earlier one has left is not the true step
        self._model, self._logs, self._train = model, logs, model.train_function

    def pass_next(self) -> None:
        """Makes the next step an empty one."""
        # In this order, and back in the other one: at no moment is the model left with the empty step alone.
        self._model.make_train_function = self._make
        self._model.train_function = self

    def __call__(self, *arguments: Any) -> Any:
        """Takes the empty step, in place of the model's `train_function`."""
        self._give_back()
        batches = arguments[-1]
        if isinstance(batches, Iterator):  # on PyTorch they have been taken from it
            for _ in range(self._model.steps_per_execution):
                next(batches, None)
        # JAX hands its state through.
        return (self._logs, arguments[0]) if len(arguments) > 1 else self._logs

    def _make(self, *arguments: Any, **options: Any) -> Any:
        self._give_back()
        return self._model.make_train_function(*arguments, **options)

    def _give_back(self) -> None:
        if self._model.train_function is self:  # not so once it was compiled anew
            self._model.train_function = self._train
        vars(self._model).pop("make_train_function", None)  # the class has the true one


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
