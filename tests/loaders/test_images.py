"""ImageLoader: batches, labels, augmentation, tables, splits."""

import pathlib

import keras
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import amalthea
import pictures
from amalthea import ImageLoader, transforms
from amalthea.errors import ConfigurationError

COUNT = 10


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Ten pictures of 6 x 8, the k-th of the value 10 k, in two classes of five."""
    root = tmp_path_factory.mktemp("images")
    pictures.write_all(root, [f"{'cat' if number < 5 else 'dog'}/{number}.png" for number in range(COUNT)])
    return root


@pytest.fixture(scope="module")
def paths(folder):
    return sorted(str(path) for path in folder.rglob("*.png"))


def values(images):
    """The number of each picture."""
    return [round(float(image.mean()) / 10) for image in images]


def of_images(function):
    """A transform of images, whether they come alone or beside their labels."""

    def transform(sample, rng):
        if isinstance(sample, tuple):
            return function(sample[0], rng), *sample[1:]
        return function(sample, rng)

    return transform


@of_images
def flipped(image, rng):
    """A transform whose work can be seen."""
    return 255 - image


@of_images
def noise(image, rng):
    return (image + rng.integers(0, 9, image.shape)).astype(np.uint8)


def test_a_batch_is_images_and_labels_in_order(paths):
    loader = ImageLoader(paths, list(range(COUNT)), image_size=(6, 8), batch_size=4, shuffle=False)
    batches = list(loader)
    assert [images.shape for images, _ in batches] == [(4, 6, 8, 3), (4, 6, 8, 3), (2, 6, 8, 3)]
    assert [image for images, _ in batches for image in values(images)] == list(range(COUNT))
    assert [label for _, labels in batches for label in labels] == list(range(COUNT))
    assert batches[0][0].dtype == np.float32
    assert batches[0][1].dtype == np.int32


def test_paths_may_be_pathlib_paths(folder):
    loader = ImageLoader(sorted(folder.rglob("*.png")), image_size=4)
    assert all(isinstance(path, str) for path in loader.file_paths)
    assert loader.class_names is None


def test_shuffled_each_epoch_has_every_image_once_with_its_label(paths):
    loader = ImageLoader(paths, list(range(COUNT)), image_size=4, batch_size=3, seed=0)
    orders = []
    for _ in range(3):
        batches = list(loader)
        order = [label for _, labels in batches for label in labels]
        assert order == [image for images, _ in batches for image in values(images)]
        assert sorted(order) == list(range(COUNT))
        orders.append(tuple(order))
    assert len(set(orders)) == 3


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_one_seed_gives_the_same_batches_with_any_workers(paths, workers):
    def batches(workers):
        loader = ImageLoader(
            paths, list(range(COUNT)), image_size=4, batch_size=3, seed=9, workers=workers, augment=noise
        )
        return [batch for _ in range(2) for batch in loader]

    for ours, theirs in zip(batches(workers), batches(2), strict=True):
        for left, right in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize(
    ("labels", "dtype", "shape"),
    [
        ([0.5] * COUNT, np.float32, (COUNT,)),
        (np.arange(COUNT, dtype=np.float64), np.float32, (COUNT,)),
        (np.arange(COUNT), np.int64, (COUNT,)),
        (np.ones((COUNT, 4)), np.float32, (COUNT, 4)),
    ],
)
def test_raw_labels_come_as_they_are(paths, labels, dtype, shape):
    ((_, y),) = list(ImageLoader(paths, labels, label_mode="raw", image_size=4, shuffle=False))
    assert (y.dtype, y.shape) == (dtype, shape)
    np.testing.assert_array_equal(y, labels)


def test_names_are_labels_with_class_names(paths):
    names = ["b", "a"] * 5
    loader = ImageLoader(paths, names, class_names=["a", "b"], image_size=4, shuffle=False)
    ((_, labels),) = list(loader)
    assert labels.tolist() == [1, 0] * 5
    assert loader.class_names == ["a", "b"]


def test_sample_weights_come_third(paths):
    weights = np.linspace(0, 1, COUNT)
    ((_, _, third),) = list(ImageLoader(paths, [0] * COUNT, sample_weight=weights, image_size=4, shuffle=False))
    assert third.dtype == np.float32
    np.testing.assert_array_equal(third, weights.astype(np.float32))


@pytest.mark.parametrize("augmented", [False, True])
@pytest.mark.parametrize("dtype", ["uint8", "float16", "float32", "float64"])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_dtype_format_and_scale_hold_with_and_without_augmentation(paths, augmented, dtype, data_format):
    rescale = None if dtype == "uint8" else 1 / 255
    loader = ImageLoader(
        paths[:2],
        image_size=(5, 7),
        dtype=dtype,
        data_format=data_format,
        rescale=rescale,
        augment=flipped if augmented else (),
        shuffle=False,
    )
    (images,) = list(loader)
    assert images.dtype == dtype
    assert images.shape == ((2, 3, 5, 7) if data_format == "channels_first" else (2, 5, 7, 3))
    expected = np.array([255, 245] if augmented else [0, 10]) * (rescale or 1)
    np.testing.assert_allclose(images.reshape(2, -1), np.tile(expected[:, None], 105), rtol=1e-3)


def test_the_data_format_is_what_keras_is_set_to(paths):
    before = keras.config.image_data_format()
    try:
        for name, shape in (("channels_first", (1, 3, 5, 7)), ("channels_last", (1, 5, 7, 3))):
            keras.config.set_image_data_format(name)
            (images,) = list(ImageLoader(paths[:1], image_size=(5, 7)))
            assert images.shape == shape
    finally:
        keras.config.set_image_data_format(before)


def test_augment_gets_uint8_in_channels_last_before_the_scale(paths):
    seen = []

    @of_images
    def look(image, rng):
        seen.append((image.dtype, image.shape, int(image.max()), isinstance(rng, np.random.Generator)))
        return image

    loader = ImageLoader(
        paths[9:], [0], image_size=(5, 7), augment=[look, flipped, look], rescale=1 / 255, data_format="channels_first"
    )
    (images, labels) = next(iter(loader))
    assert set(seen) == {(np.dtype(np.uint8), (5, 7, 3), value, True) for value in (90, 165)}
    assert images.max() == pytest.approx(165 / 255)
    assert labels.tolist() == [0]


@pytest.mark.parametrize("labels", [None, [3], [[0.5, 1.5]]])
def test_augment_is_a_plain_function_of_the_image_with_and_without_labels(paths, labels):
    """As its documentation says: each gets the image."""

    def brighter(image, rng):
        return image + np.uint8(100)

    loader = ImageLoader(paths[9:], labels, label_mode="raw", image_size=4, augment=brighter)
    batch = next(iter(loader))
    assert ((batch if labels is None else batch[0]) == 190).all()


def test_transform_gets_the_finished_sample(paths):
    def transform(sample, rng):
        image, label = sample
        assert image.dtype == np.float32
        assert image.shape == (3, 5, 7)
        assert image.max() <= 1
        return image * 2, label + 5

    options = {"image_size": (5, 7), "rescale": 1 / 255, "data_format": "channels_first", "transform": transform}
    for augment in ((), flipped):
        (images, labels) = next(iter(ImageLoader(paths[9:], [0], augment=augment, **options)))
        assert images.max() == pytest.approx((165 if augment else 90) * 2 / 255)
        assert labels.tolist() == [5]


def test_pillow_gives_the_pixels_of_load_img(tmp_path):
    path = tmp_path / "photo.jpg"
    next(pictures.crops()).save(path, quality=90)
    (images,) = list(ImageLoader([path], image_size=(50, 60), interpolation="lanczos", decoder="pillow"))
    expected = keras.utils.load_img(path, target_size=(50, 60), interpolation="lanczos")
    np.testing.assert_array_equal(images[0], np.asarray(expected))


# Folders


def test_from_directory_prints_what_it_found(folder, capsys):
    ImageLoader.from_directory(folder, image_size=4)
    assert capsys.readouterr().out == "Found 10 files belonging to 2 classes.\n"
    ImageLoader.from_directory(folder, labels=None, image_size=4, validation_split=0.2, subset="both")
    assert capsys.readouterr().out == "Found 10 files.\nUsing 8 files for training.\nUsing 2 files for validation.\n"
    ImageLoader.from_directory(folder, image_size=4, validation_split=0.2, subset="validation", seed=1)
    assert capsys.readouterr().out.endswith("classes.\nUsing 2 files for validation.\n")
    ImageLoader.from_directory(folder, image_size=4, verbose=False)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("labels", "class_names", "expected", "names"),
    [
        (r"(\d)\.png", None, [*range(COUNT)], [str(number) for number in range(COUNT)]),
        (r"[02468]|[13579]", None, [*range(COUNT)], [str(number) for number in range(COUNT)]),
        (lambda path: pathlib.Path(path).parent.name, None, [0] * 5 + [1] * 5, ["cat", "dog"]),
        (lambda path: pathlib.Path(path).parent.name, ["dog", "cat"], [1] * 5 + [0] * 5, ["dog", "cat"]),
        (lambda path: int(path[-5]) % 3, None, [number % 3 for number in range(COUNT)], ["0", "1", "2"]),
        ([7] * COUNT, None, [7] * COUNT, ["7"]),
        ([1, 0] * 5, ["no", "yes"], [1, 0] * 5, ["no", "yes"]),
    ],
)
def test_labels_from_an_expression_a_function_or_a_list(folder, labels, class_names, expected, names):
    loader = ImageLoader.from_directory(
        folder, labels, class_names=class_names, image_size=4, shuffle=False, verbose=False
    )
    ((images, y),) = list(loader)
    assert values(images) == list(range(COUNT))
    assert y.tolist() == expected
    assert loader.class_names == names


def test_raw_labels_from_a_function(folder):
    loader = ImageLoader.from_directory(
        folder, lambda path: float(path[-5]) / 2, label_mode="raw", image_size=4, shuffle=False, verbose=False
    )
    ((_, y),) = list(loader)
    assert y.tolist() == [number / 2 for number in range(COUNT)]
    assert y.dtype == np.float32


@pytest.mark.parametrize("subset", ["both", "validation"])
def test_a_validation_loader_is_unshuffled_and_not_augmented(folder, subset):
    """And has no mixed batches and no shortened epoch, but what else was asked for."""
    options = {
        "augment": flipped,
        "batch_transform": lambda batch, rng: (batch[0] * 0 + 77, batch[1]),
        "steps_per_epoch": 1,
        "batch_size": 2,
        "rescale": 0.5,
        "transform": lambda sample, rng: (sample[0] + 1, sample[1]),
    }
    loaders = ImageLoader.from_directory(
        folder, image_size=4, seed=2, validation_split=0.5, subset=subset, verbose=False, **options
    )
    validation = loaders[1] if subset == "both" else loaders
    assert len(validation) == 3
    epochs = [list(validation) for _ in range(2)]
    for batches in epochs:
        seen = [round(float(image.mean() - 1) * 2) for images, _ in batches for image in images]
        assert seen == [10 * int(path[-5]) for path in validation.file_paths]
    if subset == "both":
        assert len(loaders[0]) == 1
        assert (next(iter(loaders[0]))[0] == 77).all()


def test_a_training_loader_is_augmented(folder):
    training, _ = ImageLoader.from_directory(
        folder, image_size=4, seed=2, validation_split=0.5, subset="both", verbose=False, augment=flipped
    )
    ((images, _),) = list(training)
    seen = sorted(round((255 - float(image.mean())) / 10) for image in images)
    assert seen == sorted(int(path[-5]) for path in training.file_paths)


@settings(max_examples=20)
@given(split=st.floats(0.1, 0.9), seed=st.integers(0, 2**40))
def test_no_file_is_in_training_and_in_validation(folder, split, seed):
    training, validation = ImageLoader.from_directory(
        folder, image_size=4, seed=seed, validation_split=split, subset="both", verbose=False
    )
    files = [*training.file_paths, *validation.file_paths]
    assert len(files) == len(set(files)) == COUNT
    assert len(validation.file_paths) == int(split * COUNT)


# Tables


@pytest.fixture(scope="module")
def table(paths):
    return pd.DataFrame(
        {
            "filename": [str(pathlib.Path(*pathlib.Path(path).parts[-2:])) for path in paths],
            "path": paths,
            "class": ["yes", "no"] * 5,
            "number": np.arange(COUNT) % 3,
            "value": np.arange(COUNT) / 4,
            "weight": np.arange(COUNT) / 10,
        }
    )


def of_table(table, **options):
    return ImageLoader.from_dataframe(
        table, **{"image_size": 4, "shuffle": False, "verbose": False, "batch_size": COUNT, **options}
    )


def test_a_table_of_names_gives_sorted_classes(table, folder):
    loader = of_table(table, directory=folder)
    ((images, labels),) = list(loader)
    assert values(images) == list(range(COUNT))
    assert loader.class_names == ["no", "yes"]
    assert labels.tolist() == [1, 0] * 5


def test_a_table_may_hold_whole_paths(table):
    loader = of_table(table, x_col="path", class_names=["yes", "no"], label_mode="categorical")
    ((images, labels),) = list(loader)
    assert values(images) == list(range(COUNT))
    assert labels.tolist() == [[1, 0], [0, 1]] * 5


def test_a_table_of_integers(table, folder):
    loader = of_table(table, directory=folder, y_col="number")
    ((_, labels),) = list(loader)
    assert labels.dtype == np.int32
    assert labels.tolist() == (np.arange(COUNT) % 3).tolist()
    assert loader.class_names == ["0", "1", "2"]


def test_a_table_of_values_with_weights(table, folder):
    ((_, labels, weights),) = list(
        of_table(table, directory=str(folder), y_col="value", label_mode="raw", weight_col="weight")
    )
    np.testing.assert_array_equal(labels, table["value"].astype(np.float32))
    np.testing.assert_array_equal(weights, table["weight"].astype(np.float32))


@pytest.mark.parametrize("options", [{"y_col": None}, {"label_mode": None}])
def test_a_table_without_labels(table, options):
    (images,) = list(of_table(table, x_col="path", **options))
    assert values(images) == list(range(COUNT))


def test_a_table_is_split_with_its_labels_and_weights(table):
    training, validation = of_table(
        table,
        x_col="path",
        y_col="value",
        weight_col="weight",
        label_mode="raw",
        shuffle=True,
        seed=4,
        validation_split=0.3,
        subset="both",
        augment=flipped,
    )
    assert (training.num_samples, validation.num_samples) == (7, 3)
    ((images, labels, weights),) = list(validation)
    assert values(images) == (labels * 4).tolist()
    np.testing.assert_allclose(weights, labels * 0.4, rtol=1e-6)
    ((images, labels, weights),) = list(training)
    assert values(255 - images) == (labels * 4).tolist()
    np.testing.assert_allclose(weights, labels * 0.4, rtol=1e-6)


def test_the_split_of_a_table_is_drawn_as_that_of_a_folder(table, folder):
    options = {"shuffle": True, "seed": 4, "validation_split": 0.3, "subset": "validation"}
    ours = of_table(table, x_col="path", **options)
    theirs = ImageLoader.from_directory(folder, image_size=4, verbose=False, **options)
    assert ours.file_paths == theirs.file_paths


def test_a_dict_of_lists_and_a_table_with_another_index_are_tables_too(table):
    loader = of_table({"filename": list(table["path"]), "class": list(table["class"])})
    assert loader.class_names == ["no", "yes"]
    part = of_table(table[table["class"] == "no"], x_col="path")
    assert values(next(iter(part))[0]) == [1, 3, 5, 7, 9]


@pytest.mark.parametrize("column", ["x_col", "y_col", "weight_col"])
def test_a_missing_column_is_named_with_those_there_are(table, column):
    with pytest.raises(ConfigurationError, match=f"`{column}` is 'gone'.*filename.*weight"):
        of_table(table, **{"x_col": "path", column: "gone"})


def test_missing_values_in_a_table_are_told_with_their_place(table):
    for column, label_mode in (("class", "int"), ("value", "raw"), ("number", "int")):
        holed = table.copy()
        holed[column] = holed[column].where(holed.index != 3)
        with pytest.raises(ConfigurationError, match=r"`labels`.*place"):
            of_table(holed, x_col="path", y_col=column, label_mode=label_mode)


def test_a_missing_file_name_in_a_table_is_told(table):
    holed = table.assign(path=table["path"].where(table.index != 3))
    with pytest.raises(ConfigurationError, match="x_col"):
        of_table(holed, x_col="path")


# With a model


def model_of(size, outputs=1):
    layers = [keras.Input((*size, 3)), keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(outputs)]
    model = keras.Sequential(layers)
    model.compile(optimizer=keras.optimizers.SGD(0.0), loss="mse")
    model.layers[-1].set_weights([np.full((3, outputs), 1 / 3, np.float32), np.zeros(outputs, np.float32)])
    return model


def test_predictions_line_up_with_the_files(paths):
    loader = ImageLoader(paths, image_size=(6, 8), batch_size=3, shuffle=False)
    predictions = model_of((6, 8)).predict(loader, verbose=0)
    np.testing.assert_allclose(predictions[:, 0], 10 * np.arange(COUNT), rtol=1e-4, atol=1e-4)


def test_evaluate_sees_every_image_once_with_its_label_and_weight(paths):
    labels = 10.0 * np.arange(COUNT) + np.arange(COUNT)
    loader = ImageLoader(paths, labels, label_mode="raw", image_size=(6, 8), batch_size=3)
    loss = model_of((6, 8)).evaluate(loader, verbose=0)
    assert loss == pytest.approx(np.mean(np.arange(COUNT) ** 2), rel=1e-3)


def test_fit_trains_and_validates_on_a_folder(folder):
    training, validation = ImageLoader.from_directory(
        folder, image_size=(6, 8), batch_size=3, validation_split=0.3, subset="both", seed=1, verbose=False
    )
    history = model_of((6, 8)).fit(training, validation_data=validation, epochs=2, verbose=0).history
    expected = {}
    for name, loader in (("loss", training), ("val_loss", validation)):
        errors = [10 * int(path[-5]) - (int(path[-5]) >= 5) for path in loader.file_paths]
        expected[name] = np.mean(np.square(errors))
    assert history["loss"] == pytest.approx([expected["loss"]] * 2, rel=1e-3)
    assert history["val_loss"] == pytest.approx([expected["val_loss"]] * 2, rel=1e-3)


def test_a_loader_is_a_pydataset_that_keras_starts_no_workers_for(paths):
    loader = amalthea.ImageLoader(paths, image_size=4, workers=3)
    assert isinstance(loader, keras.utils.PyDataset)
    assert (loader.workers, loader.use_multiprocessing) == (1, False)


@pytest.mark.parametrize(
    ("augment", "message"),
    [
        (transforms.RandomBrightness(0.1, value_range=(0, 1)), "images are uint8 of 0 - 255 there"),
        ([transforms.RandomFlip(), transforms.RandomContrast(0.1, value_range=(0, 1))], "leave `value_range` out"),
        (transforms.Rescaling(1 / 255), "there is a `rescale`, which comes after it"),
        (transforms.Normalization(mean=[0.5] * 3, variance=[0.1] * 3), "put it into `transform`"),
        (transforms.SampleNormalization(), "put it into `transform`"),
        (transforms.ZCAWhitening(0.0, np.eye(3)), "put it into `transform`"),
    ],
)
def test_an_augmentation_for_pixels_of_0_to_1_is_an_error_at_once(paths, augment, message):
    with pytest.raises(ConfigurationError, match=message):
        ImageLoader(paths, image_size=8, rescale=1 / 255, augment=augment)


def test_an_augmentation_may_rescale_by_itself(paths):
    augment = [transforms.Rescaling(1 / 255), transforms.RandomBrightness(0.1, value_range=(0, 1))]
    images = ImageLoader(paths, image_size=8, augment=augment, batch_size=4)[0]
    assert 0 <= images.min() < images.max() <= 1
