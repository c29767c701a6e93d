"""Grain, as its documentation uses it."""

import grain
from absl import flags

from benchmarks.case import WORKERS
from benchmarks.data.photos import listed
from benchmarks.samples import Pictures

# Grain's worker processes are handed its flags, which a program that is run by `absl.app` has read.
flags.FLAGS.mark_as_parsed()


def images(told, *, processes=False):
    """A `MapDataset` that is read by threads, or by worker processes with a thread each."""
    return _dataset(Pictures(*listed(told["folder"]), told["size"]), told, processes)


def order(told):
    """A shuffled `MapDataset` of numbers, in batches."""
    batches = grain.MapDataset.range(told["size"]).shuffle(seed=0).batch(told["batch"])

    def epoch(see):
        for number in range(told["count"] // told["batch"]):
            see(batches[number])

    return epoch


def _dataset(source, told, processes):
    samples = grain.MapDataset.range(len(source)).seed(0).shuffle().map(source.__getitem__).batch(told["batch"])
    if not processes:
        return samples.to_iter_dataset(grain.ReadOptions(num_threads=WORKERS, prefetch_buffer_size=4))
    return samples.to_iter_dataset().mp_prefetch(grain.MultiprocessingOptions(num_workers=WORKERS))
