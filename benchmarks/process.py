"""The process of one contestant: JSON in, JSON out."""

import gc
import importlib
import itertools
import json
import os
import statistics
import sys
import time
import traceback
from importlib.machinery import PathFinder
from typing import ClassVar

from benchmarks.drives import DRIVES
from benchmarks.fidelity import Fidelity, shapes
from benchmarks.tree import cpu_s, memory_mb, watched

WATCHED_S = 0.5
SLOW_S = 2.0


def measured(make, options, through, load, told, *, warm, cold, seconds, compare):
    """Runs a contestant and returns its figures; what it imports and what is in memory already does not count."""
    function = _named("contestants", make)
    told = _named("data", load)(**told) if load else told
    _start_backend()
    if cold:
        _forget(told["file"])
    gc.collect()
    idle = memory_mb()
    start = time.perf_counter()
    dataset = function(told, **options)
    epoch = DRIVES[through](dataset, told)
    figures = {"idle_mb": idle, **(_warm if warm else _once)(epoch, told, start, seconds)}
    if compare and "reference" in told:
        fidelity = Fidelity(told["reference"])
        epoch(fidelity.see)
        figures["dB"] = fidelity.db
    figures |= getattr(dataset, "figures", dict)()
    getattr(dataset, "close", lambda: None)()
    return figures


def _once(epoch, told, start, seconds):
    """One epoch is all, from the construction on; from the first batch on, if there are several."""
    seen, cpu = [], cpu_s()
    with watched() as looks:
        times = _times(epoch, seen, start)
    whole = len(times) <= 2
    done = told["count"] if whole else told["count"] * (len(times) - 2) / (len(times) - 1)
    return {
        "samples_s": done / (times[-1] - times[0 if whole else 1]),
        "first_s": times[1] - start,
        "peak_mb": max(looks),
        "cpu_s_per_1000": (cpu_s() - cpu) / told["count"] * 1000,
        **seen[0],
    }


def _warm(epoch, told, start, seconds):
    seen = []
    times = _times(epoch, seen, start)
    figures = {"first_s": times[1] - start, **seen[0]}
    # Who takes long is not run more often than needed.
    least = 2 if seconds and times[-1] - times[0] < SLOW_S else 1
    figures |= _timed(epoch, told, seconds, least)
    with watched() as looks:
        _again(epoch, min(seconds, WATCHED_S), 1 if seconds else 0)
    figures["peak_mb"] = max(looks)
    return figures


def _timed(epoch, told, seconds, least):
    cpu = cpu_s()
    epochs = _again(epoch, seconds, least)
    cpu = cpu_s() - cpu
    figures = {
        "samples_s": statistics.median(told["count"] / (times[-1] - times[0]) for times in epochs),
        "cpu_s_per_1000": cpu / (len(epochs) * told["count"]) * 1000,
    }
    if len(epochs[0]) > 3:
        figures["turn_s"] = statistics.median(map(_turn_s, epochs))
    return figures


def _turn_s(times):
    """What the change of epochs costs beyond a batch: the wait for the first batch, less a usual one."""
    gaps = [after - before for before, after in itertools.pairwise(times)]
    return gaps[0] - statistics.median(gaps[1:])


def _again(epoch, seconds, least):
    """Runs epochs for so many seconds; returns the times of each."""
    start, epochs = time.perf_counter(), []
    while len(epochs) < least or time.perf_counter() - start < seconds:
        epochs.append(_times(epoch))
    return epochs


def _times(epoch, seen=None, start=None):
    """Returns when the epoch began and when each of its batches was there, in seconds."""
    times = [start or time.perf_counter()]

    def see(batch):
        times.append(time.perf_counter())
        if seen is not None and not seen:
            seen.append({"gives": shapes(batch)})

    epoch(see)
    return times


def _named(package, name):
    module, function = name.split(":")
    return getattr(importlib.import_module(f"benchmarks.{package}.{module}"), function)


def _start_backend():
    """A program that trains has its backend running before it has a loader."""
    if "keras" in sys.modules:
        import keras

        keras.ops.convert_to_numpy(keras.ops.ones((2, 2)) + 1)


def _forget(path):
    """Throws the pages of a file out of the page cache, as if the file were larger than that."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(file)


class _Hiding(PathFinder):
    """Finds what is installed, but for some packages."""

    hidden: ClassVar[set[str]] = set()

    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        return None if fullname in cls.hidden else super().find_spec(fullname, path, target)


def _hide_other_frameworks():
    """As in an environment of one backend: some adapters of Keras import whatever framework they find, for seconds."""
    backend = os.environ.get("KERAS_BACKEND")
    if backend:
        _Hiding.hidden = {"jax", "torch", "tensorflow"} - {backend}
        sys.meta_path[:] = [_Hiding if finder is PathFinder else finder for finder in sys.meta_path]


def main():
    """Reads a list of descriptions, and prints the figures of each as one line."""
    _hide_other_frameworks()
    for description in json.load(sys.stdin):
        try:
            figures = measured(**description)
        except Exception as error:  # a peer that fails is a result as well
            traceback.print_exc()
            figures = {"failed": f"{type(error).__name__}: {error}"}
        print("FIGURES", json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
