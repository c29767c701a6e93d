"""What one of several processes of JAX does, in all the tests of `test_jax_processes.py`: it takes long to start them.

python jax_process.py FOLDER
"""

import pickle
import re
import sys
from pathlib import Path

import keras

import amalthea
from amalthea.loaders.sharding import checked_shard
from engines import jax_training as training

DOCS = Path(__file__).parents[2] / "docs" / "distributed.md"


def main(folder):
    begin, predict = re.findall(
        r"^```python jax\n(.*?)^```", DOCS.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    results = {"before": checked_shard("auto")}
    names = {}
    exec(begin, names)
    results["docs"] = names["loader"].shard
    distribution = keras.distribution.distribution()
    keras.distribution.set_distribution(None)
    results["jax"] = checked_shard("auto", environment={})
    keras.distribution.set_distribution(distribution)

    shard = results["auto"] = checked_shard("auto", environment={})
    with training.loader(training.SHORT, shard) as data:
        results["samples"] = training.samples_of(data)
    for name, samples in (("whole", training.WHOLE), ("short", training.SHORT)):
        network, history = training.trained(samples, "auto")
        results[name] = {"weights": network.get_weights(), "history": history}
    results["default loss"] = training.evaluated(training.SHORT, "auto", "sum_over_batch_size")
    results["predictions"] = predicted(network, shard, predict)

    training.stop(folder / f"two-{shard.index}.keras", "auto")
    results["went on"] = training.go_on(folder / "one.keras", "auto")
    results["backup"] = training.interrupted_and_resumed(training.SHORT, "auto", folder / "backup")
    results["errors"] = errors(network, shard)
    results["model parallel"] = model_parallel()
    (folder / f"{shard.index}.pickle").write_bytes(pickle.dumps(results))


def predicted(network, shard, code):
    names = {"keras": keras, "amalthea": amalthea, "model": network, "x": training.arrays(training.WHOLE)[0]}
    with training.loader(training.WHOLE, shard) as loader:
        exec(code, {**names, "loader": loader}, found := {})
    return found["predictions"]


def errors(network, shard):
    """Returns what is said to those who feed the wrong rows, or have them sharded twice."""
    rows = [training.arrays(8)]

    def fit(shard):
        return lambda: network.fit(training.loader(training.WHOLE, shard), verbose=0)

    said = {
        "no shard": error_of(fit(None)),
        "another shard": error_of(fit((1 - shard.index, 2))),
        "sequence": error_of(lambda: network.evaluate(amalthea.SequenceLoader(rows), verbose=0)),
    }
    with keras.distribution.DataParallel().scope():
        said["auto made"] = error_of(lambda: training.loader(training.WHOLE, "auto"))
        said["auto asked"] = error_of(lambda: training.loader(training.WHOLE, shard).workers)
        said["fit"] = error_of(fit(shard))
    return said


def error_of(call):
    try:
        call()
    except ValueError as error:  # Keras' own, or ours
        return f"{type(error).__name__}: {error}"
    return None


def model_parallel():
    """Asks a model of which each process holds a half of each replica: both need all rows."""
    devices = keras.distribution.list_devices()  # two of each process
    mesh = keras.distribution.DeviceMesh((2, 2), ["batch", "model"], devices[0::2] + devices[1::2])
    layout = keras.distribution.LayoutMap(mesh)
    layout[".*wide.*kernel"] = (None, "model")
    assert layout["sequential/wide/kernel"] is not None  # else it would be whole in each process
    with keras.distribution.ModelParallel(layout_map=layout, auto_shard_dataset=False).scope():
        return checked_shard("auto"), training.evaluated(training.WHOLE, "auto")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
