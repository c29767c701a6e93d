"""A training program, to be killed: each run is a process of its own that goes on where the one before has ended."""

import itertools
import signal
from pathlib import Path

import keras
import numpy as np

import amalthea
from amalthea.loaders.backup import BackupLoader
from amalthea.loaders.backup_file import save
from amalthea.loaders.backup_model import values_of

EPOCHS, STEPS, BATCH = 5, 25, 8
BACKUP, LEFT = "backup", "left.zip"
INPUTS, WIDTH = 64, 2048  # megabytes of weights and moments: a kill in the midst of writing is likely


class Report(keras.callbacks.Callback):
    """Tells of each step, counted over all epochs, before it is saved.

    Args:
        connection: Who is told.
        most: So many steps are told of; the end of the one behind them is never reached, however late the kill comes.
    """

    def __init__(self, connection, most):
        super().__init__()
        # An iterator is no plain value, which a backup would keep.
        self.connection, self.left = connection, itertools.count() if most is None else iter(range(most))

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if next(self.left, None) is None:
            signal.pause()
        self.connection.send(self.epoch * STEPS + batch)


def train(folder, connection, most):
    """Trains to the end, unless it is killed, and leaves the values of all variables and the history."""
    connection.send(None)
    keras.utils.set_random_seed(1)
    folder = Path(folder)
    x = np.random.default_rng(0).normal(size=(STEPS * BATCH, INPUTS)).astype("float32")
    model = keras.Sequential(
        [
            keras.Input((INPUTS,)),
            keras.layers.Dense(WIDTH, "relu", kernel_initializer=keras.initializers.GlorotUniform(1)),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(1, kernel_initializer=keras.initializers.GlorotUniform(3)),
        ]
    )
    model.compile("adam", "mse", metrics=["mae"])
    with amalthea.ArrayLoader(x, x.sum(axis=1), batch_size=BATCH, seed=5, transform=noisy, workers=2) as loader:
        callbacks = [BackupLoader(loader, folder / BACKUP, save_freq=1), Report(connection, most)]
        history = model.fit(loader, epochs=EPOCHS, callbacks=callbacks, verbose=0)
    save(folder / LEFT, {"values": values_of(model)["values"], "history": history.history})


def noisy(sample, rng):
    x, y = sample
    return x + rng.normal(size=x.shape).astype("float32"), y
