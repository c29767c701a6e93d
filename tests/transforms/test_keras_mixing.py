"""MixUp and CutMix mix images, labels and masks as the Keras layers do, given the same draws."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import amalthea
import pictures
from amalthea.transforms import CutMix, MixUp

seeds = st.integers(0, 2**32)
sizes = st.sampled_from([1, 2, 7])  # for each of them Keras compiles all that it does
HEIGHT, WIDTH, CLASSES = 9, 12, 5


def drawn_batch(seed, size):
    rng = np.random.default_rng(seed)
    x = rng.uniform(0, 255, (size, HEIGHT, WIDTH, 3)).astype(np.float32)
    return x, np.eye(CLASSES, dtype=np.float32)[rng.integers(0, CLASSES, size)]


def mix_up_draws(seed, size, alpha):
    rng = np.random.default_rng(seed)
    partners = rng.permutation(size)
    return {"permutation_order": partners, "mix_weight": np.float32(rng.beta(alpha, alpha, size))}


def cut_mix_draws(seed, size, factor):
    """What Keras draws, from our generator: the rectangles, and the share of the pixels beside them."""
    rng = np.random.default_rng(seed)
    partners = rng.permutation(size)
    alpha = rng.uniform(*factor) + 1e-6
    sides, places = np.sqrt(1 - rng.beta(alpha, alpha, size)), rng.random((size, 2))
    inside = []
    for axis, length in enumerate((HEIGHT, WIDTH)):
        start = places[:, axis] * (length - sides * length)
        grid = np.arange(length)
        inside.append((grid >= start[:, None]) & (grid < (start + sides * length)[:, None]))
    rectangles = inside[0][:, :, None] & inside[1][:, None, :]
    return {
        "permutation_order": partners,
        "batch_masks": rectangles[..., None].repeat(3, axis=3),
        "mix_weight": np.float32(1 - rectangles.mean(axis=(1, 2))),
    }


def as_keras(layer, x, y, draws):
    x, y = keras.ops.convert_to_tensor(x), keras.ops.convert_to_tensor(y)
    draws = {name: keras.ops.convert_to_tensor(value) for name, value in draws.items()}
    images = layer.transform_images(x, draws, training=True)
    labels = layer.transform_labels(y, draws, training=True)
    return keras.ops.convert_to_numpy(images), keras.ops.convert_to_numpy(labels)


def check(ours, theirs):
    np.testing.assert_allclose(ours[0], theirs[0], atol=1e-3)
    np.testing.assert_allclose(ours[1], theirs[1], atol=1e-5)


@settings(max_examples=40)
@given(seed=seeds, size=sizes, alpha=st.floats(0.05, 5))
def test_mix_up_is_that_of_keras(seed, size, alpha):
    x, y = drawn_batch(seed, size)
    ours = MixUp(alpha)((x, y), np.random.default_rng(seed))
    check(ours, as_keras(keras.layers.MixUp(alpha), x, y, mix_up_draws(seed, size, alpha)))


@settings(max_examples=40)
@given(seed=seeds, size=sizes, factor=st.sampled_from([(0.0, 1.0), (0.5, 0.9)]))
def test_cut_mix_is_that_of_keras(seed, size, factor):
    x, y = drawn_batch(seed, size)
    ours = CutMix(factor)((x, y), np.random.default_rng(seed))
    check(ours, as_keras(keras.layers.CutMix(factor), x, y, cut_mix_draws(seed, size, factor)))


@settings(max_examples=40)
@given(seed=seeds, size=sizes)
def test_masks_are_cut_as_keras_cuts_them(seed, size):
    x, _ = drawn_batch(seed, size)
    masks = np.random.default_rng(seed).integers(0, 9, (size, HEIGHT, WIDTH, 1), dtype=np.uint8)
    mixed, cut, weights = CutMix()((x, masks, np.ones(size, np.float32)), np.random.default_rng(seed))
    draws = cut_mix_draws(seed, size, (0.0, 1.0))
    theirs = keras.layers.CutMix().transform_images(x, draws, training=True)
    np.testing.assert_array_equal(mixed, keras.ops.convert_to_numpy(theirs))
    draws["batch_masks"] = draws["batch_masks"][..., :1]
    theirs = keras.layers.CutMix().transform_segmentation_masks(masks, draws, training=True)
    assert cut.dtype == np.uint8
    np.testing.assert_array_equal(cut, keras.ops.convert_to_numpy(theirs))
    np.testing.assert_allclose(weights, 1, rtol=1e-6)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("mixed")
    pictures.write_all(root, [f"{'abc'[number % 3]}/{number}.png" for number in range(12)], size=(HEIGHT, WIDTH))
    return root


@pytest.mark.parametrize("mix", [MixUp(0.4), CutMix()])
def test_a_loader_mixes_images_labels_and_weights_by_the_draws_of_each_batch(folder, mix):
    options = {
        "image_size": (HEIGHT, WIDTH),
        "label_mode": "categorical",
        "class_weight": {"a": 2.0, "b": 0.5},
        "batch_size": 6,
        "seed": 4,
        "verbose": False,
    }
    plain = amalthea.ImageLoader.from_directory(folder, **options)
    mixed = amalthea.ImageLoader.from_directory(folder, batch_transform=mix, **options)
    mixed_rows = 0
    for epoch in range(3):
        for number, (batch, (images, labels, shares)) in enumerate(zip(plain, mixed, strict=True)):
            own = mix(batch, np.random.default_rng([4, epoch, number, 1]))
            for part, expected in zip((images, labels, shares), own, strict=True):
                np.testing.assert_array_equal(part, expected)
            # A weight goes by the class, so the mixed one is told by the mixed label.
            np.testing.assert_allclose(shares, labels @ np.float32([2, 0.5, 1]), atol=1e-4)
            mixed_rows += ((labels > 0.01).sum(axis=1) > 1).sum()
    assert mixed_rows > 2
