"""Statistics of all images: right, read once, in bounded memory, cheap to send."""

import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import amalthea
from amalthea.errors import ConfigurationError, SampleError
from amalthea.transforms import Compose, Normalization, RandomFlip, RandomTranslation, Rescaling, ZCAWhitening
from amalthea.transforms._fitting import BLOCK_BYTES, Moments, scatter, squares
from amalthea.workers.parcel import pack

seeds = st.integers(0, 2**32)


class Made:
    """Images made when they are asked for; each is read once and no more."""

    def __init__(self, count, shape):
        self.count, self.shape, self.read = count, shape, []

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        self.read.append(index)
        return np.random.default_rng(index).integers(0, 256, self.shape, "uint8"), index


@given(
    sizes=st.lists(st.integers(1, 9), min_size=1, max_size=6),
    kept=st.sampled_from([(), (0,), (2,), (0, 2), (0, 1, 2)]),
    offset=st.sampled_from([0.0, 1e6, -1e9]),
    seed=seeds,
)
def test_blocks_are_merged_to_the_moments_of_all(sizes, kept, offset, seed):
    """Also where the values are a billion times their spread."""
    images = np.random.default_rng(seed).normal(offset, 1, (sum(sizes), 3, 4, 2))
    others = tuple(axis for axis in range(4) if axis - 1 not in kept)
    moments = Moments(kept, squares)
    for block in np.split(images, np.cumsum(sizes)[:-1]):
        moments.add(block)
    exact = images - offset
    np.testing.assert_allclose((moments.mean - offset).reshape(moments.shape), exact.mean(others), atol=1e-6)
    np.testing.assert_allclose((moments.spread / moments.count).reshape(moments.shape), exact.var(others), atol=1e-5)
    assert moments.count * math.prod(moments.shape) == images.size


@given(sizes=st.lists(st.integers(1, 9), min_size=1, max_size=6), seed=seeds)
def test_blocks_are_merged_to_the_covariance_of_all(sizes, seed):
    images = np.random.default_rng(seed).normal(1e6, 1, (sum(sizes), 2, 2, 2))
    moments = Moments((0, 1, 2), scatter)
    for block in np.split(images, np.cumsum(sizes)[:-1]):
        moments.add(block)
    want = np.cov((images - 1e6).reshape(len(images), -1).T, bias=True)
    np.testing.assert_allclose(moments.spread / moments.count, want, atol=1e-6)


@pytest.mark.parametrize("axis", [-1, None, 1, (1, 2, 3)])
def test_fitted_images_have_mean_0_and_variance_1_along_each_axis(axis):
    images = np.random.default_rng(0).normal(100, 20, (60, 5, 6, 3)).astype("float32")
    normalize = Normalization.fit(images, axis)
    got = np.stack([normalize(image) for image in images])
    over = {-1: (0, 1, 2), None: None, 1: (0, 2, 3), (1, 2, 3): 0}[axis]
    np.testing.assert_allclose(got.mean(over, dtype="float64"), 0, atol=1e-5)
    np.testing.assert_allclose(got.std(over, dtype="float64"), 1, atol=1e-5)


def test_centering_alone_leaves_the_spread():
    images = np.random.default_rng(0).normal(100, 20, (60, 5, 6, 3)).astype("float32")
    normalize = Normalization.fit(images, scale=False)
    np.testing.assert_allclose(normalize(images[3]), images[3] - images.mean((0, 1, 2), dtype="float64"), atol=1e-4)


def test_whitened_images_are_uncorrelated_with_variance_1():
    images = np.random.default_rng(0).normal(100, 20, (400, 3, 4, 2)).cumsum(axis=2).astype("float32")
    whiten = ZCAWhitening.fit(images)
    got = np.stack([whiten(image) for image in images]).reshape(400, -1).astype("float64")
    np.testing.assert_allclose(got.T @ got / 400, np.eye(24), atol=1e-4)


def test_what_never_varies_is_left_out_of_a_whitening():
    """Its deviation is rounding: to divide by that would make noise of it."""
    images = np.random.default_rng(0).normal(100, 20, (400, 4, 4, 1)).astype("float32")
    images[:, 0] = images[:, 1]
    whiten = ZCAWhitening.fit(images, epsilon=0.0)
    got = np.stack([whiten(image) for image in images])
    assert np.abs(got).max() < 10
    np.testing.assert_allclose(got[:, 0], got[:, 1], atol=1e-4)


def test_arrays_maps_lists_and_sources_of_samples_give_the_same(tmp_path):
    source = Made(30, (6, 5, 3))
    images = np.stack([source[index][0] for index in range(30)])
    np.save(tmp_path / "images.npy", images)
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    labelled = amalthea.sources.Arrays(images, np.arange(30))
    for data in (mapped, list(images), source, labelled, amalthea.ArrayLoader(images, np.arange(30)).source):
        for transform in (Normalization, ZCAWhitening):
            want, got = (transform.fit(each)(images[0]) for each in (images, data))
            np.testing.assert_array_equal(got, want)


def test_images_of_several_sizes_have_statistics_of_their_channels():
    images = [np.full((2, 3, 1), 10, "uint8"), np.full((6, 4, 1), 20, "uint8")]
    normalize = Normalization.fit(images)
    np.testing.assert_allclose(normalize.mean, [(6 * 10 + 24 * 20) / 30])
    for fit in (ZCAWhitening.fit, lambda data: Normalization.fit(data, axis=1)):
        with pytest.raises(ConfigurationError, match=r"differ in shape.*Resizing"):
            fit(images)


def test_memory_is_bounded_and_each_image_is_read_once():
    source = Made(90, (400, 400, 3))
    tracemalloc.start()
    normalize = Normalization.fit(source)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert source.read == list(range(90))
    assert 10 * BLOCK_BYTES < 90 * 400 * 400 * 3 * 8
    assert peak < 5 * BLOCK_BYTES
    np.testing.assert_allclose(normalize.mean, 127.5, atol=0.1)
    np.testing.assert_allclose(normalize.variance, (256**2 - 1) / 12, rtol=1e-3)


def test_a_transform_comes_first_and_rounds_draw_anew():
    images = np.random.default_rng(0).integers(0, 256, (20, 6, 6, 3), "uint8")
    np.testing.assert_allclose(
        Normalization.fit(images, transform=Rescaling(1 / 255)).mean, images.mean((0, 1, 2)) / 255
    )
    shift = Compose([RandomFlip(), RandomTranslation(0.5, 0.5, "constant")])
    fits = [
        Normalization.fit(images, transform=shift, rounds=rounds, seed=seed)
        for rounds, seed in [(1, 0), (1, 0), (1, 1), (3, 0)]
    ]
    means = [tuple(fit.mean) for fit in fits]
    assert means[0] == means[1]
    assert len(set(means)) == 3


@pytest.mark.parametrize("name", ["data", "transform", "rounds", "seed"])
@pytest.mark.parametrize("fit", [Normalization.fit, ZCAWhitening.fit])
def test_a_bad_argument_is_named(fit, name):
    images = np.zeros((2, 4, 4, 3), "uint8")
    wrong = {
        "data": [3, [], {"x": images}, np.zeros((0, 4, 4, 3))],
        "transform": ["x"],
        "rounds": [0, 1.5],
        "seed": [-1, "a"],
    }[name]
    for value in wrong:
        with pytest.raises(ConfigurationError, match=name):
            fit(**{"data": images, name: value})


@pytest.mark.parametrize("epsilon", [-1.0, "a", math.inf, math.nan])
def test_a_bad_epsilon_is_named(epsilon):
    with pytest.raises(ConfigurationError, match=r"epsilon.*0 or more"):
        ZCAWhitening.fit(np.zeros((2, 2, 2, 1), "uint8"), epsilon=epsilon)


@pytest.mark.parametrize(
    ("broken", "stage", "reason"),
    [
        (np.zeros((4, 4), "float32"), "source", r"\(height, width, channels\)"),
        (np.full((4, 4, 3), np.nan, "float32"), "source", "not a number"),
        (np.zeros((4, 4, 1), "float32"), "transform", "IndexError"),
    ],
)
def test_a_bad_image_is_told_by_its_index(broken, stage, reason):
    def as_bgr(image, rng):
        return image[..., [2, 1, 0]]

    images = [np.zeros((4, 4, 3), "float32"), broken]
    with pytest.raises(SampleError, match=reason) as caught:
        Normalization.fit(images, transform=as_bgr if stage == "transform" else None)
    assert (caught.value.index, caught.value.stage) == (1, stage)


def test_images_that_are_too_large_to_whiten_are_told_how_much_memory_it_takes():
    with pytest.raises(ConfigurationError, match=r"3,145,728 values.* takes 396 TB of memory; .* are free\..*Resizing"):
        ZCAWhitening.fit(np.zeros((1, 1024, 1024, 3), "uint8"))


def test_an_image_of_another_size_is_told():
    whiten = ZCAWhitening.fit(np.random.default_rng(0).normal(size=(50, 4, 4, 3)))
    with pytest.raises(ValueError, match=r"\(4, 5, 3\) needs \(60, 60\)"):
        whiten(np.zeros((4, 5, 3), "float32"))
    with pytest.raises(ValueError, match=r"\(8, 6, 1\) needs"):
        whiten(np.zeros((8, 6, 1), "float32"))


def test_a_whitening_is_sent_to_workers_without_its_matrix_and_whitens_there_bit_for_bit():
    images = np.random.default_rng(0).normal(100, 20, (300, 8, 8, 3)).astype("float32")
    whiten = ZCAWhitening.fit(images)
    parcel = pack(whiten)
    assert len(parcel.data) < 2000
    assert len(parcel.files) == 1
    batches = []
    for processes in (False, True):
        with amalthea.ArrayLoader(
            images[:16], transform=whiten, batch_size=16, shuffle=False, workers=1, use_multiprocessing=processes
        ) as loader:
            batches.append(loader[0])
    np.testing.assert_array_equal(*batches)
    np.testing.assert_array_equal(batches[0][3], whiten(images[3]))
