"""Orders of very many samples, in batches of indices; and paths of as many files."""

import collections
import functools
import itertools
import time

import numpy as np

from amalthea.order import Shuffled
from amalthea.sources.paths import Paths
from benchmarks.data.trees import names


def shuffled(told):
    """Amalthea's: arithmetic on the place."""
    order, epochs = Shuffled(told["size"], seed=0, shuffle=True), itertools.count()
    return _batches(told, lambda: functools.partial(order.indices, next(epochs)))


def permuted(told):
    """All places drawn before the first is known."""
    rng = np.random.default_rng(0)
    return whole_epochs(told, told["numpy_size"], lambda: _slices(rng.permutation(told["numpy_size"]), told["batch"]))


def whole_epochs(told, size, draw):
    """Runs the whole epoch of an order that costs much at its start, so that its rate is not that of a part.

    Args:
        told: Tells how many indices are shown.
        size: Indices in an epoch.
        draw: Returns an iterator of its batches.
    """

    def epoch(see):
        start = time.perf_counter()
        for number, batch in enumerate(draw()):
            if number * told["batch"] < told["count"]:
                see(batch)
        rates.append(size / (time.perf_counter() - start))

    rates = []
    epoch.figures = lambda: {"samples_s": rates[-1], "cpu_s_per_1000": None}
    return epoch


def paths(told, *, into="Paths"):
    """Paths as Amalthea keeps them, as a list, or only counted."""
    make = {"Paths": Paths, "list": list, "nothing": lambda each: collections.deque(each, maxlen=0)}[into]

    def epoch(see):
        kept.clear()
        kept.append(make(names(told["count"])))
        see(None)

    kept = []
    return epoch


def _slices(indices, batch):
    return (indices[start : start + batch] for start in range(0, len(indices), batch))


def _batches(told, places):
    def epoch(see):
        indices = places()
        for start in range(0, told["count"], told["batch"]):
            see(indices(start, start + told["batch"]))

    return epoch
