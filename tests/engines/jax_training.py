"""A small training, as one process runs it and as each of several does: data, model, and what is kept of it."""

import contextlib
import json

import keras
import numpy as np

import amalthea

BATCH = 16
WHOLE, SHORT = 64, 59  # samples of batches that can be cut into two equal parts, and with a last one that cannot
STEPS = 2  # before the training is stopped, to go on elsewhere
EXACT = "mean_with_sample_weight"


def arrays(samples):
    """Returns x of shape `(samples, 8)`, whose first column tells the sample, and y of shape `(samples, 1)`."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(samples, 8)).astype("float32")
    x[:, 0] = np.arange(samples) / samples
    return x, np.tanh(x @ rng.normal(size=(8, 1))).astype("float32")


def loader(samples, shard, **options):
    return amalthea.ArrayLoader(*arrays(samples), batch_size=BATCH, seed=3, workers=1, shard=shard, **options)


def samples_of(batches):
    """Returns for each batch which samples its rows hold; those with a weight of zero are left out."""
    kept = [x[weight[0] > 0] if weight else x for x, _, *weight in batches]
    return [np.rint(x[:, 0] * SHORT).astype(int).tolist() for x in kept]


def model(reduction=EXACT):
    keras.utils.set_random_seed(1)
    wide = keras.layers.Dense(16, activation="relu", name="wide")
    built = keras.Sequential([keras.layers.Input((8,)), wide, keras.layers.Dense(1)])
    built.compile(
        keras.optimizers.Adam(0.01),
        keras.losses.MeanSquaredError(reduction=reduction),
        weighted_metrics=[keras.metrics.MeanAbsoluteError(name="error")],
    )
    return built


def trained(samples, shard):
    """Returns a model after two epochs of `fit`, and what `fit` has reported."""
    with loader(samples, shard) as training, loader(samples, shard, shuffle=False) as validation:
        network = model()
        history = network.fit(training, validation_data=validation, epochs=2, verbose=0).history
    return network, history


class Interrupt(keras.callbacks.Callback):
    """Interrupts a training in the middle of its second epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if (self.epoch, batch) == (1, 1):
            raise KeyboardInterrupt


def interrupted_and_resumed(samples, shard, folder):
    """Returns the weights after two epochs of `fit`, of which the second was interrupted."""
    for others in ([Interrupt()], []):
        network = model()
        with loader(samples, shard) as data, contextlib.suppress(KeyboardInterrupt):
            callbacks = [amalthea.BackupLoader(data, folder, save_freq=1), *others]
            network.fit(data, epochs=2, verbose=0, callbacks=callbacks)
    return network.get_weights()


def evaluated(samples, shard, reduction=EXACT):
    """Returns the result of an untrained model."""
    with loader(samples, shard, shuffle=False) as data:
        return model(reduction).evaluate(data, verbose=0, return_dict=True)


def stop(path, shard):
    """Trains for some steps in a loop written by hand, and saves the model and the state of the loader."""
    network = model()
    with loader(SHORT, shard) as data:
        for _, batch in zip(range(STEPS), data, strict=False):
            network.train_on_batch(*batch)
        network.save(path)
        path.with_suffix(".json").write_text(json.dumps(data.state_dict()))


def go_on(path, shard):
    """Trains on from there to the end of the epoch, and returns the weights."""
    keras.utils.set_random_seed(2)  # its first weights, before they are loaded, must be the same in all processes
    network = keras.models.load_model(path)
    with loader(SHORT, shard) as data:
        data.load_state_dict(json.loads(path.with_suffix(".json").read_text()))
        for batch in data:
            network.train_on_batch(*batch)
    return network.get_weights()
