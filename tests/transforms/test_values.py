"""Scaling, erasing and the public names."""

import subprocess
import sys

import numpy as np
import pytest

from amalthea import transforms
from amalthea.transforms import Normalization, RandomErasing, Rescaling


def test_normalization_of_rows_counts_the_batch_as_axis_0():
    image = np.ones((2, 3, 1), "float32")
    got = Normalization([0.0, 1.0], [1.0, 4.0], axis=1)(image)
    np.testing.assert_array_equal(got[..., 0], [[1, 1, 1], [0, 0, 0]])
    np.testing.assert_array_equal(got, Normalization([0.0, 1.0], [1.0, 4.0], axis=-3)(image))


def test_normalization_of_each_pixel():
    image = np.random.default_rng(0).normal(size=(2, 3, 4)).astype("float32")
    got = Normalization(image, np.full(image.shape, 4.0), axis=(1, 2, 3))(image + 1)
    np.testing.assert_allclose(got, 0.5, atol=1e-6)


def test_a_variance_of_zero_divides_by_the_smallest_deviation():
    got = Normalization(1.0, 0.0, axis=None)(np.full((1, 1, 1), 2.0))
    np.testing.assert_allclose(got, 1e7)


def test_rescaling_takes_a_number_for_each_channel():
    got = Rescaling([1.0, 2.0], [0.0, 1.0])(np.ones((1, 1, 2), "uint8"))
    np.testing.assert_array_equal(got.ravel(), [1, 3])


def test_erasing_writes_each_channel_its_fill_value():
    got = RandomErasing((1, 1), (1, 1), fill_value=[5, 300])(np.zeros((3, 3, 2), "uint8"), np.random.default_rng(0))
    np.testing.assert_array_equal(got, np.broadcast_to(np.array([5, 255], "uint8"), (3, 3, 2)))


def test_erasing_with_noise_stays_in_the_value_range_and_varies():
    erase = RandomErasing((1, 1), (1, 1), value_range=(0, 1))
    got = erase(np.full((40, 40, 3), 0.5, "float32"), np.random.default_rng(0))
    assert (got.min(), got.max()) == (0, 1)
    assert len(np.unique(got)) > 500


def test_all_lists_the_public_names():
    lowercase = {name for name in dir(transforms) if name[0].islower() or name[0] == "_"}
    assert set(transforms.__all__) == set(dir(transforms)) - lowercase


@pytest.mark.parametrize("framework", ["keras", "jax", "tensorflow", "torch"])
def test_no_deep_learning_framework_is_imported(framework):
    code = f"import sys, amalthea.transforms; sys.exit({framework!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=120, check=False).returncode == 0
