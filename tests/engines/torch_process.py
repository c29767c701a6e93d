"""One of the processes that test_torch_data_parallel.py starts: python torch_process.py FOLDER."""

import importlib.util
import re
import sys
from pathlib import Path

import keras
import numpy as np
from torch import distributed

import amalthea

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "distributed_torch.py"
DOCS = ROOT / "docs" / "distributed.md"

SAMPLES, BATCH_SIZE, EPOCHS = 37, 8, 2  # the last batch has 5 rows
OPTIONS = {"threads": {}, "processes": {"use_multiprocessing": True}, "dropped": {"drop_remainder": True}}


def example():
    """Returns examples/distributed_torch.py as a module."""
    spec = importlib.util.spec_from_file_location("distributed_torch", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def numbered(**options):
    """Returns a loader whose targets tell the samples."""
    samples = [(np.float32([np.sin(i), 1]), np.float32(i)) for i in range(SAMPLES)]
    return amalthea.Loader(samples, batch_size=BATCH_SIZE, seed=3, shard="auto", workers=2, **options)


def seen(loader):
    """Returns the samples of each batch of two epochs with their weights, float64 of shape `(batches, rows, 2)`."""
    batches = []
    with loader:
        for _ in range(EPOCHS):
            for batch in loader:
                _, y, weights = keras.utils.unpack_x_y_sample_weight(batch)
                rows = np.full((-(-BATCH_SIZE // loader.shard.count), 2), -1.0)
                rows[: len(y), 0], rows[: len(y), 1] = y, 1 if weights is None else weights
                batches.append(rows)
    return np.stack(batches)


def fitted():
    """Returns the weights after Keras' own `fit`."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(1e-3), "mse")
    with numbered() as loader:
        model.fit(loader, epochs=1, verbose=0)
    return model.get_weights()[0]


def of_docs():
    """Runs the program of docs/distributed.md, which initialises torch.distributed; returns its names."""
    [code] = re.findall(r"^```python torch\n(.*?)^```", DOCS.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    names = {}
    exec(compile(code, str(DOCS), "exec"), names)
    return names


def main(folder):
    names = of_docs()
    facts = {"docs shard": names["loader"].shard, "docs weights": names["model"].get_weights()[0]}
    facts |= {name: seen(numbered(**options)) for name, options in OPTIONS.items()}
    facts["fitted"] = fitted()
    model, _ = example().train(folder / "run", EPOCHS, processes=True)
    facts |= {f"weights {number}": weights for number, weights in enumerate(model.get_weights())}
    np.savez(folder / f"{distributed.get_rank()}.npz", **facts)
    distributed.destroy_process_group()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
