"""Other clients than the usual one: what a program has registered with fsspec is used, in worker processes as well."""

import fsspec
import numpy as np
import obstore.fsspec
import pytest

import amalthea

WORKERS = [{"workers": 2}, {"workers": 2, "use_multiprocessing": True}]


@pytest.fixture
def by_obstore():
    before = fsspec.get_filesystem_class("s3")
    obstore.fsspec.register("s3")
    yield
    fsspec.register_implementation("s3", before, clobber=True)


@pytest.mark.parametrize("workers", WORKERS, ids=["threads", "processes"])
def test_obstore_gives_the_same_batches(proxy, url, folder, by_obstore, workers):
    assert issubclass(fsspec.get_filesystem_class("s3"), obstore.fsspec.FsspecStore)
    near, far = (_epoch(str(place), **workers) for place in (folder, url))
    assert len(near) == len(far)
    for array, right in zip(far, near, strict=True):
        np.testing.assert_array_equal(array, right)


def _epoch(directory, **options):
    with amalthea.ImageLoader.from_directory(directory, image_size=16, seed=1, verbose=False, **options) as loader:
        return [array.copy() for batch in loader for array in batch]
