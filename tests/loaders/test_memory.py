"""Bounded memory: `(max_queue_size + 2)` batches and 32 MB, whatever the number of workers and of samples."""

import subprocess
import sys
import textwrap

import pytest

PROGRAM = """
    import sys
    import numpy as np, psutil, threading
    import amalthea

    class Source:
        def __len__(self):
            return 4000
        def __getitem__(self, index):
            return np.full((256, 256), index, np.float32)

    def resident_mb():
        return psutil.Process().memory_info().rss / 2**20

    def run(rows, epochs):
        most = 0
        with amalthea.Loader(Source(), batch_size=rows, workers=int(sys.argv[1]), steps_per_epoch=40) as loader:
            for _ in range(epochs):
                for batch in loader:
                    most = max(most, resident_mb())
        return most

    run(2, 1)
    idle = resident_mb()
    print(run(64, 3) - idle)
"""


@pytest.mark.parametrize("workers", [0, 1, 8])
def test_a_running_loader_holds_four_batches(workers):
    command = [sys.executable, "-c", textwrap.dedent(PROGRAM), str(workers)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=200)
    batch_mb = 64 * 256 * 256 * 4 / 2**20
    assert batch_mb < float(done.stdout) < 4 * batch_mb + 32
