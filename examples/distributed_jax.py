"""Trains one model in several processes with JAX and `keras.distribution`; each process loads its part of each batch.

    KERAS_BACKEND=jax python examples/distributed_jax.py --processes 2

That starts the two processes on this machine. On several machines each is started by hand or by a launcher, with the
variables that `keras.distribution.initialize` reads, and with KERAS_BACKEND=jax:

    KERAS_DISTRIBUTION_JOB_ADDRESSES=10.0.0.1:1234   # of process 0
    KERAS_DISTRIBUTION_NUM_PROCESSES=2
    KERAS_DISTRIBUTION_PROCESS_ID=0                  # 1 on the other
    python examples/distributed_jax.py

Each prints the same loss and the same sum of the weights, which are also those of one process, within rounding.
"""

import argparse
import os
import socket
import subprocess
import sys

SAMPLES, GLOBAL_BATCH = 1024, 64


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument(
        "--processes", type=int, default=0, help="start so many on this machine; 0: this is one of them"
    )
    parser.add_argument("--timeout-s", type=float, default=600, help="of the processes that are started")
    options = parser.parse_args()
    if options.processes:
        sys.exit(start(options.processes, ["--epochs", str(options.epochs)], options.timeout_s))
    train(options.epochs)


def train(epochs):
    import keras
    import numpy as np

    import amalthea

    keras.utils.set_random_seed(0)  # the model begins with the same weights in all processes
    if "KERAS_DISTRIBUTION_PROCESS_ID" in os.environ:
        keras.distribution.initialize()
        # The loader does the sharding, and Keras must not do it once more.
        keras.distribution.set_distribution(keras.distribution.DataParallel(auto_shard_dataset=False))

    rng = np.random.default_rng(0)
    x = rng.normal(size=(SAMPLES, 16)).astype("float32")
    y = np.tanh(x @ rng.normal(size=(16, 1))).astype("float32")
    loader = amalthea.ArrayLoader(x, y, batch_size=GLOBAL_BATCH, seed=0, shard="auto")

    model = keras.Sequential(
        [keras.layers.Input((16,)), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(1)]
    )
    model.compile(keras.optimizers.SGD(0.1), "mse")
    model.fit(loader, epochs=epochs, verbose=0)

    rows = len(loader.peek()[0])
    total = sum(float(np.abs(weights).sum()) for weights in model.get_weights())
    loss = model.evaluate(loader, verbose=0)
    print(
        f"shard {loader.shard.index} of {loader.shard.count}: {rows} rows of each batch of {GLOBAL_BATCH}, "
        f"loss {loss:.4f}, sum of weights {total:.3f}",
        flush=True,
    )


def start(count, arguments, timeout_s):
    """Runs this program so many times side by side, and returns the exit status of the first that failed, or 0."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        address = f"localhost:{free.getsockname()[1]}"
    environment = {
        **os.environ,
        "KERAS_BACKEND": "jax",
        "KERAS_DISTRIBUTION_JOB_ADDRESSES": address,
        "KERAS_DISTRIBUTION_NUM_PROCESSES": str(count),
    }
    processes = [
        subprocess.Popen(
            [sys.executable, __file__, *arguments],
            env={**environment, "KERAS_DISTRIBUTION_PROCESS_ID": str(index)},
        )
        for index in range(count)
    ]
    try:
        return next((status for status in [each.wait(timeout_s) for each in processes] if status), 0)
    finally:
        for each in processes:
            each.kill()
            each.wait()


if __name__ == "__main__":
    main()
