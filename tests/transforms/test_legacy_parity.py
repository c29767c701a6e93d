"""Each transform against `ImageDataGenerator` of Keras' legacy module, for parameters given explicitly.

Images are float32 of 0 to 255, as the legacy iterators make them, and so are the tolerances.
"""

import itertools
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras.src.legacy.preprocessing.image import ImageDataGenerator

from amalthea.transforms import (
    Compose,
    Lambda,
    Normalization,
    RandomChannelShift,
    RandomFlip,
    RandomGain,
    RandomRotation,
    RandomShearAngle,
    RandomTranslation,
    RandomZoom,
    Rescaling,
    SampleNormalization,
    ZCAWhitening,
)
from amalthea.transforms._warp import product
from transforms.reference import WARP_TOLERANCE, smooth_image

SIDE = 48
ALL_TOGETHER = {
    "theta": 33.0,
    "tx": 5.3,
    "ty": -7.9,
    "shear": -21.0,
    "zx": 0.8,
    "zy": 1.3,
    "flip_horizontal": True,
    "flip_vertical": True,
}
ALONE = [
    {"theta": 33.0},
    {"theta": -140.0},
    {"tx": 5.3},
    {"ty": -7.9},
    {"tx": -4.0, "ty": 9.0},
    {"shear": 21.0},
    {"shear": -60.0},
    {"zx": 0.7},
    {"zy": 1.6},
    {"flip_horizontal": True},
    {"flip_vertical": True},
]

parameters = st.fixed_dictionaries(
    {
        "theta": st.floats(-180, 180),
        "tx": st.floats(-20, 20),
        "ty": st.floats(-20, 20),
        "shear": st.floats(-60, 60),
        "zx": st.floats(0.5, 1.9),
        "zy": st.floats(0.5, 1.9),
        "flip_horizontal": st.booleans(),
        "flip_vertical": st.booleans(),
    }
)
seeds = st.integers(0, 2**32)


def noise(seed=0, shape=(SIDE, SIDE, 3)):
    return np.random.default_rng(seed).uniform(0, 255, shape).astype("float32")


def by_keras(image, given, **options):
    """What the legacy generator makes of an image."""
    generator = ImageDataGenerator(data_format="channels_last", **options)
    with warnings.catch_warnings():
        # Keras calls SciPy by a name that SciPy no longer likes.
        warnings.filterwarnings("ignore", "Please (use|import) `affine_transform`", DeprecationWarning)
        return generator.apply_transform(image, given)


def moves(given, sampling, height, width):
    """The transforms that the parameters stand for, in Keras' order, but for flips."""
    down, right = -given.get("ty", 0) / height, -given.get("tx", 0) / width
    turn, shear = given.get("theta", 0) / 360, given.get("shear", 0)
    zoom_y, zoom_x = given.get("zy", 1) - 1, given.get("zx", 1) - 1
    return [
        RandomRotation((turn, turn), **sampling),
        RandomTranslation((down, down), (right, right), **sampling),
        RandomShearAngle((shear, shear), **sampling),
        RandomZoom((zoom_y, zoom_y), (zoom_x, zoom_x), **sampling),
    ]


FLIPS = [RandomFlip("horizontal"), RandomFlip("vertical")]


def drawing(given):
    """A generator that makes the flips after the moves come out as in the parameters."""
    wanted = [bool(given.get("flip_horizontal")), bool(given.get("flip_vertical"))]
    for seed in itertools.count():
        rng = np.random.default_rng(seed)
        rng.random(6)  # of the moves
        if [rng.random() <= 0.5 for _ in wanted] == wanted:
            return np.random.default_rng(seed)
    return None


def ours(image, given, **sampling):
    """What Amalthea makes of an image: one warp."""
    compose = Compose([*moves(given, sampling, *image.shape[:2]), *FLIPS])
    assert len(compose.steps) == 1
    return compose(image, drawing(given))


def places(given, height, width):
    """Where the pixels are read: columns and rows."""
    matrix = product([*moves(given, {}, height, width), *FLIPS], drawing(given), height, width)
    y, x = np.mgrid[:height, :width]
    return np.tensordot(matrix, np.stack([x, y, np.ones_like(x)]), 1)[:2]


def inside(given, margin, height=SIDE, width=SIDE):
    """Output pixels that are read between the centres of the outermost pixels, and `margin` beyond."""
    columns, rows = places(given, height, width)
    across = (columns >= -margin) & (columns <= width - 1 + margin)
    return across & (rows >= -margin) & (rows <= height - 1 + margin)


@pytest.mark.parametrize("given_", [*ALONE, ALL_TOGETHER], ids=str)
@pytest.mark.parametrize("fill_mode", ["nearest", "reflect"])
def test_a_movement_gives_the_pixels_of_the_legacy(given_, fill_mode):
    image = smooth_image(SIDE, SIDE, 3)
    want = by_keras(image, given_, fill_mode=fill_mode)
    np.testing.assert_allclose(ours(image, given_, fill_mode=fill_mode), want, atol=WARP_TOLERANCE)


@settings(max_examples=50)
@given(given_=parameters, seed=seeds, fill_mode=st.sampled_from(["nearest", "reflect"]))
def test_all_movements_at_once_give_the_pixels_of_the_legacy(given_, seed, fill_mode):
    image = noise(seed)
    want = by_keras(image, given_, fill_mode=fill_mode)
    np.testing.assert_allclose(ours(image, given_, fill_mode=fill_mode), want, atol=2 * WARP_TOLERANCE)


@settings(max_examples=50)
@given(given_=parameters, seed=seeds)
def test_8_bit_pixels_are_those_of_the_legacy_rounded(given_, seed):
    image = noise(seed).astype("uint8")
    want = by_keras(image.astype("float32"), given_, fill_mode="nearest")
    np.testing.assert_allclose(ours(image, given_, fill_mode="nearest"), want, atol=0.5 + 2 * WARP_TOLERANCE)


@settings(max_examples=50)
@given(given_=parameters, seed=seeds)
def test_the_nearest_pixel_is_that_of_the_legacy_but_for_places_midway_between_two(given_, seed):
    image = noise(seed)
    want = by_keras(image, given_, fill_mode="nearest", interpolation_order=0)
    got = ours(image, given_, fill_mode="nearest", interpolation="nearest")
    midway = np.abs(places(given_, SIDE, SIDE) % 1 - 0.5) < 0.03  # OpenCV 4 reads at 1/32 of a pixel
    sure = ~midway.any(axis=0)
    np.testing.assert_array_equal(got[sure], want[sure])


@settings(max_examples=50)
@given(given_=parameters, seed=seeds)
def test_a_constant_is_blended_with_the_outermost_pixels_and_not_in_the_legacy(given_, seed):
    image = noise(seed)
    want = by_keras(image, given_, fill_mode="constant", cval=7.0)
    got = ours(image, given_, fill_mode="constant", fill_value=7.0)
    beside = inside(given_, 1 + 1e-3) & ~inside(given_, -1e-3)
    np.testing.assert_allclose(got[~beside], want[~beside], atol=2 * WARP_TOLERANCE)
    beyond = beside & ~inside(given_, 1e-3)
    assert (want[beyond] == 7).all()
    assert beside.sum() <= 12 * SIDE  # of SIDE ** 2


@settings(max_examples=50)
@given(given_=parameters, seed=seeds)
def test_wrapping_gives_the_pixels_of_the_legacy_where_the_image_is_read_inside(given_, seed):
    image = noise(seed)
    want = by_keras(image, given_, fill_mode="wrap")
    got = ours(image, given_, fill_mode="wrap")
    sure = inside(given_, -1e-3)
    np.testing.assert_allclose(got[sure], want[sure], atol=2 * WARP_TOLERANCE)


def test_the_legacy_wraps_with_a_period_that_is_a_pixel_less():
    image = np.arange(1, 9, dtype="float32").reshape(1, 8, 1).repeat(8, axis=0)
    want = by_keras(image, {"tx": 4.0}, fill_mode="wrap")
    np.testing.assert_array_equal(want[0, :, 0], [5, 6, 7, 8, 2, 3, 4, 5])
    got = ours(image, {"tx": 4.0}, fill_mode="wrap")
    np.testing.assert_array_equal(got[0, :, 0], [5, 6, 7, 8, 1, 2, 3, 4])


@settings(max_examples=50)
@given(given_=parameters, seed=seeds, size=st.tuples(st.integers(20, 50), st.integers(20, 50)))
def test_an_oblong_image_is_moved_about_its_centre_and_about_another_point_in_the_legacy(given_, seed, size):
    """The legacy takes x = height / 2 - 0.5 and y = width / 2 - 0.5 for the centre."""
    (height, width), image = size, noise(seed, (*size, 3))
    want = by_keras(image, given_ | {"flip_horizontal": False, "flip_vertical": False})
    down, right = (height - width) / 2 / height, (width - height) / 2 / width
    there = RandomTranslation((down, down), (right, right), "nearest")
    back = RandomTranslation((-down, -down), (-right, -right), "nearest")
    steps = [there, *moves(given_, {"fill_mode": "nearest"}, height, width), back]
    got = Compose(steps)(image, np.random.default_rng(0))
    np.testing.assert_allclose(got, want, atol=2 * WARP_TOLERANCE)


def test_the_legacy_moves_to_the_side_by_height_shift_range_and_down_by_width_shift_range():
    """Each is a share of the side that it is named for, and moves along the other one."""
    generator = ImageDataGenerator(height_shift_range=0.25, data_format="channels_last")
    drawn = [generator.get_random_transform((40, 80, 3), seed) for seed in range(50)]
    assert max(abs(each["tx"]) for each in drawn) == pytest.approx(10, rel=0.1)
    assert {each["ty"] for each in drawn} == {0}
    image = np.arange(16, dtype="float32").reshape(4, 4, 1)
    np.testing.assert_array_equal(by_keras(image, {"tx": 1.0})[:, :-1], image[:, 1:])
    np.testing.assert_array_equal(by_keras(image, {"ty": 1.0})[:-1], image[1:])


@given(seed=seeds, shift=st.floats(-300, 300))
def test_a_channel_shift_gives_the_pixels_of_the_legacy_exactly(seed, shift):
    image = noise(seed, (9, 7, 3))
    want = by_keras(image, {"channel_shift_intensity": shift})
    np.testing.assert_array_equal(RandomChannelShift((shift, shift))(image, np.random.default_rng(0)), want)


@given(seed=seeds, gain=st.floats(0, 3))
def test_brightness_of_8_bit_pixels_is_that_of_the_legacy_rounded_instead_of_cut_off(seed, gain):
    image = noise(seed, (9, 7, 3)).astype("uint8")
    want = by_keras(image.astype("float32"), {"brightness": gain})
    got = RandomGain((gain, gain))(image, np.random.default_rng(0))
    difference = got - want
    assert ((difference == 0) | (difference == 1)).all()


@given(seed=seeds, gain=st.floats(0, 3), channels=st.sampled_from([1, 3]))
def test_brightness_of_floats_is_that_of_the_legacy_before_it_makes_integers_of_them(seed, gain, channels):
    image = noise(seed, (9, 7, channels))
    want = by_keras(image, {"brightness": gain})
    difference = RandomGain((gain, gain))(image, np.random.default_rng(0)) - want
    assert (difference > -1e-3).all()
    assert (difference < 1 + gain + 1e-3).all()


def test_brightness_leaves_transparency_alone_in_the_legacy():
    image = noise(0, (9, 7, 4)).astype("uint8")
    want = by_keras(image.astype("float32"), {"brightness": 0.5})
    got = RandomGain((0.5, 0.5))(image, np.random.default_rng(0))
    np.testing.assert_array_equal(want[..., 3], image[..., 3])
    assert np.abs(got[..., :3] - want[..., :3]).max() <= 1
    np.testing.assert_array_equal(got[..., 3], np.rint(image[..., 3] * 0.5))


@settings(max_examples=50)
@given(given_=parameters, seed=seeds, shift=st.floats(-100, 100), gain=st.floats(0.3, 2))
def test_everything_in_a_row_is_that_of_the_legacy(given_, seed, shift, gain):
    """Flips belong to the warp: the channel shift, which comes before them in the legacy, is the same after them."""
    image = noise(seed)
    want = by_keras(image, given_ | {"channel_shift_intensity": shift, "brightness": gain})
    steps = moves(given_, {"fill_mode": "nearest"}, SIDE, SIDE)
    compose = Compose([*steps, *FLIPS, RandomChannelShift((shift, shift)), RandomGain((gain, gain))])
    assert len(compose.steps) == 3
    difference = compose(image, drawing(given_)) - want
    assert difference.min() > -4 * WARP_TOLERANCE
    assert difference.max() < 1 + gain + 4 * WARP_TOLERANCE


@given(seed=seeds, offset=st.floats(-100, 100))
def test_sample_normalization_gives_the_values_of_the_legacy(seed, offset):
    image = noise(seed, (9, 7, 3)) + np.float32(offset)
    for center, scale in ((True, True), (True, False)):
        generator = ImageDataGenerator(samplewise_center=center, samplewise_std_normalization=scale)
        want = generator.standardize(image.copy())
        atol = 5e-6 if scale else 2e-4  # the legacy sums up in float32
        np.testing.assert_allclose(SampleNormalization(center, scale)(image), want, atol=atol)


def fitted(images, **options):
    generator = ImageDataGenerator(data_format="channels_last", dtype="float64", **options)
    generator.fit(images)
    return generator


@pytest.mark.parametrize("scale", [False, True])
@pytest.mark.parametrize("rescale", [None, 1 / 255])
def test_fitted_normalization_gives_the_values_of_the_legacy(scale, rescale):
    images = np.stack([smooth_image(12, 10, 3, seed) for seed in range(40)])
    generator = fitted(images, featurewise_center=True, featurewise_std_normalization=scale, rescale=rescale)
    before = [] if rescale is None else [Rescaling(rescale)]
    normalize = Normalization.fit(images, scale=scale, transform=Compose(before))
    for image in images[:5]:
        want = generator.standardize(image.astype("float64"))
        if scale:
            want *= 1 + 1e-6 / generator.std  # which is added to the deviation, and not here
        np.testing.assert_allclose(
            Compose([*before, normalize])(image, None), want, rtol=2e-6, atol=2e-6 if scale else 2e-5
        )


@pytest.mark.parametrize("count", [300, 40])
@pytest.mark.parametrize("epsilon", [1e-6, 10.0])
def test_whitening_gives_the_values_of_the_legacy(count, epsilon):
    """Also from fewer images than an image has values."""
    images = np.random.default_rng(1).normal(120, 30, (count, 6, 5, 3)).cumsum(axis=1).astype("float32")
    generator = fitted(images, featurewise_center=True, zca_whitening=True, zca_epsilon=epsilon)
    whiten = ZCAWhitening.fit(images, epsilon=epsilon)
    for image in images[:5]:
        want = generator.standardize(image.astype("float64"))
        np.testing.assert_allclose(whiten(image), want, atol=5e-5)


def test_preprocessing_then_rescaling_then_statistics_is_the_order_of_the_legacy():
    def halved(image):
        return image / 2

    images = np.stack([smooth_image(8, 8, 3, seed) for seed in range(10)])
    generator = fitted(
        images, preprocessing_function=halved, rescale=1 / 255, samplewise_center=True, featurewise_center=True
    )
    steps = [Lambda(halved), Rescaling(1 / 255), SampleNormalization(scale=False)]
    steps.append(Normalization.fit(images, scale=False, transform=Rescaling(1 / 255)))
    want = generator.standardize(images[0].astype("float64"))
    np.testing.assert_allclose(Compose(steps)(images[0], None), want, atol=1e-6)
