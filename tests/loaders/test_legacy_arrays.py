"""In place of `flow`: the samples and splits of the legacy class, and augmentation of the images of an ArrayLoader."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras.src.legacy.preprocessing.image import ImageDataGenerator

import amalthea
from amalthea import splits, transforms
from amalthea.errors import ConfigurationError

SIZE = 20
rng = np.random.default_rng(0)
IMAGES = rng.integers(0, 256, (SIZE, 6, 8, 3), "uint8")
NUMBERS = np.arange(SIZE)
PLAIN = {"batch_size": 64, "shuffle": False, "workers": 0}


def inverted(image, rng):
    """A transform whose work can be seen."""
    return 255 - image


@settings(max_examples=30)
@given(
    share=st.floats(0.05, 0.95),
    size=st.integers(1, SIZE),
    misc=st.integers(0, 2),
    has_y=st.booleans(),
    has_weight=st.booleans(),
)
def test_samples_and_parts_are_those_there(share, size, misc, has_y, has_weight):
    images, numbers = IMAGES[:size].astype("float32"), NUMBERS[:size]
    x = (images, *[numbers * 2, images[:, 0, 0]][:misc]) if misc else images
    theirs_x = (images, [numbers * 2, images[:, 0, 0]][:misc]) if misc else images
    y = numbers % 7 if has_y else None
    weight = numbers / 10 if has_y and has_weight else None
    generator = ImageDataGenerator(validation_split=share)
    for subset in (None, "training", "validation"):
        front = int(size * share)
        if subset and not 0 < front < size:
            with pytest.raises(ConfigurationError, match="leaves one side empty"):
                amalthea.ArrayLoader(x, y, validation_split=share, subset=subset, split_from="front")
            continue
        split = {"validation_split": share, "subset": subset, "split_from": "front"} if subset else {}
        loader = amalthea.ArrayLoader(x, y, weight, **split, **PLAIN)
        if weight is not None and subset == "training":
            weight = np.roll(weight, -front)  # there the weights are not split: the first ones go with any part
        theirs = generator.flow(
            theirs_x, y, 64, sample_weight=weight, subset=subset, shuffle=False, ignore_class_split=True
        )
        weight = None if weight is None else numbers / 10
        assert_same(loader[0] if y is not None else (loader[0],), theirs[0] if y is not None else (theirs[0],), misc)
        assert (loader.n, loader.samples, loader.batch_size) == (theirs.n, theirs.n, theirs.batch_size)


def assert_same(ours, theirs, misc):
    ours_x = ours[0] if isinstance(ours[0], tuple) else (ours[0],)
    if misc and len(ours_x) == 1 and isinstance(ours_x[0], tuple):
        ours_x = ours_x[0]  # a tuple of inputs alone
    theirs_x = theirs[0] if misc else [theirs[0]]
    for mine, other in zip([*ours_x, *ours[1:]], [*theirs_x, *theirs[1:]], strict=True):
        np.testing.assert_array_equal(mine, other)
        assert mine.dtype == other.dtype


@pytest.mark.parametrize("shuffle", [True, False])
def test_from_the_back_the_samples_are_those_of_a_folder(shuffle):
    options = {"validation_split": 0.3, "seed": 5, "shuffle": shuffle, "workers": 0}
    wanted = splits.Split(0.3, "both", shuffle=shuffle, seed=5).indices(SIZE)
    for subset, indices in zip(("training", "validation"), wanted, strict=True):
        loader = amalthea.ArrayLoader(NUMBERS, NUMBERS, subset=subset, **options)
        assert sorted(np.concatenate([y for _, y in loader])) == sorted(indices)
    assert [y.tolist() for _, y in loader] == [indices.tolist()], "validation is unshuffled"


def test_a_training_loader_is_augmented_and_one_for_validation_is_not():
    options = {"augment": inverted, "validation_split": 0.25, "split_from": "front", "batch_size": SIZE}
    training = amalthea.ArrayLoader(IMAGES, NUMBERS, subset="training", **options)
    validation = amalthea.ArrayLoader(IMAGES, NUMBERS, subset="validation", drop_remainder=True, **options)
    for x, y in training:
        np.testing.assert_array_equal(x, 255 - IMAGES[y])
        assert x.dtype == np.uint8
    ((x, y),) = list(validation)
    np.testing.assert_array_equal(x, IMAGES[:5])
    assert y.tolist() == [0, 1, 2, 3, 4]


def test_a_part_of_a_loader_for_validation_is_not_augmented():
    loader = amalthea.ArrayLoader(IMAGES, NUMBERS, augment=inverted, transform=transforms.Rescaling(1.0), **PLAIN)
    training, validation = splits.split(loader, (0.5, 0.5), shuffle=False)
    np.testing.assert_array_equal(training[0][0], 255.0 - IMAGES[:10])
    np.testing.assert_array_equal(validation[0][0], IMAGES[10:])
    assert validation[0][0].dtype == np.float32


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
@pytest.mark.parametrize("with_y", [True, False])
@pytest.mark.parametrize("with_others", [True, False])
@pytest.mark.parametrize("name", ["augment", "transform"])
def test_transforms_change_the_images_and_nothing_beside_them(dtype, with_y, with_others, name):
    images = IMAGES.astype(dtype)
    x = (images, NUMBERS) if with_others else images
    flip = transforms.RandomFlip("horizontal")
    loader = amalthea.ArrayLoader(
        x, NUMBERS if with_y else None, seed=1, **{name: [flip, transforms.RandomFlip("vertical")]}
    )
    flips = set()
    for batch in loader:
        inputs = batch[0] if isinstance(batch, tuple) else batch
        pictures = inputs[0] if with_others else inputs
        places = inputs[1] if with_others else batch[1] if with_y else None
        assert pictures.dtype == dtype
        if places is None:
            continue
        if with_y:
            np.testing.assert_array_equal(batch[1], places)
        for picture, place in zip(pictures, places, strict=True):
            ways = [images[place][::down, ::right] for down in (1, -1) for right in (1, -1)]
            flips.add([np.array_equal(picture, way) for way in ways].index(True))
    assert flips == ({0, 1, 2, 3} if with_y or with_others else set())


def channels_first(sample, rng):
    image, label = sample
    return image.transpose(2, 0, 1), label


def test_channels_first_go_through_a_view():
    images = np.ascontiguousarray(IMAGES.transpose(0, 3, 1, 2))
    loader = amalthea.ArrayLoader(
        np.moveaxis(images, 1, -1), NUMBERS, augment=transforms.RandomFlip(), transform=channels_first, seed=0
    )
    x, y = loader[0]
    last = amalthea.ArrayLoader(IMAGES, NUMBERS, augment=transforms.RandomFlip(), seed=0)[0]
    np.testing.assert_array_equal(x, last[0].transpose(0, 3, 1, 2))
    np.testing.assert_array_equal(y, last[1])


def test_balanced_weights_are_those_of_the_part():
    y = np.array([0] * 10 + [1] * 10)
    split = {"validation_split": 0.45, "split_from": "front"}
    training = amalthea.ArrayLoader(y, y, class_weight="balanced", subset="training", **split)
    for _, label, weight in training:
        np.testing.assert_allclose(weight, np.where(label == 0, 11 / 2, 11 / 20), rtol=1e-6)
    assert len(amalthea.ArrayLoader(y, y, class_weight="balanced", subset="validation", **split)[0]) == 2


@pytest.mark.parametrize("subset", ["training", "validation"])
def test_a_class_with_a_weight_need_not_be_in_the_part(subset):
    y = np.array([0] * 10 + [1] * 10)
    split = {"validation_split": 0.5, "split_from": "front", "subset": subset}
    loader = amalthea.ArrayLoader(y, y, class_weight={0: 1.0, 1: 5.0}, **split, **PLAIN)
    weights = [weight.tolist() for _, _, *rest in loader for weight in rest]
    assert weights == ([[5.0] * 10] if subset == "training" else [])
    with pytest.raises(ConfigurationError, match="weight for 2"):
        amalthea.ArrayLoader(y, y, class_weight={2: 5.0}, **{**split, "subset": "training"})


def test_a_subclass_may_have_attributes_of_the_legacy_names():
    class Own(amalthea.ArrayLoader):
        def __init__(self, batch_size):
            self.batch_size = batch_size
            super().__init__(IMAGES, NUMBERS, batch_size=2 * batch_size)
            self.samples = "mine"

    loader = Own(4)
    assert (loader.batch_size, loader.samples, loader.n, len(loader[0][0])) == (4, "mine", SIZE, 8)


@pytest.mark.parametrize("weights", ["balanced", np.eye(SIZE)[12]])
def test_sampling_weights_are_those_of_the_part(weights):
    y = np.array([0] * 10 + [1] * 10)
    options = {"validation_split": 0.45, "split_from": "front", "sampling_weights": weights, "batch_size": 400}
    options["seed"] = 0
    training = amalthea.ArrayLoader(NUMBERS, y, subset="training", steps_per_epoch=40, **options)
    seen = np.concatenate([x for x, _ in training])
    assert set(seen) == ({12} if not isinstance(weights, str) else set(range(9, SIZE)))
    if isinstance(weights, str):
        assert 0.4 < (seen == 9).mean() < 0.6
    validation = amalthea.ArrayLoader(NUMBERS, y, subset="validation", **options)
    assert validation[0][0].tolist() == list(range(9))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"subset": "both", "validation_split": 0.5}, "`subset` is 'both'.*`splits.split`"),
        ({"subset": "training"}, "give both, or neither"),
        ({"validation_split": 0.5}, "give both, or neither"),
        ({"subset": "training", "validation_split": 0.5}, "Pass a `seed` to both"),
        ({"split_from": "front"}, "without a `validation_split`"),
        ({"augment": [1]}, "`augment` holds 1"),
        (
            {"subset": "training", "validation_split": 0.5, "seed": 1, "sampling_weights": np.ones(7)},
            r"`sampling_weights` is of shape \(7,\); it must be one number for each of the 20 samples",
        ),
    ],
)
def test_what_cannot_be_used_is_named(options, message):
    with pytest.raises(ConfigurationError, match=message):
        amalthea.ArrayLoader(IMAGES, NUMBERS, **options)
