"""Floors: the cores do in C what the work needs, each its share, and nothing else. No loader can be faster.

No batches, no order, no Keras, and no wait for the last of a batch.
"""

import asyncio
import os
import threading

import cv2
import numpy as np

from benchmarks.contestants.drawing import Drawing
from benchmarks.data.photos import listed
from benchmarks.data.stores import IN_FLIGHT, paths_in_store, sign_in, store_of

RING = 4  # batches in memory, as a loader has them
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def images(told, *, dtype="float32"):
    """Decode and resize to the pixels that Amalthea gives."""
    paths, size = listed(told["folder"])[0], told["size"]
    cv2.setNumThreads(1)  # the cores are taken already
    rings = [(Drawing(size, told["times"]), _ring(told["batch"], (size, size, 3), dtype)) for _ in range(CORES)]

    def work(part, own):
        drawing, ring = own
        for place, path in enumerate(part):
            drawing.draw(_content(path))
            np.copyto(ring[place % len(ring)], drawing.pixels)

    return _shared_out(work, lambda: paths, rings)


def requested(told, *, client):
    """Read the files of an object store, as many at a time as help, and do nothing with them."""
    from fsspec.asyn import get_loop, sync

    sign_in(told, client)
    store = store_of(client)

    async def read(path, room):
        async with room:
            await store._cat_file(path)

    async def read_all():
        room = asyncio.Semaphore(IN_FLIGHT)
        await asyncio.gather(*(read(path, room) for path in paths_in_store(told)[0]))

    def epoch(see):
        sync(get_loop(), read_all)
        see(None)

    return epoch


def copied(told, *, dtype="float32", cores=CORES):
    """Copy pixels that are in memory, in a random order."""
    return _copies(told["pixels"], told["batch"], dtype, cores)


def cast(told):
    """Copy the pixels of a mapped file."""
    return _copies(np.load(told["file"], mmap_mode="r"), told["batch"], "float32")


def mapped(told):
    """Read the rows of a mapped file in a random order."""
    return _copies(np.load(told["file"], mmap_mode="r"), told["batch"], "uint8")


def taken(told):
    """Take the rows of arrays by a permutation, batch by batch."""
    rng, batch = np.random.default_rng(0), told["batch"]

    def epoch(see):
        order = rng.permutation(told["count"])
        for start in range(0, told["count"], batch):
            part = order[start : start + batch]
            see((told["x"][part], told["y"][part]))

    return epoch


def scan(told):
    """List folders, and nothing else."""

    def epoch(see):
        with os.scandir(told["folder"]) as folders:
            found = sum(len(os.listdir(folder.path)) for folder in folders)
        assert found == told["count"]
        see(None)

    return epoch


def _content(path):
    """By as few calls to the system as there can be: each gives Python's lock away."""
    file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        return os.read(file, os.fstat(file).st_size)
    finally:
        os.close(file)


def _copies(rows, batch, dtype, cores=CORES):
    rng = np.random.default_rng(0)
    rings = [_ring(batch, rows.shape[1:], dtype, cores) for _ in range(cores)]

    def work(part, ring):
        for place, index in enumerate(part):
            np.copyto(ring[place % len(ring)], rows[index], casting="unsafe")

    return _shared_out(work, lambda: rng.permutation(len(rows)), rings)


def _ring(batch, shape, dtype, cores=CORES):
    """One core's share of the memory that a loader goes round in."""
    return np.zeros((-(-RING * batch // cores), *shape), dtype)


def _shared_out(work, items, rings):
    """Every core takes its share of the items, and its own memory."""

    def epoch(see):
        drawn = items()
        shares = [drawn[core :: len(rings)] for core in range(len(rings))]
        threads = [threading.Thread(target=work, args=each) for each in zip(shares, rings, strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        see(None)

    return epoch
