"""The same photographs by worker processes: Amalthea, the floor, and what others use, each in a process of its own."""

import itertools
import json
import statistics
import subprocess
import sys
import time

import keras
import numpy as np

import amalthea
from benchmarks.epochs import batch_times, epoch_iterator
from benchmarks.floor import floor_images_per_second
from benchmarks.peers import peers

SIZE, WORKERS, EPOCHS = 224, 2, 3
OURS = "Amalthea, processes"


def measure(folder, paths, dtype, rounds, *, smoke=False):
    """Runs all of them in turns, or for a smoke test two; returns the lines of a table."""
    labels = np.arange(len(paths), dtype=np.int32) % 8
    names = [OURS, *peers(paths, labels, SIZE, dtype, WORKERS), "Amalthea, threads"]
    names = names[:2] if smoke else names
    runs = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            runs[name].append(_run(folder, name, dtype))
    return [_line(name, dtype, runs) for name in names]


def _line(name, dtype, runs):
    times = [ours["images/s"] / its["images/s"] for ours, its in zip(runs[OURS], runs[name], strict=True)]
    ratios = [run["images/s"] / run["floor"] for run in runs[name]]
    return {
        "backend": keras.backend.backend(),
        "dtype": dtype,
        "loader": name,
        "images/s": f"{_median(runs[name], 'images/s'):,.0f}",
        "of the floor": f"{statistics.median(ratios):.2f} ({min(ratios):.2f} - {max(ratios):.2f})",
        "Amalthea is x times": f"{statistics.median(times):.1f} ({min(times):.1f} - {max(times):.1f})",
        "first batch s": f"{_median(runs[name], 'first'):.2f}",
        "turn of an epoch ms": f"{1000 * _median(runs[name], 'turn'):.0f}",
    }


def _median(runs, key):
    return statistics.median(run[key] for run in runs)


def _run(folder, name, dtype):
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.processes", str(folder), name, dtype]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=900)
    return json.loads(done.stdout.splitlines()[-1])


def _made(paths, labels, name, dtype):
    if name.startswith("Amalthea"):
        return amalthea.ImageLoader(
            paths,
            labels,
            image_size=SIZE,
            dtype=dtype,
            label_mode="raw",
            workers=WORKERS,
            use_multiprocessing="processes" in name,
        )
    return peers(paths, labels, SIZE, dtype, WORKERS)[name]()


def main(folder, name, dtype):
    from benchmarks.photos import found_photos

    paths = found_photos(folder)
    labels = np.arange(len(paths), dtype=np.int32) % 8
    floor_images_per_second(paths, SIZE, dtype)  # the files are in memory now
    start = time.perf_counter()
    dataset = _made(paths, labels, name, dtype)
    iterator = epoch_iterator(dataset)
    times = batch_times(iterator)
    first = times[1] - start
    speeds, turns, floors = [], [], []
    for _ in range(EPOCHS):
        floors.append(floor_images_per_second(paths, SIZE, dtype))
        times = batch_times(iterator)
        gaps = [after - before for before, after in itertools.pairwise(times)]
        speeds.append(len(paths) / (times[-1] - times[0]))
        turns.append(gaps[0] - statistics.median(gaps[1:]))
    if isinstance(dataset, amalthea.Loader):
        dataset.close()
    run = {"images/s": speeds, "turn": turns, "floor": floors}
    print(json.dumps({key: statistics.median(values) for key, values in run.items()} | {"first": first}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
