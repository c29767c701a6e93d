"""SPDL's pipelines, as its documentation uses them."""

import numpy as np
import spdl.io
from spdl.pipeline import PipelineBuilder

from benchmarks.case import WORKERS
from benchmarks.data.photos import listed
from benchmarks.samples import Pictures


def images(told):
    """Samples by Pillow in threads, then batches."""
    source = Pictures(*listed(told["folder"]), told["size"])

    def batch(samples):
        return tuple(map(np.stack, zip(*samples, strict=True)))

    def build(order):
        stages = PipelineBuilder().add_source(order).pipe(source.__getitem__, concurrency=WORKERS)
        return stages.aggregate(told["batch"]).pipe(batch).add_sink(2).build(num_threads=WORKERS)

    return _epochs(build, len(source))


def own_images(told):
    """Batches by SPDL's own decoder and resize, which are FFmpeg's."""
    paths, labels = listed(told["folder"])
    size = told["size"]

    def load(indices):
        files = [paths[index] for index in indices]
        pixels = spdl.io.to_numpy(spdl.io.load_image_batch(files, width=size, height=size, pix_fmt="rgb24"))
        return pixels.astype(np.float32), labels[indices]

    def build(order):
        stages = PipelineBuilder().add_source(order).aggregate(told["batch"]).pipe(load, concurrency=WORKERS)
        return stages.add_sink(2).build(num_threads=WORKERS)

    return _epochs(build, len(paths))


def _epochs(build, count):
    rng = np.random.default_rng(0)

    def epoch(see):
        pipeline = build(rng.permutation(count).tolist())
        with pipeline.auto_stop():
            for batch in pipeline:
                see(batch)

    return epoch
