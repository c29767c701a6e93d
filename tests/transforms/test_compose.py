"""What Compose joins, what it leaves apart, and in which order it runs."""

import numpy as np

from amalthea.transforms import (
    Compose,
    RandomBrightness,
    RandomFlip,
    RandomRotation,
    RandomTranslation,
    RandomZoom,
    Rescaling,
)
from transforms.reference import smooth_image

THERE = RandomTranslation(0.0, (0.5, 0.5), "constant")
BACK = RandomTranslation(0.0, (-0.5, -0.5), "constant")


def test_nothing_is_filled_between_joined_steps():
    image = np.arange(1, 9, dtype="uint8").reshape(1, 8, 1)
    got = Compose([THERE, BACK])(image, np.random.default_rng(0))
    np.testing.assert_array_equal(got, image)


def test_steps_of_another_fill_mode_stay_apart():
    image = np.arange(1, 9, dtype="uint8").reshape(1, 8, 1)
    back = RandomTranslation(0.0, (-0.5, -0.5), "nearest")
    got = Compose([THERE, back])(image, np.random.default_rng(0))
    np.testing.assert_array_equal(got.ravel(), [1, 2, 3, 4, 4, 4, 4, 4])


def test_a_transform_that_moves_nothing_parts_its_neighbours():
    image = np.arange(1, 9, dtype="uint8").reshape(1, 8, 1)
    got = Compose([THERE, RandomBrightness(0.0), BACK])(image, np.random.default_rng(0))
    np.testing.assert_array_equal(got.ravel(), [1, 2, 3, 4, 0, 0, 0, 0])


def test_a_flip_joins_steps_of_any_fill_mode():
    steps = [RandomFlip(), THERE, RandomFlip(), BACK, RandomFlip()]
    assert len(Compose(steps).steps) == 1
    assert len(Compose([RandomFlip(), RandomRotation(0.1, "wrap"), RandomFlip(), BACK]).steps) == 2


def test_a_compose_inside_counts_as_its_transforms():
    image = smooth_image(16, 20, 3)
    flat = Compose([RandomFlip(), RandomRotation(0.1), RandomZoom(0.2), RandomBrightness(0.1)])
    nested = Compose([RandomFlip(), Compose([RandomRotation(0.1), Compose([RandomZoom(0.2)])]), RandomBrightness(0.1)])
    results = [c(image, np.random.default_rng(3)) for c in (flat, nested)]
    np.testing.assert_array_equal(*results)
    assert len(nested.steps) == len(flat.steps) == 2


def test_functions_of_the_user_run_in_their_place():
    def halved(sample, rng):
        image, label = sample
        return image / 2 + rng.random() * 0, label

    image, label = Compose([Rescaling(2.0), halved, Rescaling(1.0, 1.0)])(
        (np.full((2, 2, 1), 10, "uint8"), 4), np.random.default_rng(0)
    )
    np.testing.assert_array_equal(image, np.full((2, 2, 1), 11.0))
    assert label == 4


def test_an_empty_compose_hands_the_sample_on():
    sample = (object(), 1)
    assert Compose([])(sample, np.random.default_rng(0)) is sample
