"""Trains one model in several processes with PyTorch's DistributedDataParallel; each loads its part of each batch.

    KERAS_BACKEND=torch torchrun --nproc_per_node=2 examples/distributed_torch.py --folder run

Each prints the same loss and the same sum of the weights, which are also those of one process, within rounding. Every
few batches the weights, the optimizer and the loader's state go to one file of the folder. Started again the program
goes on from there, at the very next batch, with two processes or with any other number:

    torchrun --nproc_per_node=2 examples/distributed_torch.py --folder run --stop-after 40
    torchrun --nproc_per_node=1 examples/distributed_torch.py --folder run
"""

import argparse
import os
from pathlib import Path

import keras
import numpy as np
import torch
from torch import distributed

import amalthea

SAMPLES, GLOBAL_BATCH = 1001, 64  # the last batch of an epoch has 41 rows, which cannot be cut in two


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path("run"), help="where the checkpoint is")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--stop-after", type=int, default=None, help="batches of this run")
    parser.add_argument("--processes", action="store_true", help="load with processes instead of threads")
    options = parser.parse_args()

    distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    try:
        model, loader = train(**vars(options))
    finally:
        distributed.destroy_process_group()

    x, y = data()
    with torch.no_grad():
        loss = float(np.mean((keras.ops.convert_to_numpy(model(x)) - y) ** 2))
    total = sum(float(np.abs(weights).sum()) for weights in model.get_weights())
    print(
        f"shard {loader.shard.index} of {loader.shard.count}: {len(loader.peek()[0])} rows of each batch of "
        f"{GLOBAL_BATCH}, loss {loss:.4f}, sum of weights {total:.3f}",
        flush=True,
    )


def train(folder, epochs, stop_after=None, processes=False):
    """Trains, from the folder's checkpoint on, and returns the model and the loader.

    A process group must be there.
    """
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))  # before Keras puts weights there
    keras.utils.set_random_seed(0)  # the model begins with the same weights in all processes
    model = build_model()
    parallel = torch.nn.parallel.DistributedDataParallel(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    loader = amalthea.ArrayLoader(
        *data(), batch_size=GLOBAL_BATCH, seed=0, shard="auto", workers=2, use_multiprocessing=processes
    )
    checkpoint = Checkpoint(folder / "checkpoint.pt", model, optimizer, loader)
    checkpoint.restore()

    batches = 0
    with loader:
        while loader.epoch < epochs:
            for batch in loader:
                step(parallel, optimizer, batch)
                batches += 1
                if batches == stop_after:
                    checkpoint.save()
                    return model, loader
                if batches % 10 == 0:
                    checkpoint.save()
    checkpoint.save()
    return model, loader


def step(parallel, optimizer, batch):
    """Trains on this process' rows of a batch."""
    x, y, weights = keras.utils.unpack_x_y_sample_weight(batch)
    weights = np.ones(len(x), "float32") if weights is None else weights
    x, y, weights = map(keras.ops.convert_to_tensor, (x, y, weights))
    # The loss is the mean over the global batch. Rows that only fill up a short batch weigh nothing, and not all
    # processes have such rows: so it is the sum of the weights that counts, over all processes.
    of_all = weights.sum()
    distributed.all_reduce(of_all)
    losses = keras.losses.mean_squared_error(y, parallel(x))
    # DistributedDataParallel takes the mean of the gradients over the processes; here it must be their sum.
    loss = (weights * losses).sum() / of_all * distributed.get_world_size()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


class Checkpoint:
    """Weights, optimizer and loader in one file, which is there whole or not at all."""

    def __init__(self, path, model, optimizer, loader):
        self.path, self.parts = path, {"model": model, "optimizer": optimizer, "loader": loader}

    def save(self):
        """The first process saves for all: the loader's state, too, is the same in all of them."""
        if distributed.get_rank() == 0:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = self.path.with_suffix(".unfinished")
            torch.save({name: part.state_dict() for name, part in self.parts.items()}, unfinished)
            unfinished.replace(self.path)

    def restore(self):
        """All processes read what was saved."""
        if self.path.exists():
            states = torch.load(self.path, map_location="cpu")
            for name, part in self.parts.items():
                part.load_state_dict(states[name])


def data():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(SAMPLES, 16)).astype("float32")
    return x, np.tanh(x @ rng.normal(size=(16, 1))).astype("float32")


def build_model():
    hidden, output = keras.layers.Dense(32, activation="relu", name="hidden"), keras.layers.Dense(1, name="output")
    # A checkpoint finds the weights by these names; those that Keras chooses count the layers of a program.
    return keras.Sequential([keras.layers.Input((16,)), hidden, output], name="network")


if __name__ == "__main__":
    main()
