"""Peak memory of a fit and its workers above that of the idle program: the same fit, fed one constant batch."""

import json
import os
import statistics
import subprocess
import sys

import keras
import numpy as np
import psutil

import amalthea
from benchmarks.watch import private_mb, watch, workers_of_this_process

SIZE, BATCH = 224, 32


def measure(folder, dtype, workers, processes, rounds):
    """Runs the idle program and the loader in processes of their own, in turns; returns one line of a table."""
    batch_mb = BATCH * SIZE * SIZE * 3 * np.dtype(dtype).itemsize / 2**20
    above, private = [], []
    for _ in range(rounds):
        idle, loaded = (_peaks_mb(kind, folder, dtype, workers, processes) for kind in ("idle", "loader"))
        above.append(loaded["tree"] - idle["tree"] + batch_mb)  # the idle program holds its constant batch
        private.append(loaded["worker"])
    return {
        "backend": keras.backend.backend(),
        "dtype": dtype,
        "workers": f"{workers} {'processes' if processes else 'threads'}",
        "batch MB": f"{batch_mb:.1f}",
        "peak above idle MB": f"{statistics.median(above):.0f} ({min(above):.0f} - {max(above):.0f})",
        "promised MB": f"{4 * batch_mb + 32 + (40 * workers if processes else 0):.0f}",
        "private MB of a worker": f"{statistics.median(private):.0f}" if processes else "",
    }


def _peaks_mb(kind, folder, dtype, workers, processes):
    how = "processes" if processes else "threads"
    command = [sys.executable, "-m", "benchmarks.memory", kind, str(folder), dtype, str(workers), how]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


class Constant(keras.utils.PyDataset):
    """The same batch again and again."""

    def __init__(self, dtype, length):
        super().__init__()
        self._batch = np.zeros((BATCH, SIZE, SIZE, 3), dtype), np.zeros(BATCH, np.int32)
        # JAX computes behind the program, and would pile up copies of a batch that costs nothing to make.
        self._length = 2 if keras.backend.backend() == "jax" else length

    def __len__(self):
        return self._length

    def __getitem__(self, index):
        return self._batch


def _run(kind, folder, dtype, workers, how):
    model = keras.Sequential(
        [keras.layers.Input((SIZE, SIZE, 3)), keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(8)]
    )
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    loader = amalthea.ImageLoader.from_directory(
        folder,
        image_size=SIZE,
        dtype=dtype,
        batch_size=BATCH,
        workers=workers,
        use_multiprocessing=how == "processes",
        seed=0,
        verbose=False,
    )
    peaks = {}
    with loader, watch(lambda: _look(peaks), every_s=0.1):
        model.fit(loader if kind == "loader" else Constant(dtype, len(loader)), epochs=3, verbose=0)
    # A batch in shared memory is seen, and counted, in this process; what a worker has beside it is private to it.
    print(
        json.dumps({"tree": _peak_of_this_process_mb() + sum(peaks.values()), "worker": max(peaks.values(), default=0)})
    )


def _look(peaks):
    for worker in workers_of_this_process():
        peaks[worker.pid] = max(private_mb(worker), peaks.get(worker.pid, 0))


def _peak_of_this_process_mb():
    if os.name == "nt":
        return psutil.Process().memory_info().peak_wset / 2**20
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


if __name__ == "__main__":
    _run(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5])
