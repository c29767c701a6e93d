"""One of the processes that test_tensorflow_strategies.py starts with TF_CONFIG: python tensorflow_worker.py FOLDER."""

import pickle
import sys
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

import amalthea
from engines import tensorflow_devices


def seen(**options):
    """Returns the samples of each batch with their weights; the last one cannot be cut in two."""
    samples = np.arange(21.0)
    with amalthea.ArrayLoader(samples, samples, batch_size=8, seed=3, shard="auto", **options) as loader:
        return [(x.tolist(), weights.tolist()) for x, _, weights in loader]


def error_of_fit(strategy):
    """Returns what Keras says when it is to `fit` in several processes, or nothing."""
    with strategy.scope():
        model = keras.Sequential([keras.layers.Input(()), keras.layers.Reshape((1,)), keras.layers.Dense(1)])
        model.compile("sgd", "mse")
    with amalthea.ArrayLoader(np.ones(16), np.ones(16), batch_size=8, seed=0, shard="auto") as loader:
        try:
            model.fit(loader, verbose=0)
        except Exception as error:  # whatever Keras makes of it
            return f"{type(error).__name__}: {error}"


def main(folder):
    strategy = tf.distribute.MultiWorkerMirroredStrategy()
    model, loader = tensorflow_devices.example().train(strategy, tensorflow_devices.EPOCHS)
    facts = {
        "example": np.concatenate([*map(np.ravel, model.get_weights())]),
        "shard": tuple(loader.shard),
        "seen": seen(),
        "fit": error_of_fit(strategy),
    }
    (folder / f"worker-{strategy.cluster_resolver.task_id}.pickle").write_bytes(pickle.dumps(facts))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
