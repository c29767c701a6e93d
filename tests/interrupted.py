"""A training to be interrupted: a small model with all that has a state, and what is left of it in the end."""

import collections
import contextlib
import io
import re
import sys

import cloudpickle
import keras
import numpy as np

import amalthea
from amalthea.loaders.backup_model import random_state, restore_random_state, restore_values, values_of

# As if it were a script: a worker process that imported this module would import Keras.
cloudpickle.register_pickle_by_value(sys.modules[__name__])


class InterruptError(Exception):
    """Somebody has stopped the training."""


class Interrupt(keras.callbacks.Callback):
    """Stops the training before the step of that number, counted over all epochs."""

    def __init__(self, before):
        super().__init__()
        self.before = before

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        if self.epoch * self.params["steps"] + batch >= self.before:
            raise InterruptError


class Watch(keras.callbacks.Callback):
    """Notes the steps that it is told of, in a list that no backup keeps."""

    def __init__(self):
        super().__init__()
        self.begun, self.ended = collections.deque(), collections.deque()

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        self.begun.append((self.epoch, batch))

    def on_train_batch_end(self, batch, logs=None):
        self.ended.append((self.epoch, batch))


def noisy(sample, rng):
    x, y = sample
    return x + rng.normal(size=x.shape).astype(x.dtype), y


SCHEDULE = keras.optimizers.schedules.ExponentialDecay(0.02, decay_steps=2, decay_rate=0.9)


def model_of(seed, rate=SCHEDULE, **options):
    """A model with everything that has a state: random layers, running means, a schedule, metrics."""
    glorot = keras.initializers.GlorotUniform
    model = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(8, activation="relu", kernel_initializer=glorot(seed)),
            keras.layers.BatchNormalization(),
            keras.layers.GaussianNoise(0.1, seed=seed),
            keras.layers.Dropout(0.4),
            keras.layers.Dense(1, kernel_initializer=glorot(seed + 1)),
        ]
    )
    model.compile(keras.optimizers.Adam(rate), "mse", metrics=["mae"], **options)
    return model


def data_of(samples):
    x = np.random.default_rng(0).normal(size=(samples, 4)).astype("float32")
    return x, (x[:, :1] - x[:, 1:2] ** 2).astype("float32")


def loader_of(samples=22, *, seed=3, **options):
    options = {"batch_size": 4, "transform": noisy, "workers": 0} | options
    return amalthea.ArrayLoader(*data_of(samples), seed=seed, **options)


class Twins:
    """Two models of one kind: one that begins a training, and one of other weights that goes on with it.

    Each training begins with what they had at first. They are compiled once, which would take most of the time.
    """

    def __init__(self, make=model_of, **options):
        self.first, self.second = make(1, **options), make(100, **options)
        for model in (self.first, self.second):
            model.train_on_batch(*(values[:4] for values in data_of(4)))  # on TensorFlow this makes the variables
        self._begun, self._random = (values_of(self.first), values_of(self.second)), random_state()

    def begin(self):
        for model, values in zip((self.first, self.second), self._begun, strict=True):
            restore_values(model, values)
        restore_random_state(self._random)
        return self.first, self.second


def left_of(model, history):
    """All that a training leaves: the value of every variable, and the history."""
    return values_of(model)["values"], history.history, history.epoch


def assert_same(one, other):
    values, history, epochs = one
    others, its_history, its_epochs = other
    for value, its in zip(values, others, strict=True):
        np.testing.assert_array_equal(value, its, strict=True)
    assert (history, epochs) == (its_history, its_epochs)


def shown_by(function, *arguments, **options):
    """Returns what a training shows on the screen: its lines, without the times."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        result = function(*arguments, **options)
    plain = re.sub(r"[\b\r]+", "\n", re.sub(r"\x1b\[[0-9;]*m", "", printed.getvalue()))
    return result, re.sub(r"\d+(s|ms|us)(/step)?", "", plain)
