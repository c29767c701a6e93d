"""Keras layers that a batch goes through before the model sees it, on the backend that runs."""

from __future__ import annotations

import dataclasses
import threading
from typing import Any

import keras
import numpy as np

from amalthea._trees import map_leaves
from amalthea.errors import ConfigurationError

__all__ = ["Layers"]

# The seeds belong to the layers, which loaders may share, and TensorFlow asks from a thread of its own.
_lock = threading.Lock()

STREAM = 5  # keeps the seeds of layers apart from the keys of all other streams

# What the config of a layer has beside what it does: each program counts names anew, and seeds are those of the loader.
NOT_DECIDING = ("name", "seed", "build_config", "build_input_shape")


@dataclasses.dataclass
class Layers:
    """Keras preprocessing layers, once for each batch, outside of the workers.

    Args:
        layers: A layer for x, a list of them, or a dict of these by the names of the inputs, where x is a dict; the
            name `"x"` stands for an x that is none.
        seed: With the epoch and the batch's place it decides all that is random in them.
        training: What the layers are told; random ones do nothing without.

    Raises:
        ConfigurationError: If one of them is no Keras layer.
    """

    layers: Any
    seed: int = 0
    training: bool = True

    def __post_init__(self) -> None:
        named = self.layers if isinstance(self.layers, dict) else {"x": self.layers}
        self._steps: dict[str, list[Any]] = {name: _listed(layers) for name, layers in named.items()}

    def check(self, sample: Any) -> None:
        """Lets a batch of one sample through, so that a layer that cannot be used says so before the first step.

        Raises:
            ConfigurationError: If there is no input of a name, or a layer fails.
        """
        x = sample[0] if isinstance(sample, tuple) else sample
        names = list(x) if isinstance(x, dict) else ["x"]
        unknown = sorted(set(self._steps) - set(names))
        if unknown or isinstance(x, tuple):
            inputs = "a tuple: give its inputs names" if isinstance(x, tuple) else f"{names}"
            raise ConfigurationError(f"`layers` names the inputs {list(self._steps)}; those of a sample are {inputs}.")
        batch = map_leaves(lambda leaf: np.asarray(leaf)[np.newaxis], x)
        for name, steps in self._steps.items():
            value = batch[name] if isinstance(batch, dict) else batch
            for layer in steps:
                _check_waveform(layer, value)
                try:
                    value = _called(layer, value, self.training)
                except Exception as error:  # whatever the layer raises arrives as the cause
                    raise ConfigurationError(_unusable(layer, name, value, error)) from error
                _check_array(layer, name, value)

    def recipe(self) -> dict[str, Any]:
        """Returns what decides what they do, but for what they have learned."""
        return {name: [_recipe(layer) for layer in steps] for name, steps in self._steps.items()}

    def __call__(self, batch: Any, epoch: int, number: int, shard: int = 0) -> Any:
        """Returns the batch, as NumPy arrays, with what the layers have made of x.

        Args:
            batch: x, `(x, y)` or `(x, y, sample_weight)`.
            epoch: Its epoch.
            number: Its place there.
            shard: Which part of it this is.
        """
        x, *rest = batch if isinstance(batch, tuple) else (batch,)
        with _lock:
            self._reseed([self.seed, epoch, number, STREAM, *[shard] * bool(shard)])
            if isinstance(x, dict):
                x = {name: self._run(name, value) for name, value in x.items()}
            else:
                x = self._run("x", x)
        return (x, *rest) if isinstance(batch, tuple) else x

    def _run(self, name: str, value: Any) -> Any:
        if name not in self._steps:
            return value
        for layer in self._steps[name]:
            value = _called(layer, value, self.training)
        return keras.ops.convert_to_numpy(value)

    def _reseed(self, batch: list[int]) -> None:
        """Lets all that is random in the layers depend on the batch alone, not on what was asked for before."""
        states = [state for steps in self._steps.values() for layer in steps for state in _seeds(layer)]
        key = np.random.SeedSequence(batch).generate_state(2 * len(states))
        for place, state in enumerate(states):
            # 31 bits are a seed in the type of every backend.
            state.assign((key[2 * place : 2 * place + 2] >> 1).astype(np.int64))


def _listed(layers: Any) -> list[Any]:
    steps = list(layers) if isinstance(layers, list | tuple) else [layers]
    for step in steps:
        if not isinstance(step, keras.layers.Layer):
            raise ConfigurationError(
                f"`layers` holds {step!r}, which is no Keras layer. Functions of a sample are for `transform`, "
                "those of a batch for `batch_transform`."
            )
    return steps


def _recipe(layer: Any) -> list[Any]:
    try:
        config = layer.get_config()
    except NotImplementedError:  # a layer of one's own that cannot be saved
        config = {}
    return [type(layer).__name__, _deciding(config)]


def _deciding(config: Any) -> Any:
    if isinstance(config, dict):
        kept = {key: value for key, value in config.items() if key not in NOT_DECIDING}
        return {key: value if key == "dtype" else _deciding(value) for key, value in kept.items()}
    return [_deciding(each) for each in config] if isinstance(config, list | tuple) else config


def _seeds(layer: Any) -> list[Any]:
    return [variable for variable in layer.variables if variable.name == "seed_generator_state"]


def _called(layer: Any, value: Any, training: bool) -> Any:
    return layer(value, training=training)


def _unusable(layer: Any, name: str, value: Any, error: Exception) -> str:
    missing = isinstance(error, ImportError) and "tensorflow" in str(error).lower()
    needs = " It needs TensorFlow, which is not installed." if missing else ""
    return (
        f"`layers`: the layer {layer.name!r} ({type(layer).__name__}) cannot take the input {name!r}, of shape "
        f"{np.shape(value)} for one sample, on the backend {keras.backend.backend()!r}.{needs} "
        f"{type(error).__name__}: {error}"
    )


def _check_waveform(layer: Any, value: Any) -> None:
    # It would take the axis of the samples for another one of the batch, and what it gives is no spectrogram.
    if isinstance(layer, keras.layers.MelSpectrogram) and np.ndim(value) == 3 and value.shape[-1] == 1:
        raise ConfigurationError(
            f"`layers`: the layer {layer.name!r} (MelSpectrogram) needs waveforms of shape (rows, samples), and has "
            f"(rows, {value.shape[1]}, 1): put `keras.layers.Reshape((-1,))` before it."
        )


def _check_array(layer: Any, name: str, value: Any) -> None:
    try:
        if isinstance(value, tuple | list | dict):
            raise TypeError(f"{len(value)} values")
        array = keras.ops.convert_to_numpy(value)
        if array.shape[:1] != (1,):
            raise TypeError(f"of one sample an array of shape {array.shape}")
        if array.dtype.kind not in "biuf" and array.dtype.name != "bfloat16":
            raise TypeError(f"an array of {array.dtype}")
    except Exception as error:  # a structure of tensors, strings, ...
        raise ConfigurationError(
            f"`layers`: the layer {layer.name!r} makes {type(value).__name__} of the input {name!r}; it must make one "
            f"array of numbers: {error}"
        ) from error
