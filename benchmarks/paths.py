"""Ten million paths and eight worker processes: what an epoch over them costs in memory.

Keras is imported where it is used: the workers import this module, and need none.
"""

import numpy as np

import amalthea
from amalthea.sources.paths import Paths
from benchmarks.watch import private_mb, tree_mb, watch, workers_of_this_process

WORKERS, BATCH = 8, 8192


class Lengths:
    """Sample i is the length of a path: all that is done is to look it up."""

    def __init__(self, count):
        self.paths = Paths(f"data/images/class{number % 1000:04d}/{number:010d}.jpg" for number in range(count))

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        return np.int32(len(self.paths[index]))


def measure(count):
    """Runs one epoch; returns one line of a table. All memory is proportional: a shared page counts once."""
    import keras

    with amalthea.Loader(Lengths(count), batch_size=BATCH, workers=WORKERS, use_multiprocessing=True) as loader:
        before = tree_mb()
        batches = iter(loader)
        next(batches)
        started = tree_mb()
        looks = []
        with watch(lambda: looks.append(tree_mb()), every_s=0.2):
            rows = BATCH + sum(len(batch) for batch in batches)
        private = max(map(private_mb, workers_of_this_process()))
        most = max([*looks, tree_mb()])
    assert rows == count
    return {
        "backend": keras.backend.backend(),
        "paths": f"{count:,}",
        "before workers MB": f"{before:.0f}",
        "8 workers, first batch MB": f"{started:.0f}",
        "peak of the epoch MB": f"{most:.0f}",
        "growth in the epoch": f"{100 * (most / started - 1):.1f} %",
        "private MB of a worker": f"{private:.0f}",
    }
