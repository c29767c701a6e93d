"""Bad input: an error at the earliest moment that says what, where and what to do; and a loader that works again."""

import os
import pathlib
import threading

import keras
import numpy as np
import pytest

import pictures
from amalthea import ImageLoader
from amalthea.errors import ConfigurationError, SampleError

COUNT = 12
BAD = 7  # sample that is broken in the tests; sample 0 is read at construction


@pytest.fixture
def folder(tmp_path):
    """Twelve pictures of 6 x 8 in three classes."""
    root = tmp_path / "data"
    names = [f"{'abc'[number // 4]}/{number:02}.png" for number in range(COUNT)]
    pictures.write_all(root, names)
    return root


def of_folder(folder, labels="inferred", **options):
    return ImageLoader.from_directory(
        folder, labels, **{"image_size": (6, 8), "batch_size": 4, "verbose": False, **options}
    )


# Before any picture is read


@pytest.mark.parametrize("labels", ["inferred", None, "a", len])
def test_a_missing_folder_is_told(tmp_path, labels):
    with pytest.raises(ConfigurationError, match=r"gone.*No such file"):
        of_folder(tmp_path / "gone", labels)


@pytest.mark.parametrize("labels", [None, "a", len, []])
def test_an_empty_folder_is_told_with_the_endings_that_are_looked_for(tmp_path, labels):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(ConfigurationError, match=rf"no image.*{tmp_path.name}.*\.jpg"):
        of_folder(tmp_path, labels)


def test_folders_of_classes_without_pictures_are_told(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with pytest.raises(ConfigurationError, match=r"no image.*\.jpg"):
        of_folder(tmp_path)


def test_a_folder_without_classes_is_told_with_the_remedy(tmp_path):
    pictures.write(tmp_path / "1.png")
    (tmp_path / ".hidden").mkdir()
    with pytest.raises(ConfigurationError, match=r"no subfolders.*`labels=None`"):
        of_folder(tmp_path)


@pytest.mark.parametrize("count", [0, 11, 13])
def test_labels_of_the_wrong_length_are_told(folder, count):
    message = f"`labels` has {count} entries.*12 files"
    with pytest.raises(ConfigurationError, match=message):
        of_folder(folder, [0] * count)
    with pytest.raises(ConfigurationError, match=message):
        ImageLoader([*folder.rglob("*.png")], [0] * count)


@pytest.mark.parametrize(
    ("labels", "options", "message"),
    [
        ([0.5] * COUNT, {}, r"0\.5 at place 0.*label_mode='raw'"),
        ([0] * 11 + [float("nan")], {}, r"nan at place 11"),
        ([0.0] * 11 + [float("nan")], {"label_mode": "raw"}, r"at place 11.*finite"),
        (["x"] * COUNT, {"class_names": ["y"]}, r"'x' at place 0"),
        ([0] * 11 + ["x"], {}, r"'x' at place 11.*`class_names`"),
        ([0] * 11 + [3], {"class_names": ["x", "y", "z"]}, r"0 to 3.*`class_names` has 3 names"),
        ([0, 1, 2] * 4, {"label_mode": "binary"}, r"'binary'.*2 classes.*3"),
        ([0] * COUNT, {"label_mode": "binary"}, r"'binary'.*2 classes.*1"),
        ([1, 5] * 6, {"label_mode": "categorical"}, r"'categorical'.*1 to 5"),
        (r"[", {}, r"`labels`.*regular expression"),
        (r"z(\d)", {}, r"`labels`.*does not occur.*00\.png"),
    ],
)
def test_labels_that_cannot_be_used_are_told(folder, labels, options, message):
    with pytest.raises(ConfigurationError, match=message):
        of_folder(folder, labels, **options)


@pytest.mark.parametrize("labels", [3, 0.5, True])
def test_labels_that_are_no_list_are_told(folder, labels):
    with pytest.raises(ConfigurationError, match="`labels`"):
        of_folder(folder, labels)
    with pytest.raises(ConfigurationError, match="`labels`"):
        ImageLoader([*folder.rglob("*.png")], labels)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"image_size": 0}, r"`image_size` is 0"),
        ({"image_size": -8}, r"`image_size` is -8"),
        ({"image_size": 8.0}, r"`image_size` is 8\.0"),
        ({"image_size": (8, 8, 3)}, r"`image_size` is \(8, 8, 3\)"),
        ({"label_mode": "one_hot"}, r"`label_mode` is 'one_hot'.*'int', 'binary', 'categorical'"),
        ({"label_mode": "binary"}, r"'binary'.*2 classes.*3"),
        ({"color_mode": "bgr"}, r"`color_mode` is 'bgr'.*'rgb'"),
        ({"interpolation": "linear"}, r"`interpolation` is 'linear'.*'bilinear'"),
        ({"dtype": "int8"}, r"`dtype` is 'int8'.*'uint8'"),
        ({"data_format": "hwc"}, r"`data_format` is 'hwc'.*'channels_first'"),
        ({"decoder": "cv2"}, r"`decoder` is 'cv2'.*'pillow'"),
        ({"rescale": "1/255"}, r"`rescale` is '1/255'"),
        ({"rescale": 1 / 255, "dtype": "uint8"}, r"`rescale`.*Rescaling"),
        ({"crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True}, r"`crop_to_aspect_ratio`.*both"),
        ({"augment": 3}, r"`augment`"),
        ({"augment": [len, "flip"]}, r"`augment` holds 'flip'"),
        ({"transform": [3]}, r"`transform` holds 3"),
        ({"batch_size": 0}, r"`batch_size` is 0"),
        ({"batch_size": 2.5}, r"`batch_size` is 2\.5"),
        ({"seed": -1}, r"`seed` is -1"),
        ({"workers": -1}, r"`workers` is -1"),
        ({"class_names": ["a", "z"]}, r"`class_names` names \['z'\].*\['a', 'b', 'c'\]"),
        ({"class_names": ["a", "b", "a"]}, r"`class_names`.*twice"),
        ({"class_names": ["a"], "labels": None}, r"`class_names`.*`labels=None`"),
        ({"validation_split": 1.5, "subset": "both"}, r"`validation_split` is 1\.5"),
        ({"validation_split": 0.5}, r"`subset` None"),
        ({"subset": "both"}, r"`validation_split` is None"),
        ({"validation_split": 0.5, "subset": "training"}, r"`seed`"),
        ({"validation_split": 0.01, "subset": "both"}, r"`validation_split` is 0\.01.*12 samples"),
    ],
)
def test_options_that_cannot_be_used_are_told(folder, options, message):
    with pytest.raises(ConfigurationError, match=message):
        of_folder(folder, **options)


def test_no_paths_are_told():
    with pytest.raises(ConfigurationError, match="empty"):
        ImageLoader([])


@pytest.mark.parametrize("weights", [[1.0] * 11, [1.0] * 13])
def test_weights_of_the_wrong_length_are_told(folder, weights):
    with pytest.raises(ConfigurationError, match=f"`sample_weight` has {len(weights)}"):
        ImageLoader(sorted(folder.rglob("*.png")), [0] * COUNT, sample_weight=weights)


@pytest.mark.parametrize("weight", [float("nan"), float("inf"), "heavy", None])
def test_weights_that_are_no_numbers_are_told(folder, weight):
    with pytest.raises(ConfigurationError, match="`sample_weight`"):
        ImageLoader(sorted(folder.rglob("*.png")), [0] * COUNT, sample_weight=[1.0] * 11 + [weight])


def test_weights_without_labels_are_told_not_dropped(folder):
    with pytest.raises(ConfigurationError, match="`sample_weight`"):
        ImageLoader(sorted(folder.rglob("*.png")), sample_weight=[1.0] * COUNT)


def test_class_names_without_labels_are_told_not_dropped(folder):
    with pytest.raises(ConfigurationError, match="`class_names`"):
        ImageLoader(sorted(folder.rglob("*.png")), class_names=["a"])


@pytest.mark.parametrize("labels", ["inferred", None])
def test_a_link_that_leads_to_a_folder_above_is_told(folder, labels):
    (folder / "a" / "loop").symlink_to(folder)
    with pytest.raises(ConfigurationError, match=r"loop.*follow_links=False"):
        of_folder(folder, labels, follow_links=True)
    assert of_folder(folder, labels).num_samples == COUNT


def test_a_class_that_is_a_link_to_all_classes_is_told(folder):
    (folder / "d").symlink_to(folder)
    with pytest.raises(ConfigurationError, match=r"follow_links=False"):
        of_folder(folder, follow_links=True)


@pytest.mark.parametrize("labels", ["inferred", None])
@pytest.mark.parametrize("closed", ["data", "data/b"])
def test_a_folder_without_read_permission_is_told_not_passed_over(folder, monkeypatch, labels, closed):
    folder.parent.chmod(0o755)
    monkeypatch.chdir(folder.parent)  # the folders above are closed to others
    pathlib.Path(closed).chmod(0)
    try:
        with pictures.as_a_user(), pytest.raises(ConfigurationError, match=f"{closed}.*Permission denied"):
            of_folder("data", labels)
    finally:
        pathlib.Path(closed).chmod(0o755)


# While pictures are read


FAULTS = {
    "truncated": (lambda path: path.write_bytes(path.read_bytes()[:-24]), "broken"),
    "empty": (lambda path: path.write_bytes(b""), "the file is empty"),
    "text": (lambda path: path.write_bytes(b"some text, renamed"), "no picture of a known format"),
    "removed": (lambda path: path.unlink(), "No such file"),
    "a folder": (lambda path: (path.unlink(), path.mkdir()), "Is a directory"),
    "huge": (lambda path: path.write_bytes(pictures.huge_png()), "MAX_IMAGE_PIXELS"),
    "huge JPEG": (lambda path: path.write_bytes(pictures.huge_jpeg()), "MAX_IMAGE_PIXELS"),
}


def damage(path, fault):
    """Breaks the file; returns what must be told and what repairs it."""
    data = path.read_bytes()
    FAULTS[fault][0](path)

    def repair():
        if path.is_dir():
            path.rmdir()
        path.write_bytes(data)

    return FAULTS[fault][1], repair


def batches_of(loader):
    return [[np.array(part) for part in batch] for batch in loader]


def assert_same(ours, theirs):
    for left, right in zip(ours, theirs, strict=True):
        for one, other in zip(left, right, strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_first_file_that_cannot_be_read_is_told_at_construction(folder, fault):
    path = folder / "a" / "00.png"
    paths = sorted(folder.rglob("*.png"))
    reason, _ = damage(path, fault)
    with pytest.raises(SampleError, match=reason) as caught:
        ImageLoader(paths)
    assert (caught.value.index, caught.value.path, caught.value.stage) == (0, str(path), "source")


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_file_that_cannot_be_read_is_told_and_repaired_the_batches_are_the_same(folder, fault, workers):
    loader = of_folder(folder, shuffle=False, workers=workers)
    expected = batches_of(loader)
    path = folder / "b" / "07.png"
    reason, repair = damage(path, fault)
    loader.close()  # forgets what was made ahead of the damage
    for _ in range(2):
        with pytest.raises(SampleError, match=reason) as caught:
            loader[1]
        assert (caught.value.index, caught.value.path, caught.value.stage) == (BAD, str(path), "source")
        assert "sample 7" in str(caught.value)
        assert str(path) in str(caught.value)
        assert isinstance(caught.value.__cause__, ValueError | OSError)
        assert_same([loader[0], loader[2]], expected[::2])
    repair()
    loader.close()
    assert_same([loader[index] for index in range(3)], expected)
    loader.reset()
    assert_same(batches_of(loader), expected)


def test_an_error_that_was_met_while_working_ahead_is_not_told_after_the_repair(folder):
    broken, met = threading.Event(), threading.Event()

    def fail_while_broken(sample, rng):
        if broken.is_set() and round(float(sample[0].mean())) == 10 * BAD:
            met.set()
            raise RuntimeError("no luck")
        return sample

    loader = of_folder(folder, shuffle=False, workers=2, transform=fail_while_broken)
    expected = batches_of(loader)
    loader.close()
    broken.set()
    iterator = iter(loader)
    next(iterator)  # begins to make batch 1, of the bad sample, ahead
    assert met.wait(60)
    broken.clear()
    loader.reset()
    assert_same(batches_of(loader), expected)


@pytest.mark.parametrize("workers", [0, 1, 4])
def test_of_several_broken_files_the_first_of_the_batch_is_told(folder, workers):
    loader = of_folder(folder, shuffle=False, workers=workers, batch_size=COUNT)
    for name in ("b/05.png", "b/06.png", "c/11.png"):
        (folder / name).write_bytes(b"")
    for _ in range(5):
        with pytest.raises(SampleError) as caught:
            loader[0]
        assert caught.value.index == 5


def test_the_first_error_of_a_batch_is_told_also_where_a_later_one_came_before_it(folder):
    later = threading.Event()

    def fail(sample, rng):
        number = round(float(sample[0].mean()) / 10)
        if number == 5:
            assert later.wait(60)
        if number in (5, 6):
            later.set()
            raise RuntimeError(f"number {number}")
        return sample

    loader = of_folder(folder, shuffle=False, workers=2, batch_size=COUNT, transform=fail)
    with pytest.raises(SampleError, match="number 5") as caught:
        loader[0]
    assert caught.value.index == 5


@pytest.mark.parametrize("workers", [0, 2])
def test_a_shuffled_pass_goes_on_after_the_file_is_repaired(folder, workers):
    options = {"seed": 3, "workers": workers, "batch_size": 2}
    expected = batches_of(of_folder(folder, **options))
    loader = of_folder(folder, **options)
    _, repair = damage(folder / "b" / "07.png", "text")
    loader.close()
    with pytest.raises(SampleError, match=r"07\.png"):
        list(loader)
    repair()
    loader.reset()
    assert_same(batches_of(loader), expected)


def test_a_file_without_read_permission_is_told(folder, monkeypatch):
    for each in (folder.parent, folder):
        each.chmod(0o755)
    monkeypatch.chdir(folder.parent)
    loader = of_folder("data", shuffle=False, workers=0)
    path = pathlib.Path("data/b/07.png")
    path.chmod(0)
    with pictures.as_a_user(), pytest.raises(SampleError, match=r"07\.png.*Permission denied"):
        loader[1]
    path.chmod(0o644)
    assert loader[1][0].shape == (4, 6, 8, 3)


@pytest.mark.parametrize(
    "name", ["größe Ω 漢字 😀.png", "a" * 251 + ".png", "new\nline.png", "%s{0}.png", "gr\udcfc\udcdf.png"]
)
@pytest.mark.parametrize("stage", ["evaluate", "predict", "read"])
def test_names_of_every_kind_are_loaded_and_told(tmp_path, name, stage):
    pictures.write(tmp_path / "a" / "0.png", 10)
    path = tmp_path / "b" / name
    pictures.write(path, 20)
    loader = of_folder(tmp_path, shuffle=False, batch_size=1)
    assert loader.file_paths[1] == str(path)
    assert [float(images.mean()) for images, _ in loader] == [10, 20]
    path.write_bytes(b"")
    loader.close()
    told = repr(name)[1:-1]
    use = {"evaluate": run_evaluate, "predict": run_predict, "read": lambda loader: loader[1]}[stage]
    error = error_of(use, loader)
    assert told in error
    assert "the file is empty" in error


# Through a model


def built():
    """A model. On JAX Keras leaves a model without its variables after an error, so each run has its own."""
    layers = [
        keras.Input((6, 8, 3)),
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dense(1, "relu", False, "ones"),
    ]
    model = keras.Sequential(layers)
    model.compile(optimizer=keras.optimizers.SGD(0.0), loss="mse")
    return model


def run_evaluate(loader):
    return built().evaluate(loader, verbose=0)


def run_predict(loader):
    return built().predict(loader, verbose=0)


def run_fit(loader):
    return built().fit(loader, epochs=2, verbose=0).history["loss"]


def run_fit_validated(loader):
    images = np.zeros((4, 6, 8, 3), np.float32), np.zeros(4, np.int32)
    return built().fit(*images, batch_size=4, validation_data=loader, verbose=0).history["val_loss"]


def error_of(use, loader):
    """What the user reads; TensorFlow wraps the error of a thread of its own into one of its classes."""
    with pytest.raises(Exception) as caught:
        use(loader)
    if keras.backend.backend() != "tensorflow":
        assert isinstance(caught.value, SampleError)
    return str(caught.value)


@pytest.mark.parametrize("use", [run_evaluate, run_predict, run_fit, run_fit_validated])
@pytest.mark.parametrize("fault", FAULTS)
def test_through_a_model_file_and_reason_are_told_and_the_loader_works_again(folder, use, fault):
    shuffle = use is run_fit
    loader = of_folder(folder, shuffle=shuffle, seed=6)
    expected = batches_of(loader)
    loader.set_epoch(0)
    result = use(loader)
    loader.set_epoch(0)
    path = folder / "b" / "07.png"
    reason, repair = damage(path, fault)
    loader.close()  # forgets what was made ahead of the damage
    error = error_of(use, loader)
    assert str(path) in error
    assert reason in error
    repair()
    loader.close()
    loader.set_epoch(0)
    np.testing.assert_allclose(use(loader), result, rtol=1e-5)
    loader.set_epoch(0)
    assert_same(batches_of(loader), expected)


@pytest.mark.parametrize("use", [run_evaluate, run_predict, run_fit])
def test_through_a_model_an_error_of_an_augmentation_is_told(folder, use):
    def fail(sample, rng):
        mean = (sample[0] if isinstance(sample, tuple) else sample).mean()
        if round(float(mean)) == 10 * BAD:
            raise RuntimeError("no luck")
        return sample

    loader = of_folder(folder, shuffle=use is run_fit, seed=6, augment=fail)
    error = error_of(use, loader)
    assert os.fspath(folder / "b" / "07.png") in error
    assert "RuntimeError: no luck" in error
    assert "'transform'" in error
