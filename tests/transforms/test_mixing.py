"""MixUp and CutMix against their definitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amalthea.errors import ConfigurationError
from amalthea.transforms import CutMix, MixUp

seeds = st.integers(0, 2**32)
sizes = st.integers(1, 9)


def numbered_batch(size, dtype="float32", height=6, width=8):
    """Row i is an image of i everywhere, with the label i as one of `size` classes."""
    x = np.broadcast_to(np.arange(size, dtype=dtype)[:, None, None, None], (size, height, width, 2)).copy()
    return x, np.eye(size, dtype="float32")


@given(size=sizes, seed=seeds, mix=st.sampled_from([MixUp(0.4), CutMix(), CutMix((0.5, 0.9))]))
def test_labels_sum_to_one_and_tell_the_mean_of_the_image(size, seed, mix):
    """A pixel of row i is i, so the image's mean is the labels' expectation exactly if both mix alike."""
    x, y = numbered_batch(size)
    mixed, labels = mix((x, y), np.random.default_rng(seed))
    np.testing.assert_allclose(labels.sum(axis=1), 1, atol=1e-5)
    assert labels.min() >= 0
    np.testing.assert_allclose(mixed.mean(axis=(1, 2, 3)), labels @ np.arange(size), atol=1e-4)


@given(size=sizes, seed=seeds, mix=st.sampled_from([MixUp(), CutMix()]))
def test_an_rng_fixes_the_batch_and_the_input_stays(size, seed, mix):
    batch = numbered_batch(size)
    before = [part.copy() for part in batch]
    first, second = (mix(batch, np.random.default_rng(seed)) for _ in range(2))
    for part, again, old, now in zip(first, second, before, batch, strict=True):
        np.testing.assert_array_equal(part, again)
        np.testing.assert_array_equal(old, now)
        assert not np.shares_memory(part, now)


def test_mix_up_draws_partners_then_shares():
    x, y = numbered_batch(5)
    mixed, labels = MixUp(0.3)((x, y), np.random.default_rng(11))
    rng = np.random.default_rng(11)
    partners, shares = rng.permutation(5), rng.beta(0.3, 0.3, size=5)[:, None]
    np.testing.assert_allclose(labels, shares * y + (1 - shares) * y[partners], atol=1e-6)
    np.testing.assert_allclose(mixed[:, 0, 0, 0], labels @ np.arange(5), atol=1e-5)


@given(seed=seeds)
def test_cut_mix_pastes_one_rectangle(seed):
    x, y = numbered_batch(4)
    mixed, labels = CutMix()((x, y), np.random.default_rng(seed))
    for row in range(4):
        pasted = (mixed[row] != row).all(axis=-1)
        outline = np.ix_(pasted.any(axis=1), pasted.any(axis=0))
        assert pasted[outline].all()
        assert len(set(mixed[row][pasted].ravel())) <= 1
        np.testing.assert_allclose(1 - pasted.mean(), labels[row, row], atol=1e-6)


def test_uint8_images_stay_uint8_and_whole_number_labels_become_float32():
    x, y = numbered_batch(4, "uint8")
    for mix in (MixUp(), CutMix()):
        mixed, labels = mix((x * 50, y.astype("int64")), np.random.default_rng(1))
        assert (mixed.dtype, labels.dtype) == (np.uint8, np.float32)


def test_sample_weights_are_mixed_as_the_labels():
    x, y = numbered_batch(4)
    weights = np.arange(4, dtype="float64")
    for mix in (MixUp(1.0), CutMix()):
        _, labels, mixed = mix((x, y, weights), np.random.default_rng(2))
        np.testing.assert_allclose(mixed, labels @ weights, atol=1e-6)
        assert mixed.dtype == np.float64


@pytest.mark.parametrize("mix", [MixUp(), CutMix()])
@pytest.mark.parametrize("y", [np.arange(4), np.arange(4, dtype="int32")[:, None], np.zeros(4, bool)])
def test_class_numbers_are_refused_with_the_remedy(mix, y):
    with pytest.raises(ConfigurationError, match="label_mode='categorical'"):
        mix((numbered_batch(4)[0], y), np.random.default_rng(0))


@pytest.mark.parametrize("batch", [np.zeros((2, 3, 3, 1)), (np.zeros((2, 3, 3, 1)),), ({"a": 1}, np.zeros((2, 2)))])
def test_a_batch_without_labels_or_with_several_inputs_is_refused(batch):
    with pytest.raises(ConfigurationError, match=r"MixUp mixes batches \(x, y\)"):
        MixUp()(batch, np.random.default_rng(0))


def test_cut_mix_refuses_what_is_no_image():
    with pytest.raises(ValueError, match=r"shape \(batch, height, width, channels\)"):
        CutMix()((np.zeros((2, 3)), np.eye(2)), np.random.default_rng(0))
