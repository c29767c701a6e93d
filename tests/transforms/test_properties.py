"""What holds for every transform and any image."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amalthea.transforms import (
    CenterCrop,
    Compose,
    Lambda,
    Normalization,
    RandomBrightness,
    RandomChannelShift,
    RandomContrast,
    RandomCrop,
    RandomErasing,
    RandomFlip,
    RandomGain,
    RandomRotation,
    RandomShear,
    RandomShearAngle,
    RandomTranslation,
    RandomZoom,
    Rescaling,
    Resizing,
    SampleNormalization,
)
from amalthea.transforms._warp import product, warp
from transforms.reference import smooth_image

GEOMETRIC = [
    RandomFlip(),
    RandomFlip("horizontal"),
    RandomRotation(0.2),
    RandomZoom(0.3, (-0.5, 0.1)),
    RandomTranslation(0.2, 0.3),
    RandomShear(0.3, 0.2),
    RandomShearAngle(30),
]
SAME_DTYPE = [
    *GEOMETRIC,
    RandomRotation(0.5, "constant", "nearest", fill_value=3.0),
    RandomZoom(0.3, fill_mode="wrap"),
    RandomBrightness(0.4),
    RandomContrast(0.4),
    RandomGain((0.3, 1.8)),
    RandomChannelShift(60),
    RandomErasing(),
    RandomErasing(fill_value=12),
    Compose([RandomFlip(), RandomRotation(0.1), RandomZoom(0.1, fill_mode="wrap"), RandomContrast(0.3)]),
]
RESHAPING = [RandomCrop(4, 5), CenterCrop(4, 5), Resizing(4, 5), Resizing(4, 5, "bicubic", antialias=True)]
TO_FLOAT = [
    Rescaling(1 / 255, -0.5),
    Normalization(10.0, 4.0, axis=None),
    SampleNormalization(),
    SampleNormalization(center=False),
    Lambda(np.sqrt),
]
ALL = [*SAME_DTYPE, *RESHAPING, *TO_FLOAT]

dtypes = st.sampled_from(["uint8", "uint16", "float16", "float32", "float64"])
seeds = st.integers(0, 2**32)


@st.composite
def images(draw):
    shape = tuple(draw(st.integers(1, high)) for high in (12, 12, 6))
    return np.random.default_rng(draw(seeds)).uniform(0, 255, shape).astype(draw(dtypes))


@given(image=images(), transform=st.sampled_from(ALL), seed=seeds)
def test_an_rng_fixes_the_result_and_the_input_stays_as_it_was(image, transform, seed):
    before = image.copy()
    image.setflags(write=False)
    once = transform(image, np.random.default_rng(seed))
    again = pickle.loads(pickle.dumps(transform))(image, np.random.default_rng(seed))
    np.testing.assert_array_equal(once, again)
    np.testing.assert_array_equal(image, before)
    assert not np.shares_memory(once, image)
    assert once.flags.writeable


@given(image=images(), transform=st.sampled_from(SAME_DTYPE), seed=seeds)
def test_shape_and_dtype_stay(image, transform, seed):
    got = transform(image, np.random.default_rng(seed))
    assert (got.shape, got.dtype) == (image.shape, image.dtype)


@given(image=images(), transform=st.sampled_from(RESHAPING), seed=seeds)
def test_crops_and_resizing_give_their_size_in_the_same_dtype(image, transform, seed):
    got = transform(image, np.random.default_rng(seed))
    assert (got.shape, got.dtype) == ((4, 5, image.shape[2]), image.dtype)


@given(image=images(), transform=st.sampled_from(TO_FLOAT))
def test_scaling_gives_float32(image, transform):
    got = transform(image)
    assert (got.shape, got.dtype) == (image.shape, np.float32)


@given(transform=st.sampled_from(ALL), seed=seeds, first=images(), second=images())
def test_as_many_numbers_are_drawn_whatever_the_image_and_the_outcome(transform, seed, first, second):
    after = []
    for image in (first, second):
        rng = np.random.default_rng(seed)
        transform(image, rng)
        after.append(rng.bit_generator.state)
    assert after[0] == after[1]


@given(transform=st.sampled_from(ALL), image=images(), seed=seeds)
def test_only_the_first_element_of_a_tuple_is_transformed(transform, image, seed):
    label, weight = object(), object()
    sample = transform((image, label, weight), np.random.default_rng(seed))
    np.testing.assert_array_equal(sample[0], transform(image, np.random.default_rng(seed)))
    assert sample[1] is label
    assert sample[2] is weight


@given(image=images(), transform=st.sampled_from(SAME_DTYPE), seed=seeds)
def test_a_view_gives_what_its_copy_gives(image, transform, seed):
    view = image[::-1, ::-1].transpose(1, 0, 2)
    got = transform(view, np.random.default_rng(seed))
    np.testing.assert_array_equal(got, transform(view.copy(), np.random.default_rng(seed)))


@given(steps=st.lists(st.sampled_from(GEOMETRIC), min_size=1, max_size=4), seed=seeds, image=images())
def test_composed_steps_are_one_warp_by_the_product_of_their_matrices(steps, seed, image):
    rng = np.random.default_rng(seed)
    matrix = np.eye(3)
    for step in steps:
        matrix = matrix @ step.matrix(rng, *image.shape[:2])
    samplings = [step.sampling for step in steps if step.sampling] or [RandomRotation(0).sampling]
    got = Compose(steps)(image, np.random.default_rng(seed))
    np.testing.assert_array_equal(got, warp(image, matrix, samplings[0]))


def test_a_before_b_reads_b_s_output_out_of_a_s():
    """Shift right by half the width, then flip: the left half of the input ends up mirrored on the left."""
    image = np.arange(1, 9, dtype="uint8").reshape(1, 8, 1)
    shift = RandomTranslation(0.0, (0.5, 0.5), "constant")
    matrix = product([shift, _Flipped()], np.random.default_rng(0), 1, 8)
    got = warp(image, matrix, shift.sampling)
    np.testing.assert_array_equal(got.ravel(), [4, 3, 2, 1, 0, 0, 0, 0])


class _Flipped:
    sampling = None

    def matrix(self, rng, height, width):
        return np.array([(-1.0, 0, width - 1), (0, 1, 0), (0, 0, 1)])


@settings(max_examples=30)
@given(seed=seeds)
def test_composed_warps_match_single_ones_where_nothing_is_filled(seed):
    """In the middle of a smooth image one interpolation and two differ by a fraction of its step."""
    image = smooth_image(96, 96, 3)
    steps = [RandomRotation(0.02), RandomZoom(0.05), RandomFlip("horizontal"), RandomShear(0.03)]
    together = Compose(steps)(image, np.random.default_rng(seed))
    rng, one_by_one = np.random.default_rng(seed), image
    for step in steps:
        one_by_one = step(one_by_one, rng)
    np.testing.assert_allclose(together[20:-20, 20:-20], one_by_one[20:-20, 20:-20], atol=2.5)


@given(image=images())
def test_flips_are_exact(image):
    for mode, want in (
        ("horizontal", image[:, ::-1]),
        ("vertical", image[::-1]),
        ("horizontal_and_vertical", image[::-1, ::-1]),
    ):
        results = [RandomFlip(mode)(image, np.random.default_rng(seed)) for seed in range(8)]
        assert all(np.array_equal(r, want) or np.array_equal(r, image) for r in results)
        assert any(np.array_equal(r, want) for r in results)


@given(image=images(), seed=seeds)
def test_flipping_twice_is_the_identity(image, seed):
    once = RandomFlip("horizontal")
    rng = np.random.default_rng(seed)
    flipped = once(once(image, np.random.default_rng(seed)), np.random.default_rng(seed))
    np.testing.assert_array_equal(flipped, image)
    matrix = product([_Flipped(), RandomRotation(0.0), _Flipped()], rng, *image.shape[:2])
    np.testing.assert_array_equal(matrix, np.eye(3))


@given(image=images(), seed=seeds)
def test_composed_flips_are_exact(image, seed):
    flips = [RandomFlip("horizontal"), RandomFlip("vertical"), RandomFlip()]
    rng, want = np.random.default_rng(seed), image
    for flip in flips:
        want = flip(want, rng)
    np.testing.assert_array_equal(Compose(flips)(image, np.random.default_rng(seed)), want)


STILL = [RandomRotation(0.0), RandomZoom(0.0), RandomTranslation(0, 0), RandomShearAngle(0)]


@pytest.mark.parametrize("transform", STILL)
def test_no_movement_is_exact(transform):
    image = np.random.default_rng(0).normal(size=(7, 6, 3))
    np.testing.assert_array_equal(transform(image, np.random.default_rng(0)), image)


POINTWISE = [RandomBrightness(0.5), RandomContrast(0.5), RandomGain((0.2, 2.5)), RandomChannelShift(90)]


@given(image=images(), transform=st.sampled_from(POINTWISE), seed=seeds)
def test_uint8_pixels_are_the_rounded_floats(image, transform, seed):
    pixels = image.astype("uint8")
    floats = transform(pixels.astype("float32"), np.random.default_rng(seed))
    got = transform(pixels, np.random.default_rng(seed))
    assert np.abs(got - floats).max() <= 0.501
