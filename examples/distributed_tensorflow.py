"""Trains one model on several devices with TensorFlow's `MirroredStrategy`, or in several processes.

    KERAS_BACKEND=tensorflow python examples/distributed_tensorflow.py --devices 2

Keras' `fit` hands each device its rows of each batch. Without GPUs the two devices are made of this machine's CPU.

`fit` of Keras 3 does not work under `MultiWorkerMirroredStrategy`; a loop written by hand does. Start this program once
on each machine, with KERAS_BACKEND=tensorflow and with TensorFlow's own variable, here for the first of two:

    TF_CONFIG='{"cluster": {"worker": ["10.0.0.1:1234", "10.0.0.2:1234"]}, "task": {"type": "worker", "index": 0}}'

Every way prints the same loss and the same sum of the weights, which are also those of one device, within rounding.
"""

import argparse
import os

import keras
import numpy as np
import tensorflow as tf

import amalthea

SAMPLES, GLOBAL_BATCH = 1024, 64  # a multiple of the number of devices


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--devices", type=int, default=2, help="devices to make of the CPU, where there is no GPU")
    options = parser.parse_args()

    several = "TF_CONFIG" in os.environ
    strategy = tf.distribute.MultiWorkerMirroredStrategy() if several else mirrored(options.devices)
    model, loader = train(strategy, options.epochs)

    x, y = data()
    loss = float(np.mean((np.asarray(model(x)) - y) ** 2))
    total = sum(float(np.abs(weights).sum()) for weights in model.get_weights())
    print(
        f"shard {loader.shard.index} of {loader.shard.count}: {len(loader.peek()[0])} rows of each batch of "
        f"{GLOBAL_BATCH}, {strategy.num_replicas_in_sync} devices, loss {loss:.4f}, sum of weights {total:.3f}",
        flush=True,
    )


def mirrored(devices):
    """Returns the strategy for all GPUs of this machine, or for so many devices made of its CPU."""
    if tf.config.list_physical_devices("GPU"):
        return tf.distribute.MirroredStrategy()
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * devices)
    return tf.distribute.MirroredStrategy([f"CPU:{number}" for number in range(devices)])


def train(strategy, epochs):
    """Trains, and returns the model and the loader."""
    keras.utils.set_random_seed(0)  # the model begins with the same weights in all processes
    with strategy.scope():
        model = build_model()
        loader = amalthea.ArrayLoader(*data(), batch_size=GLOBAL_BATCH, seed=0, shard="auto")
    with loader:
        if isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
            loop(strategy, model, loader, epochs)
        else:
            model.fit(loader, epochs=epochs, verbose=0)
    return model, loader


def data():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(SAMPLES, 16)).astype("float32")
    return x, np.tanh(x @ rng.normal(size=(16, 1))).astype("float32")


def build_model():
    model = keras.Sequential(
        [keras.layers.Input((16,)), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(1)]
    )
    model.compile(keras.optimizers.SGD(0.1), "mse")
    model.optimizer.build(model.trainable_variables)
    return model


def loop(strategy, model, loader, epochs):
    """Trains in several processes, with one device in each."""

    def step(x, y, weights):
        with tf.GradientTape() as tape:
            losses = keras.losses.mean_squared_error(y, model(x, training=True))
            # The sum of what the processes have is the mean over the global batch. Rows that only fill up a
            # short batch weigh nothing, and are not counted.
            of_all = tf.distribute.get_replica_context().all_reduce("SUM", tf.reduce_sum(weights))
            loss = tf.reduce_sum(weights * losses) / of_all
        gradients = tape.gradient(loss, model.trainable_variables)
        model.optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))

    @tf.function(reduce_retracing=True)
    def train_on(x, y, weights):
        strategy.run(step, args=(x, y, weights))

    for _ in range(epochs):
        for batch in loader:
            x, y, weights = keras.utils.unpack_x_y_sample_weight(batch)
            weights = np.ones(len(x), "float32") if weights is None else weights
            train_on(*map(tf.convert_to_tensor, (x, y, weights)))


if __name__ == "__main__":
    main()
