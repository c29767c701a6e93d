"""Scaling, erasing and the public names."""

import subprocess
import sys

import numpy as np
import pytest

from amalthea import transforms
from amalthea.transforms import (
    Lambda,
    Normalization,
    RandomChannelShift,
    RandomErasing,
    RandomGain,
    RandomShearAngle,
    Rescaling,
    SampleNormalization,
    ZCAWhitening,
)


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


def test_a_gain_multiplies_rounds_and_clips():
    got = RandomGain((1.5, 1.5))(np.array([[[1], [100], [171]]], "uint8"), np.random.default_rng(0))
    np.testing.assert_array_equal(got.ravel(), [2, 150, 255])
    floats = RandomGain((1.5, 1.5), (0, 1))(np.array([[[0.2], [0.8]]], "float32"), np.random.default_rng(0))
    np.testing.assert_allclose(floats.ravel(), [0.3, 1.0], rtol=1e-6)


def test_a_channel_shift_stays_between_the_values_of_the_image():
    got = RandomChannelShift((-30, -30))(np.array([[[20], [45], [200]]], "uint8"), np.random.default_rng(0))
    np.testing.assert_array_equal(got.ravel(), [20, 20, 170])


def test_a_shear_of_60_degrees_reads_each_row_from_half_as_far_and_to_the_side():
    image = np.zeros((5, 9, 1), "float32")
    image[1, 4] = image[3, 4] = 1
    got = RandomShearAngle((60, 60), "constant")(image, np.random.default_rng(0))
    sine = np.sin(np.pi / 3)
    want = np.zeros((5, 9))  # what is read from 1 above the centre is seen 2 above, moved by 2 sines
    for row, column in ((0, 4 - 2 * sine), (4, 4 + 2 * sine)):
        left = int(column)
        want[row, left], want[row, left + 1] = left + 1 - column, column - left
    np.testing.assert_allclose(got[[0, 4], :, 0], want[[0, 4]], atol=0.05)
    assert not got[2].any()


def test_an_image_of_one_colour_is_normalized_to_zeros():
    np.testing.assert_array_equal(SampleNormalization()(np.full((3, 4, 3), 200, "uint8")), np.zeros((3, 4, 3)))


def test_sample_normalization_takes_one_mean_and_one_deviation_for_all_channels():
    image = np.array([[[0, 2]], [[4, 6]]], "uint8")
    got = SampleNormalization()(image)
    np.testing.assert_allclose(got.ravel(), np.array([-3, -1, 1, 3]) / np.sqrt(5), rtol=1e-5)
    np.testing.assert_allclose(SampleNormalization(scale=False)(image).ravel(), [-3, -1, 1, 3])
    want = np.array([0, 2, 4, 6]) / np.sqrt(5)
    np.testing.assert_allclose(SampleNormalization(center=False)(image).ravel(), want, rtol=1e-5)


def test_a_function_gets_a_copy_as_float32_and_keeps_the_shape():
    def negative(image):
        assert (image.dtype, image.shape) == (np.float32, (2, 3, 1))
        image *= -1
        return image.astype("float64")

    image = np.ones((2, 3, 1), "uint8")
    got, label = Lambda(negative)((image, 5))
    np.testing.assert_array_equal(got, np.full((2, 3, 1), -1, "float32"))
    assert (got.dtype, label, image.min()) == (np.float32, 5, 1)
    with pytest.raises(ValueError, match=r"shape \(3, 1\) for an image of shape \(2, 3, 1\)"):
        Lambda(lambda image: image[0])(image)


def test_a_whitening_multiplies_all_values_less_their_mean_by_its_matrix():
    image = np.arange(4, dtype="uint8").reshape(1, 2, 2)
    matrix = np.arange(16.0).reshape(4, 4)
    got = ZCAWhitening([1.0, 2.0], matrix)(image)
    np.testing.assert_array_equal(got.ravel(), matrix @ [-1, -1, 1, 1])
    assert (got.shape, got.dtype) == (image.shape, np.float32)


def test_all_lists_the_public_names():
    lowercase = {name for name in dir(transforms) if name[0].islower() or name[0] == "_"}
    assert set(transforms.__all__) == set(dir(transforms)) - lowercase


@pytest.mark.parametrize("framework", ["keras", "jax", "tensorflow", "torch"])
def test_no_deep_learning_framework_is_imported(framework):
    code = f"import sys, amalthea.transforms; sys.exit({framework!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=120, check=False).returncode == 0
