"""In place of `flow_from_dataframe`: labels, weights and splits are those of the legacy class; autoencoders."""

import functools

import keras
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras.src.legacy.preprocessing.image import ImageDataGenerator

import amalthea
import pictures
from amalthea import ImageLoader, splits, transforms
from amalthea.errors import ConfigurationError
from amalthea.testing import check_loader

SIZE = 12
COMMON = {"image_size": (6, 8), "verbose": False, "workers": 0, "batch_size": 64, "shuffle": False}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("table")
    pictures.write_all(root, [f"{number}.png" for number in range(SIZE)])
    return root


def table(seed=0):
    rng = np.random.default_rng(seed)
    several = [list(rng.permutation(["ant", "bee", "cat"])[: rng.integers(1, 4)]) for _ in range(SIZE)]
    return pd.DataFrame(
        {
            "filename": rng.permutation([f"{number}.png" for number in range(SIZE)]),
            "class": [str(name) for name in rng.permutation(["ant", "bee", "cat"] * 4)],
            "pair": [str(name) for name in rng.permutation(["yes", "no"] * 6)],
            "several": [[str(name) for name in names] for names in several],
            "size": rng.random(SIZE),
            "count": rng.integers(0, 9, SIZE),
            "place": list(rng.random((SIZE, 4)).astype("float32")),
            "weight": rng.random(SIZE),
        },
        index=rng.permutation(SIZE),
    )


def legacy(folder, data, validation_split=0.0, **options):
    options = {"target_size": (6, 8), "batch_size": 64, "shuffle": False, **options}
    return ImageDataGenerator(validation_split=validation_split).flow_from_dataframe(data, str(folder), **options)


MODES = [
    ("categorical", "class"),
    ("categorical", "several"),
    ("binary", "pair"),
    ("sparse", "class"),
    ("raw", "size"),
    ("raw", "count"),
    ("raw", ["size", "count"]),
    ("raw", ["count"]),
    ("multi_output", ["size", "count"]),
    ("multi_output", ["place", "size"]),
    ("input", None),
    (None, "class"),
]


def assert_labels(ours, theirs):
    if isinstance(theirs, list):
        assert isinstance(ours, tuple) and len(ours) == len(theirs)
        for mine, other in zip(ours, theirs, strict=True):
            assert_labels(mine, other)
        return
    np.testing.assert_array_equal(ours, theirs.astype(ours.dtype))
    if theirs.dtype.kind == "f":
        assert ours.dtype == np.float32
    assert ours.dtype.kind == theirs.dtype.kind


@settings(max_examples=6)
@given(seed=st.integers(0, 99), share=st.none() | st.floats(0.1, 0.9), weighted=st.booleans())
@pytest.mark.parametrize(("class_mode", "y_col"), MODES)
def test_batches_are_those_there(folder, class_mode, y_col, seed, share, weighted):
    data = table(seed)
    weighted = weighted and class_mode is not None
    columns = {"y_col": y_col, "weight_col": "weight" if weighted else None}
    for subset in [None] if share is None else ["training", "validation"]:
        split = {} if share is None else {"validation_split": share, "subset": subset, "split_from": "front"}
        label_mode = {"sparse": "int"}.get(class_mode, class_mode)
        loader = ImageLoader.from_dataframe(data, folder, label_mode=label_mode, **columns, **split, **COMMON)
        theirs = legacy(folder, data, share or 0.0, class_mode=class_mode, subset=subset, **columns)
        assert list(loader.filenames) == theirs.filenames
        ours, wanted = loader[0], theirs[0]
        if class_mode is None:
            np.testing.assert_array_equal(ours, wanted)
            continue
        np.testing.assert_array_equal(ours[0], wanted[0])
        labels = wanted[1][:, np.newaxis] if class_mode == "binary" else wanted[1]
        assert_labels(ours[1], labels.astype("int32") if class_mode == "sparse" else labels)
        assert len(ours) == len(wanted)
        if weighted:
            np.testing.assert_array_equal(ours[2], wanted[2].astype("float32"))
            assert ours[2].dtype == np.float32 and ours[2].shape == wanted[2].shape
        if class_mode in ("categorical", "binary", "sparse"):
            assert loader.class_indices == theirs.class_indices
            if y_col != "several":
                assert loader.classes.tolist() == theirs.classes
        if class_mode in ("raw", "multi_output"):
            assert_labels(loader.labels, theirs.labels)


def test_parts_of_loaders_have_their_labels_of_several_outputs(folder):
    data = table()
    loader = ImageLoader.from_dataframe(data, folder, y_col=["size", "place"], label_mode="multi_output", **COMMON)
    first, second = splits.split(loader, (0.5, 0.5), shuffle=False)
    np.testing.assert_array_equal(second[0][1][1], np.stack(data["place"])[6:])
    np.testing.assert_array_equal(second.labels[1], np.stack(data["place"])[6:])
    assert len(first.labels[0]) == 6


def test_lists_of_classes_may_be_given_in_an_order_of_their_own(folder):
    loader = ImageLoader.from_dataframe(
        table(), folder, y_col="several", label_mode="categorical", class_names=["cat", "bee", "ant"], **COMMON
    )
    usual = ImageLoader.from_dataframe(table(), folder, y_col="several", label_mode="categorical", **COMMON)
    np.testing.assert_array_equal(loader[0][1], usual[0][1][:, ::-1])


def test_a_model_of_two_outputs_trains_on_two_columns(folder):
    loader = ImageLoader.from_dataframe(
        table(), folder, y_col=["size", "place"], label_mode="multi_output", rescale=1 / 255, **COMMON
    )
    inputs = keras.Input((6, 8, 3))
    flat = keras.layers.Flatten()(inputs)
    model = keras.Model(inputs, [keras.layers.Dense(1)(flat), keras.layers.Dense(4)(flat)])
    model.compile("sgd", ["mse", "mse"])
    history = model.fit(loader, epochs=3, shuffle=False, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]


@pytest.mark.parametrize("cache", [None, "memory"])
@pytest.mark.parametrize("augmented", [False, True])
@pytest.mark.parametrize(
    ("workers", "processes", "weighted"), [(0, False, False), (0, False, True), (2, False, True), (1, True, True)]
)
def test_autoencoders_get_what_they_are_given(folder, cache, augmented, workers, processes, weighted):
    """Whatever has been done to x is done to y, and they share no memory."""
    changes = {}
    if augmented:
        changes = {"augment": transforms.RandomFlip("horizontal"), "transform": transforms.Normalization(0.5, 0.25)}
    with ImageLoader.from_dataframe(
        table(),
        folder,
        label_mode="input",
        weight_col="weight" if weighted else None,
        rescale=1 / 255,
        cache=cache,
        **changes,
        **{**COMMON, "workers": workers, "batch_size": 5, "shuffle": True, "seed": 1},
        use_multiprocessing=processes,
    ) as loader:
        for x, y, *weight in loader:
            np.testing.assert_array_equal(x, y)
            assert not np.shares_memory(x, y)
            assert (x.min() < 0) == augmented
            assert [each.dtype for each in weight] == [np.float32] * weighted


def test_a_transform_that_writes_into_x_changes_no_picture_behind_it(folder):
    def darker(sample, rng):
        sample[0][:] = 7
        return sample

    x, y = ImageLoader.from_dataframe(table(), folder, label_mode="input", transform=darker, **COMMON)[0]
    assert (x == 7).all() and (y == 7).all()
    x[:] = 0
    assert (y == 7).all()


def test_layers_change_x_alone(folder):
    loader = ImageLoader.from_dataframe(
        table(), folder, label_mode="input", layers=keras.layers.Rescaling(1 / 255), **COMMON
    )
    x, y = loader[0]
    np.testing.assert_allclose(x * 255, y, atol=1e-4)
    assert y.max() > 1


def test_a_loader_for_validation_has_its_pictures_for_labels_too(folder):
    _, validation = ImageLoader.from_dataframe(
        table(),
        folder,
        label_mode="input",
        augment=transforms.RandomFlip("horizontal"),
        validation_split=0.5,
        subset="both",
        **COMMON,
    )
    x, y = validation[0]
    np.testing.assert_array_equal(x, y)


def test_the_loader_of_an_autoencoder_is_as_any_other(folder):
    make = functools.partial(ImageLoader.from_dataframe, table(), folder, label_mode="input")
    options = {"augment": transforms.RandomFlip(), "image_size": 8, "batch_size": 5, "seed": 0, "verbose": False}
    with make(**options) as loader:
        check_loader(loader)


def test_weights_of_classes_go_with_pictures_for_labels(tmp_path):
    pictures.write_all(tmp_path, ["cat/1.png", "cat/2.png", "cat/3.png", "dog/1.png"])
    loader = ImageLoader.from_directory(tmp_path, label_mode="input", class_weight="balanced", **COMMON)
    np.testing.assert_allclose(loader[0][2], [2 / 3, 2 / 3, 2 / 3, 2], rtol=1e-6)


def test_weights_of_pictures_for_labels_may_have_the_shape_of_a_loss_of_pixels(folder):
    def of_pixels(sample, rng):
        return (*sample[:2], *(np.reshape(weight, (1, 1)) for weight in sample[2:]))

    options = {"label_mode": "input", "weight_col": "weight", "rescale": 1 / 255, **COMMON}
    loader = ImageLoader.from_dataframe(table(), folder, transform=of_pixels, **options)
    x, _, weight = loader[0]
    assert weight.shape == (SIZE, 1, 1)
    model = keras.Sequential([keras.Input((6, 8, 3)), keras.layers.Rescaling(0.0)])
    model.compile(loss="mse")
    loss = model.evaluate(loader, verbose=0)
    np.testing.assert_allclose(loss, (np.square(x).mean(-1) * weight).mean(), rtol=1e-4)


@pytest.mark.parametrize("cache", [None, "memory"])
@pytest.mark.parametrize("augmented", [False, True])
def test_the_source_has_its_pictures_rescaled_where_nothing_is_augmented(folder, cache, augmented):
    """What a fitted transform is given."""
    augment = transforms.RandomFlip() if augmented else ()
    options = {"augment": augment, "cache": cache, "rescale": 1 / 255, **COMMON}
    source = ImageLoader.from_dataframe(table(), folder, label_mode="input", **options).source
    assert (transforms.Normalization.fit(source).mean > 1).all() == augmented


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_a_sheet_of_grey_pictures_takes_no_picture_for_a_mask(folder, dtype):
    options = {"label_mode": "input", "color_mode": "grayscale", "dtype": dtype}
    sheet = amalthea.preview(ImageLoader.from_dataframe(table(), folder, **options, **COMMON))
    pixels = np.asarray(sheet, np.int64)
    assert (pixels.max(axis=2) == pixels.min(axis=2)).all()


def test_broken_files_are_left_out_of_both(folder, tmp_path):
    pictures.write_all(tmp_path, ["0.png", "1.png"])
    (tmp_path / "2.png").write_bytes(b"none")
    data = {"filename": ["0.png", "1.png", "2.png"]}
    options = {"label_mode": "input", "on_error": "substitute", "max_errors": None}
    loader = ImageLoader.from_dataframe(data, tmp_path, **options, **COMMON)
    with pytest.warns(UserWarning, match=r"2\.png"):
        x, y, weight = loader[0]
    np.testing.assert_array_equal(x, y)
    assert weight.tolist() == [1, 1, 0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"label_mode": "multi_output"}, "`label_mode` is 'multi_output' and `y_col` 'class'; it must be a list"),
        ({"label_mode": "multi_output", "y_col": []}, "it must be a list of the columns"),
        ({"label_mode": "multi_output", "y_col": ["size", "sice"]}, "`y_col` is 'sice'; the columns"),
        ({"label_mode": "multi_output", "y_col": ["size", "class"]}, "must be numbers"),
        ({"label_mode": "int", "y_col": ["class", "pair"]}, r"`y_col` is the list .*'raw'.*it is 'int'"),
        ({"label_mode": "raw", "y_col": ["size", "class"]}, "must be numbers"),
        ({"label_mode": "int", "y_col": "several"}, "labels are lists of classes; they need 'categorical'"),
        ({"label_mode": "binary", "y_col": "several"}, "labels are lists of classes; they need 'categorical'"),
        (
            {"label_mode": "categorical", "y_col": "several", "class_names": ["ant", "bee"]},
            "'cat' is not among the classes",
        ),
        ({"label_mode": "categorical", "y_col": "several", "class_weight": "balanced"}, "labels are no classes"),
        ({"label_mode": "multi_output", "y_col": ["size"], "class_weight": "balanced"}, "labels are no classes"),
        ({"label_mode": "input", "class_weight": "balanced"}, "the labels are none"),
        ({"label_mode": "input", "class_names": ["ant"]}, "`class_names` is given, but there are no labels"),
        ({"label_mode": "multi_output", "y_col": ["size"], "class_names": ["ant"]}, "`class_names` is .*leave it out"),
        ({"label_mode": "inputs"}, "`label_mode` is 'inputs'; it must be one of"),
        ({"label_mode": None, "weight_col": "weight"}, "there are no labels"),
    ],
)
def test_what_cannot_be_used_is_named(folder, options, message):
    with pytest.raises(ConfigurationError, match=message):
        ImageLoader.from_dataframe(table(), folder, **options, **COMMON)


def test_columns_may_be_named_by_numbers_and_come_in_any_sequence(folder):
    data = table()[["filename", "count", "size"]]
    names = ImageLoader.from_dataframe(data, folder, y_col=data.columns[1:], label_mode="multi_output", **COMMON)
    data.columns = [0, 1, 2]
    numbers = ImageLoader.from_dataframe(data, folder, x_col=0, y_col=[1, 2], label_mode="multi_output", **COMMON)
    one = ImageLoader.from_dataframe(data, folder, x_col=0, y_col=1, **COMMON)
    for loader in (names, numbers):
        np.testing.assert_array_equal(loader[0][1][0], data[1])
        np.testing.assert_array_equal(loader[0][1][1], data[2].astype("float32"))
    np.testing.assert_array_equal(one[0][1], data[1])


@pytest.mark.parametrize("missing", [None, float("nan")])
def test_a_missing_label_among_lists_is_named_by_its_place(folder, missing):
    data = {"filename": ["0.png", "1.png"], "class": [["ant", "bee"], missing]}
    with pytest.raises(ConfigurationError, match=f"`labels` holds {missing} at place 1"):
        ImageLoader.from_dataframe(data, folder, label_mode="categorical", **COMMON)


@pytest.mark.parametrize("labels", [[["ant"], ["ant", "bee"]], [np.array(["ant", "bee"])] * 2, [{"ant"}, {"bee"}]])
def test_lists_of_names_need_class_names(folder, labels):
    paths = [str(folder / "0.png"), str(folder / "1.png")]
    with pytest.raises(ConfigurationError, match=r"at place 0; .* a list, and need `class_names` and `label_mode="):
        ImageLoader(paths, labels, label_mode="categorical")


@pytest.mark.parametrize("labels", [[0, 1], np.zeros((2, 3))])
def test_columns_of_labels_are_a_tuple(folder, labels):
    paths = [str(folder / "0.png"), str(folder / "1.png")]
    with pytest.raises(ConfigurationError, match=r"`label_mode` is .multi_output.*a tuple of arrays"):
        ImageLoader(paths, labels, label_mode="multi_output")
    _, (a, b) = ImageLoader(paths, (labels, [1.5, 2]), label_mode="multi_output", shuffle=False, image_size=8)[0]
    np.testing.assert_array_equal(a, labels)
    assert b.tolist() == [1.5, 2]
