"""Amalthea, in the ways that it is used."""

import os
import tempfile

import keras  # noqa: F401  # the backend is running before anything is measured

import amalthea
from benchmarks.case import WORKERS
from benchmarks.data.stores import sign_in
from benchmarks.samples import Casting, Lengths, Numbers, Pieces


def images(told, *, processes=False, dtype="float32", antialias=True, cache=None, workers=WORKERS):
    """The files of a folder; with `cache="disk"` kept in a folder of its own."""
    options = {}
    if cache:
        options["cache"] = tempfile.mkdtemp(dir=os.path.dirname(told["folder"])) if cache == "disk" else cache
    return amalthea.ImageLoader.from_directory(
        told["folder"],
        image_size=told["size"],
        batch_size=told["batch"],
        dtype=dtype,
        antialias=antialias,
        workers=workers,
        use_multiprocessing=processes,
        seed=0,
        verbose=False,
        **options,
    )


def stored(told, *, client, **options):
    """The same files in an object store."""
    sign_in(told, client)
    return images({**told, "folder": told["url"]}, **options)


def late(told):
    """The same files, each after a while: no network, and no library for one."""
    import fsspec

    from benchmarks.contestants.late_files import LateFiles

    LateFiles.latency_s = told["latency_s"]
    fsspec.register_implementation("late", LateFiles)
    return images({**told, "folder": f"late://{told['folder']}"})


def arrays(told, *, workers=WORKERS):
    return amalthea.ArrayLoader(told["x"], told["y"], batch_size=told["batch"], workers=workers, seed=0)


def mapped(told, *, processes=False):
    from benchmarks.data.blocks import opened

    x, y = opened(told)
    return amalthea.ArrayLoader(x, y, batch_size=told["batch"], workers=WORKERS, use_multiprocessing=processes, seed=0)


def casting(told, *, in_place=False, processes=True):
    source = Casting(told["file"], told["count"], in_place=in_place)
    return _loader(source, told, processes)


def pieces(told, *, processes=False, workers=WORKERS):
    return _loader(Pieces(told["count"]), told, processes, workers)


def numbers(told):
    return _loader(Numbers(told["count"]), told, processes=False)


def lengths(told):
    from amalthea.sources.paths import Paths
    from benchmarks.data.trees import names

    return _with_private_mb(_loader(Lengths(Paths(names(told["count"]))), told, processes=True))


def scan(told):
    """Finds the files of a folder, and opens the first."""

    def epoch(see):
        assert images(told).num_samples == told["count"]
        see(None)

    return epoch


def far(told):
    """So many samples that their order could not be kept; an epoch is some of them."""
    return amalthea.Loader(
        Numbers(told["size"]), batch_size=told["batch"], steps_per_epoch=told["count"] // told["batch"], seed=0
    )


def texts(told):
    """The vocabulary is found and the texts are tokenized as the loader is made."""
    return amalthea.TextLoader(
        told["texts"],
        max_length=told["length"],
        vocab_size=told["vocab"],
        batch_size=told["batch"],
        workers=WORKERS,
        seed=0,
        verbose=False,
    )


def _loader(source, told, processes, workers=WORKERS):
    return amalthea.Loader(source, batch_size=told["batch"], workers=workers, use_multiprocessing=processes, seed=0)


def _with_private_mb(loader):
    from benchmarks.tree import private_mb, workers

    loader.figures = lambda: {"worker_private_mb": max(map(private_mb, workers()))}
    return loader
