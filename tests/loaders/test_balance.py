"""Balance: sample weights by class, and classes drawn equally often."""

import numpy as np
import pytest

import amalthea
import pictures
from amalthea import ImageLoader
from amalthea.errors import ConfigurationError
from amalthea.sources import Masks

COUNTS = {"cat": 2, "dog": 6, "eel": 4}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Twelve pictures of three classes, of unlike size."""
    root = tmp_path_factory.mktemp("unbalanced")
    pictures.write_all(root, [f"{name}/{number}.png" for name, count in COUNTS.items() for number in range(count)])
    return root


def load(folder, **options):
    return ImageLoader.from_directory(folder, image_size=4, seed=0, verbose=False, **options)


def weights_by_class(loader):
    """The sample weights of each class in an epoch."""
    found = {}
    for _, labels, weights in loader:
        for label, weight in zip(labels, weights, strict=True):
            found.setdefault(loader.class_names[int(label)], set()).add(float(weight))
    return found


def test_balanced_classes_weigh_the_same_in_sum(folder):
    found = weights_by_class(load(folder, class_weight="balanced"))
    assert {name: len(weights) for name, weights in found.items()} == dict.fromkeys(COUNTS, 1)
    for name, (weight,) in found.items():
        np.testing.assert_allclose(weight * COUNTS[name], 12 / 3, rtol=1e-6)


def test_weights_by_name_and_by_number_are_those_that_are_given(folder):
    assert weights_by_class(load(folder, class_weight={"cat": 5, 2: 0.5})) == {"cat": {5}, "dog": {1}, "eel": {0.5}}


def test_lists_of_labels_are_weighed_too(folder):
    paths = sorted(map(str, folder.rglob("*.png")))
    labels = [0] * 9 + [7] * 3
    loader = ImageLoader(paths, labels, image_size=4, batch_size=12, shuffle=False, class_weight="balanced")
    ((_, _, weights),) = loader
    assert weights.dtype == np.float32
    np.testing.assert_allclose(weights, [12 / 18] * 9 + [2] * 3, rtol=1e-6)


def test_a_table_is_weighed_too(folder):
    paths = sorted(map(str, folder.rglob("*.png")))
    table = {"filename": paths, "class": ["a"] * 3 + ["b"] * 9}
    loader = ImageLoader.from_dataframe(table, image_size=4, verbose=False, class_weight={"a": 3})
    assert weights_by_class(loader) == {"a": {3}, "b": {1}}


@pytest.mark.parametrize("subset", ["both", "validation"])
def test_validation_is_not_weighed_and_training_by_its_own_samples(folder, subset):
    loaders = load(
        folder, class_weight="balanced", sampling_weights="balanced", validation_split=0.5, subset=subset, batch_size=6
    )
    *training, validation = loaders if subset == "both" else (loaders,)
    ((_, labels),) = validation
    assert len(labels) == 6
    for loader in training:
        counts = np.bincount(loader.labels)
        ((_, labels, weights),) = loader
        np.testing.assert_allclose(weights, 6 / (np.count_nonzero(counts) * counts[labels]), rtol=1e-6)


def test_part_of_a_weighed_loader_keeps_its_weights(folder):
    loader = load(folder, class_weight={"cat": 5})
    part = loader.part(np.flatnonzero(loader.labels == 0))
    assert weights_by_class(part) == {"cat": {5}}


def test_balanced_sampling_draws_each_class_equally_often(folder):
    loader = load(folder, sampling_weights="balanced")
    drawn = np.zeros(3)
    for _ in range(100):
        for _, labels in loader:
            drawn += np.bincount(labels, minlength=3)
    assert drawn.sum() == 1200
    # Five standard deviations of 1,200 draws with a chance of 1 / 3 are 82.
    np.testing.assert_allclose(drawn, 400, atol=82)
    assert (np.abs(drawn - np.array([200, 600, 400])) > 82).sum() == 2  # as it would be without


def test_within_a_class_each_file_is_drawn_equally_often(folder):
    """The dogs are brightest at last: a picture is told by its mean."""
    loader = load(folder, sampling_weights="balanced", batch_size=12, dtype="uint8")
    drawn = np.concatenate([images[:, 0, 0, 0][labels == 1] for _ in range(150) for images, labels in loader])
    values, counts = np.unique(drawn, return_counts=True)
    assert len(values) == 6
    # 600 dogs, each of them with a chance of 1 / 6: five standard deviations are 46, and those of all dogs 12 more.
    np.testing.assert_allclose(counts, 100, atol=58)


@pytest.mark.parametrize("mode", ["int", "categorical"])
def test_weights_go_with_the_modes_of_classes(folder, mode):
    ((_, labels, weights),) = load(folder, label_mode=mode, class_weight={"dog": 2})
    numbers = labels if mode == "int" else labels.argmax(axis=1)
    np.testing.assert_array_equal(weights == 2, numbers == 1)


@pytest.mark.parametrize("name", ["class_weight", "sampling_weights"])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"labels": None}, "the labels are none"),
        ({"label_mode": None}, "no classes.*`label_mode` is None"),
        ({"labels": len, "label_mode": "raw"}, "no classes.*'raw'"),
    ],
)
def test_labels_that_are_no_classes_are_told(folder, name, options, message):
    with pytest.raises(ConfigurationError, match=f"`{name}` is by classes.*{message}"):
        load(folder, **{name: "balanced"}, **options)


@pytest.mark.parametrize("name", ["class_weight", "sampling_weights"])
def test_masks_are_no_classes(folder, name):
    paths = sorted(map(str, (folder / "cat").rglob("*.png")))
    with pytest.raises(ConfigurationError, match=f"`{name}` is by classes, and the labels are pictures"):
        ImageLoader(paths, Masks(paths), image_size=4, **{name: "balanced"})


def test_two_kinds_of_weights_are_told(folder):
    paths = sorted(map(str, folder.rglob("*.png")))
    with pytest.raises(ConfigurationError, match="sample weights of their own"):
        ImageLoader(paths, [0, 1] * 6, image_size=4, class_weight="balanced", sample_weight=[1] * 12)


def test_unknown_words_are_told(folder):
    with pytest.raises(ConfigurationError, match="`sampling_weights` is 'fair'; it must be 'balanced'"):
        load(folder, sampling_weights="fair")
    with pytest.raises(ConfigurationError, match="`class_weight` is 'fair'; it must be 'balanced'"):
        load(folder, class_weight="fair")


def test_a_loader_of_anything_takes_numbers_and_no_words():
    with pytest.raises(ConfigurationError, match="`sampling_weights`"):
        amalthea.Loader([1.0, 2.0], sampling_weights="balanced")


def test_weights_of_all_files_are_those_of_the_files_of_each_part(folder):
    split = {"validation_split": 0.25, "subset": "both", "batch_size": 12}
    weights = np.repeat([0.0, 1.0, 0.0], list(COUNTS.values()))  # in the order of the files: dogs only
    training, validation = load(folder, sampling_weights=weights, **split)
    ((_, drawn),) = training
    assert set(drawn.tolist()) == {1}
    assert validation.num_samples == 3


@pytest.mark.parametrize("weights", [[1.0] * 3, [1.0] * 11, [1.0] * 13, 3, [[1.0]] * 12])
@pytest.mark.parametrize("split", [{}, {"validation_split": 0.25, "subset": "both"}])
def test_weights_that_are_not_one_for_each_file_are_told(folder, weights, split):
    with pytest.raises(ConfigurationError, match=r"`sampling_weights` is of shape .*each of the 12 files"):
        load(folder, sampling_weights=weights, **split)
    paths = sorted(map(str, folder.rglob("*.png")))
    with pytest.raises(ConfigurationError, match=r"`sampling_weights` is of shape .*each of the 12 files"):
        ImageLoader.from_dataframe(
            {"filename": paths}, y_col=None, image_size=4, seed=0, verbose=False, sampling_weights=weights, **split
        )


def test_parts_are_weighed_among_themselves_and_only_for_training(folder):
    loader = load(folder, class_weight="balanced", batch_size=12)
    chosen = np.flatnonzero(loader.labels < 2)  # cats and dogs
    training, test = loader.part(chosen), loader.part(chosen, training=False)
    assert len(test.peek()) == 2
    _, labels, weights = training.peek()
    np.testing.assert_allclose([weights[labels == name].sum() for name in (0, 1)], 4, rtol=1e-6)
    x = np.arange(12.0)
    arrays = amalthea.ArrayLoader(x, loader.labels, class_weight="balanced", batch_size=12, shuffle=False)
    of_arrays = arrays.part(chosen)
    assert len(arrays.part(chosen, training=False)[0]) == 2
    x, labels, weights = of_arrays.peek()
    assert sorted(x.tolist()) == chosen.tolist()
    np.testing.assert_allclose([weights[labels == name].sum() for name in (0, 1)], 4, rtol=1e-6)


def test_arrays_are_drawn_by_their_classes():
    y = np.repeat([0, 1], [990, 10])
    with amalthea.ArrayLoader(y, y, sampling_weights="balanced", batch_size=1000, seed=0) as loader:
        ((_, drawn),) = loader
    assert 0.4 < drawn.mean() < 0.6
    with pytest.raises(ConfigurationError, match="`sampling_weights` is 'fair'"):
        amalthea.ArrayLoader(y, y, sampling_weights="fair")
    with pytest.raises(ConfigurationError, match="`sampling_weights` is by classes, and `y` does not tell a class"):
        amalthea.ArrayLoader(y, y + 0.5, sampling_weights="balanced")


def test_one_hot_rows_know_all_classes():
    y = np.eye(4)[[0, 1, 1, 2]]
    loader = amalthea.ArrayLoader(y, y, class_weight={3: 9.0, 1: 2.0}, shuffle=False)
    assert loader[0][2].tolist() == [1, 2, 2, 1]
    assert loader.part([0, 3]).peek()[2].tolist() == [1, 1]
