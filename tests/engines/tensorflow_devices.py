"""What test_tensorflow_strategies.py has done in a process of its own, as devices are made before all else.

python tensorflow_devices.py FOLDER
"""

import contextlib
import importlib.util
import multiprocessing
import sys
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

import amalthea

EXAMPLE = Path(__file__).parents[2] / "examples" / "distributed_tensorflow.py"

SAMPLES, BATCH_SIZE, EPOCHS = 32, 8, 2


def example():
    """Returns examples/distributed_tensorflow.py as a module."""
    spec = importlib.util.spec_from_file_location("distributed_tensorflow", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def made(strategy, samples, **options):
    """Returns a model, with an optimizer to which the order matters, and a loader."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(samples, 4)).astype("float32")
    y, weights = x[:, :1] ** 2, rng.integers(0, 3, samples).astype("float32")
    keras.utils.set_random_seed(0)
    with strategy.scope():
        model = keras.Sequential(
            [keras.layers.Input((4,)), keras.layers.Dense(8, activation="tanh"), keras.layers.Dense(1)]
        )
        model.compile(keras.optimizers.SGD(0.05, momentum=0.9), "mse", weighted_metrics=["mae"])
    return model, amalthea.ArrayLoader(x, y, weights, batch_size=BATCH_SIZE, seed=4, workers=2, **options)


def flat(model):
    return np.concatenate([*map(np.ravel, model.get_weights())])


def trained(strategy, samples, **options):
    """Returns the weights after two fits with what `evaluate` says, and where the loader is then."""
    model, loader = made(strategy, samples, **options)
    with loader:
        model.fit(loader, epochs=EPOCHS, verbose=0)
        model.fit(loader, epochs=EPOCHS, verbose=0)
        state = loader.state_dict()
        evaluated = model.evaluate(loader, verbose=0)
    return np.concatenate([flat(model), evaluated]), (state["epoch"], state["position"])


def resumed(strategy, folder, *stops):
    """Returns the weights after a fit that was stopped after so many batches, each time, and begun anew."""
    for stop in (*stops, None):
        model, loader = made(strategy, SAMPLES)
        backup = amalthea.BackupLoader(loader, folder, save_freq=1)
        with loader, contextlib.suppress(KeyboardInterrupt):
            model.fit(loader, epochs=EPOCHS, verbose=0, callbacks=[backup, Counts(stop)])
    return flat(model)


def predicted(strategy):
    """Returns what a model that changes nothing predicts; the last batch has fewer rows than there are devices."""
    numbers = np.arange(2 * BATCH_SIZE + 1, dtype="float32")
    with strategy.scope():
        model = keras.Sequential([keras.layers.Input(()), keras.layers.Rescaling(1.0)])
    with amalthea.ArrayLoader(numbers, batch_size=BATCH_SIZE, shuffle=False) as loader:
        return model.predict(loader, verbose=0)


class Counts(keras.callbacks.Callback):
    """Notes how often each sample was trained on, at the end of each epoch; ends the training after `stop` batches."""

    def __init__(self, stop=None):
        super().__init__()
        self.stop, self.batches, self.epochs = stop, 0, []

    def on_train_batch_end(self, batch, logs=None):
        self.batches += 1
        if self.batches == self.stop:
            raise KeyboardInterrupt

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append(self.model.get_weights()[0][:, 0] * BATCH_SIZE)


def counted(strategy, **options):
    """Returns how often each sample was trained on after each epoch of a fit, and of one after a fit that was stopped.

    The gradient of a sample's weight is -1 for each time that it is seen, over the size of the batch.
    """
    found = []
    ones, targets = np.eye(SAMPLES, dtype="float32"), np.zeros((SAMPLES, 1), "float32")
    with amalthea.ArrayLoader(ones, targets, batch_size=BATCH_SIZE, seed=5, **options) as loader:
        for stop in (None, 3, None):
            with strategy.scope():
                dense = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")
                model = keras.Sequential([keras.layers.Input((SAMPLES,)), dense])
                model.compile(keras.optimizers.SGD(1.0), lambda y, predicted: y - predicted)
            counts = Counts(stop)
            with contextlib.suppress(KeyboardInterrupt):
                model.fit(loader, epochs=EPOCHS, verbose=0, callbacks=[counts])
            found += counts.epochs
    return np.stack(found)


def main(folder):
    program = example()
    two, one = program.mirrored(2), tf.distribute.get_strategy()
    facts = {}
    for name, strategy in (("one", one), ("two", two)):
        facts[f"{name} whole"], facts[f"{name} state"] = trained(strategy, SAMPLES)
        facts[f"{name} dropped"], _ = trained(strategy, SAMPLES + 5, drop_remainder=True)
    model, _ = program.train(one, EPOCHS)
    facts["example"] = flat(model)
    facts["whole run"] = resumed(two, folder / "whole run")
    facts["resumed"] = resumed(two, folder / "resumed", 3, 4)
    facts["predicted"] = predicted(two)
    facts["counts of threads"] = counted(two, workers=2)
    facts["counts of processes"] = counted(two, workers=2, use_multiprocessing=True)
    facts["left"] = len(multiprocessing.active_children())
    np.savez(folder / "devices.npz", **facts)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
