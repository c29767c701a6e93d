"""Each transform against the Keras layer of its name, on the backend that runs the tests.

Tolerances are in pixel values of 0 to 255, on float32 images. Keras and OpenCV 5 compute places in float32: a
place in a picture is known to about 1e-5 of a pixel, which is 0.003 across an edge of 255.
"""

import keras
import numpy as np
import pytest

from amalthea import transforms
from amalthea.transforms._warp import Sampling, warp
from transforms.reference import WARP_TOLERANCE, affine, keras_affine, smooth_image, to_numpy

RESIZE_TOLERANCE = 2e-3
SHEAR = np.array([(1, 0.2137, 0.0119), (-0.1093, 1, 0.0127), (0, 0, 1.0)])
ZOOM_TURN = np.array([(1.0531, -0.6077, 10.3137), (0.6077, 1.0531, -17.4093), (0, 0, 1.0)])
SHIFT = np.array([(1, 0, -3.7), (0, 1, 5.2), (0, 0, 1.0)])


def drawn_by_keras(layer, key, shape=(3000, 4, 4, 3)):
    return to_numpy(layer.get_random_transformation(np.zeros(shape, "float32"))[key])


def matrices(transform, count=3000, height=4, width=4):
    rng = np.random.default_rng(0)
    return np.array([transform.matrix(rng, height, width) for _ in range(count)])


def places(matrix):
    """Where the pixels of a 40 x 56 image are read: x and y."""
    y, x = np.mgrid[:40, :56]
    return np.tensordot(matrix, np.stack([x, y, np.ones_like(x)]), 1)[:2]


def undoubted(matrix, interpolation):
    """Output pixels that are not read from midway between two, where rounding decides which is the nearest."""
    midway = np.abs(places(matrix) % 1 - 0.5) < 0.03
    undoubted = ~midway.any(axis=0) | (interpolation == "bilinear")
    assert undoubted.mean() > 0.8
    return undoubted


def same_distribution(ours, keras_values, spread):
    """Both samples have the same mean, deviation and range, up to what 3000 draws can tell."""
    for statistic in (np.mean, np.std, np.min, np.max):
        np.testing.assert_allclose(statistic(ours), statistic(keras_values), atol=0.05 * spread)


@pytest.mark.parametrize("matrix", [SHEAR, ZOOM_TURN, SHIFT], ids=["shear", "zoom_turn", "shift"])
@pytest.mark.parametrize("interpolation", ["bilinear", "nearest"])
@pytest.mark.parametrize("fill_mode", ["reflect", "constant", "wrap", "nearest"])
def test_a_warp_reads_what_keras_documents(fill_mode, interpolation, matrix):
    image = smooth_image(40, 56, 3)
    got = warp(image, matrix, Sampling(fill_mode, interpolation, 9.0))
    want = affine(image, matrix, interpolation, fill_mode, 9.0)
    sure = undoubted(matrix, interpolation)
    np.testing.assert_allclose(got[sure], want[sure], atol=WARP_TOLERANCE)


@pytest.mark.parametrize("matrix", [SHEAR, ZOOM_TURN, SHIFT], ids=["shear", "zoom_turn", "shift"])
@pytest.mark.parametrize("interpolation", ["bilinear", "nearest"])
@pytest.mark.parametrize("fill_mode", ["reflect", "constant", "nearest"])
def test_a_warp_reads_what_keras_reads(fill_mode, interpolation, matrix):
    image = smooth_image(40, 56, 3)
    got = warp(image, matrix, Sampling(fill_mode, interpolation, 9.0))
    want = keras_affine(image, matrix, interpolation, fill_mode, 9.0)
    sure = undoubted(matrix, interpolation)
    np.testing.assert_allclose(got[sure], want[sure], atol=WARP_TOLERANCE)


@pytest.mark.parametrize("matrix", [SHEAR, ZOOM_TURN, SHIFT], ids=["shear", "zoom_turn", "shift"])
def test_wrap_agrees_with_keras_wherever_the_input_is_read_inside(matrix):
    """TensorFlow blends over the seam in a way of its own, so outside only the reference above counts."""
    image = smooth_image(40, 56, 3)
    columns, rows = places(matrix)
    inside = (columns >= 0) & (columns <= 55) & (rows >= 0) & (rows <= 39)
    got = warp(image, matrix, Sampling("wrap"))
    want = keras_affine(image, matrix, "bilinear", "wrap", 0.0)
    assert inside.mean() > 0.4
    np.testing.assert_allclose(got[inside], want[inside], atol=WARP_TOLERANCE)


def test_the_same_angle_turns_as_in_keras():
    image = smooth_image(31, 45, 3)
    layer = keras.layers.RandomRotation((0.1, 0.1), data_format="channels_last")
    transform = transforms.RandomRotation((0.1, 0.1))
    got = transform(image, np.random.default_rng(0))
    np.testing.assert_allclose(got, to_numpy(layer(image, training=True)), atol=WARP_TOLERANCE)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("RandomZoom", {"height_factor": (0.3, 0.3), "width_factor": (-0.2, -0.2)}),
        ("RandomZoom", {"height_factor": (-0.4, -0.4)}),
        ("RandomTranslation", {"height_factor": (0.1, 0.1), "width_factor": (-0.3, -0.3)}),
        ("RandomTranslation", {"height_factor": (-0.2, -0.2), "width_factor": 0.0, "fill_mode": "constant"}),
        ("RandomRotation", {"factor": (-0.3, -0.3), "fill_mode": "nearest"}),
        ("RandomBrightness", {"factor": (0.2, 0.2)}),
        ("RandomBrightness", {"factor": (-0.3, -0.3), "value_range": (0, 200)}),
        ("CenterCrop", {"height": 20, "width": 25}),
        ("CenterCrop", {"height": 50, "width": 50}),
        ("CenterCrop", {"height": 20, "width": 70}),
        ("RandomCrop", {"height": 31, "width": 45}),
        ("Rescaling", {"scale": 1 / 127.5, "offset": -1}),
        ("Normalization", {"mean": [100.0, 110, 120], "variance": [50.0, 60, 70]}),
        ("Normalization", {"mean": 100.0, "variance": 50.0, "axis": None}),
        ("RandomErasing", {"factor": 0.0}),
    ],
)
def test_the_same_parameters_give_the_same_image(name, arguments):
    """With bounds that leave nothing to chance, the layer and the transform agree pixel by pixel."""
    image = smooth_image(31, 45, 3)
    layer = getattr(keras.layers, name)(**arguments)
    arguments_for_call = {"training": True} if name.startswith("Random") else {}
    want = to_numpy(layer(image[None], **arguments_for_call))[0]
    got = getattr(transforms, name)(**arguments)(image, np.random.default_rng(0))
    np.testing.assert_allclose(got, want, atol=WARP_TOLERANCE if "Random" in name else RESIZE_TOLERANCE)


def test_the_same_contrast_factor_gives_the_same_image():
    image = smooth_image(31, 45, 3)
    multiplier = np.random.default_rng(0).uniform(0.5, 1.5)
    factor = keras.ops.convert_to_tensor(np.full((1, 1, 1), multiplier, "float32"))
    layer = keras.layers.RandomContrast(0.5)
    want = to_numpy(layer.transform_images(keras.ops.convert_to_tensor(image), {"contrast_factor": factor}))
    got = transforms.RandomContrast(0.5)(image, np.random.default_rng(0))
    np.testing.assert_allclose(got, want, atol=2e-3)


@pytest.mark.parametrize(("factor", "low", "high"), [(0.2, 0.8, 1.2), ((0.4, 0.1), 0.6, 1.1)])
def test_contrast_is_drawn_from_the_range_that_keras_documents(factor, low, high):
    image = np.array([[[0.0], [2.0]]], "float32") + 100
    rng = np.random.default_rng(0)
    transform = transforms.RandomContrast(factor)
    multipliers = [np.ptp(transform(image, rng)) / 2 for _ in range(3000)]
    np.testing.assert_allclose([min(multipliers), max(multipliers)], [low, high], atol=0.005)


@pytest.mark.parametrize("factor", [0.2, (-0.1, 0.3), (0.05, 0.1)])
def test_rotation_draws_the_angles_of_keras(factor):
    want = drawn_by_keras(keras.layers.RandomRotation(factor, seed=20), "angle")
    drawn = matrices(transforms.RandomRotation(factor))
    got = np.degrees(np.arctan2(drawn[:, 1, 0], drawn[:, 0, 0]))
    same_distribution(got, want, spread=np.ptp(want))


@pytest.mark.parametrize("factor", [0.2, (-0.1, 0.3), (0.3, -0.1)])
def test_zoom_draws_the_factors_of_keras(factor):
    layer = keras.layers.RandomZoom(factor, 0.5, seed=20)
    drawn = matrices(transforms.RandomZoom(factor, 0.5))
    for key, got in (("height_zoom", drawn[:, 1, 1]), ("width_zoom", drawn[:, 0, 0])):
        want = drawn_by_keras(layer, key)
        same_distribution(got, want, spread=np.ptp(want))


def test_zoom_without_a_width_factor_keeps_the_aspect_ratio():
    drawn = matrices(transforms.RandomZoom(0.3))
    np.testing.assert_array_equal(drawn[:, 0, 0], drawn[:, 1, 1])


@pytest.mark.parametrize("factor", [0.2, (-0.1, 0.3)])
def test_translation_draws_the_shifts_of_keras_in_pixels(factor):
    want = drawn_by_keras(keras.layers.RandomTranslation(factor, 0.5, seed=20), "translations", (3000, 20, 40, 1))
    drawn = matrices(transforms.RandomTranslation(factor, 0.5), height=20, width=40)
    for axis in (0, 1):
        same_distribution(-drawn[:, axis, 2], want[:, axis], spread=np.ptp(want[:, axis]))


@pytest.mark.parametrize("factor", [0.3, (0.1, 0.3)])
def test_shear_draws_the_factors_of_keras_and_one_sign_for_both(factor):
    want = drawn_by_keras(keras.layers.RandomShear(factor, factor, seed=20), "shear_factor")
    drawn = matrices(transforms.RandomShear(factor, factor))
    got = np.stack([drawn[:, 0, 1], drawn[:, 1, 0]], axis=1)
    same_distribution(got, want, spread=0.6)
    np.testing.assert_allclose(np.corrcoef(got.T), np.corrcoef(want.T), atol=0.1)


@pytest.mark.parametrize("factor", [0.2, (-0.1, 0.3)])
def test_brightness_draws_the_shifts_of_keras(factor):
    want = drawn_by_keras(keras.layers.RandomBrightness(factor, (0, 2), seed=20), "rgb_delta")
    rng, transform = np.random.default_rng(0), transforms.RandomBrightness(factor, (0, 2))
    got = [transform(np.ones((1, 1, 1), "float32"), rng)[0, 0, 0] - 1 for _ in range(3000)]
    same_distribution(got, want, spread=np.ptp(want))


def test_flip_in_both_directions_is_one_decision_as_in_keras():
    image = np.arange(4, dtype="float32").reshape(2, 2, 1)
    layer, transform = keras.layers.RandomFlip(), transforms.RandomFlip()
    rng = np.random.default_rng(0)
    by_keras = {to_numpy(layer(image, training=True)).ravel().tobytes() for _ in range(40)}
    assert {transform(image, rng).ravel().tobytes() for _ in range(40)} == by_keras
    assert len(by_keras) == 2


@pytest.mark.parametrize("factor", [1.0, 0.4, (0.5, 0.5)])
def test_erasing_changes_as_many_images_as_keras(factor):
    want = drawn_by_keras(keras.layers.RandomErasing(factor, seed=20), "apply_erasing").mean()
    rng, transform = np.random.default_rng(0), transforms.RandomErasing(factor, 0.5, fill_value=7)
    image = np.zeros((40, 40, 1), "float32")
    got = np.mean([transform(image, rng).any() for _ in range(3000)])
    np.testing.assert_allclose(got, want, atol=0.06)


def test_erasing_covers_the_area_of_keras():
    layer = keras.layers.RandomErasing((1.0, 1.0), (0.1, 0.3), fill_value=7, seed=20)
    want = to_numpy(layer(np.zeros((2000, 20, 30, 1), "float32"), training=True)).mean(axis=(1, 2, 3)) / 7
    rng, transform = np.random.default_rng(0), transforms.RandomErasing((1, 1), (0.1, 0.3), fill_value=7)
    got = [transform(np.zeros((20, 30, 1), "float32"), rng).mean() / 7 for _ in range(2000)]
    np.testing.assert_allclose([np.mean(got), np.std(got)], [want.mean(), want.std()], atol=0.01)


@pytest.mark.parametrize(
    "arguments",
    [
        {"antialias": True},
        {"antialias": False},
        {"interpolation": "nearest"},
        {"interpolation": "bicubic", "antialias": True},
        {"crop_to_aspect_ratio": True},
        {"pad_to_aspect_ratio": True, "fill_value": 7.0},
    ],
    ids=str,
)
@pytest.mark.parametrize("size", [(20, 24), (64, 96), (20, 96), (64, 24)])
def test_resizing_gives_the_pixels_of_keras(size, arguments):
    """Sizes without ties: where a nearest pixel lies exactly between two, Keras' backends differ."""
    image = smooth_image(40, 56, 3)
    want = to_numpy(keras.layers.Resizing(*size, **arguments)(image))
    got = transforms.Resizing(*size, **arguments)(image)
    np.testing.assert_allclose(got, want, atol=RESIZE_TOLERANCE)


def test_random_crop_of_a_side_that_fits_is_still_random_along_the_other():
    """Keras takes the centre as soon as one side equals the window's."""
    image = np.broadcast_to(np.arange(64, dtype="uint8")[None, :, None], (32, 64, 1))
    rng, crop = np.random.default_rng(0), transforms.RandomCrop(32, 32)
    assert {int(crop(image, rng)[0, 0, 0]) for _ in range(1000)} == set(range(33))
    layer = keras.layers.RandomCrop(32, 32)
    assert {int(to_numpy(layer(image, training=True))[0, 0, 0]) for _ in range(10)} == {16}
