"""In place of `flow_from_directory`: files, classes, splits, pixels, labels and names are those of the legacy class."""

import functools
import os
import warnings

import numpy as np
import pandas as pd
import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras.src.legacy.preprocessing.image import ImageDataGenerator

import pictures
from amalthea import ImageLoader, splits
from amalthea.errors import ConfigurationError
from amalthea.sources.paths import RelativePaths

SUFFIXES = ["", ".txt", ".png", ".PNG", ".jpg", ".JPeG", ".bmp", ".ppm", ".tif", ".TIFF"]
KINDS = {".jpg": "JPEG", ".jpeg": "JPEG", ".bmp": "BMP", ".ppm": "PPM", ".tif": "TIFF", ".tiff": "TIFF"}
COMMON = {"image_size": (6, 8), "verbose": False, "workers": 0, "batch_size": 64}


@functools.cache
def content(suffix):
    return pictures.encoded(PIL.Image.new("RGB", (8, 6)), KINDS.get(suffix, "PNG"))


def legacy(folder, validation_split=0.0, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of each .tiff
        generator = ImageDataGenerator(validation_split=validation_split)
        options = {"target_size": (6, 8), "batch_size": 64, "shuffle": False, **options}
        return generator.flow_from_directory(str(folder), **options)


def assert_same_names(ours, theirs):
    assert list(ours.filenames) == theirs.filenames
    assert [os.path.normpath(path) for path in ours.filepaths] == [os.path.normpath(path) for path in theirs.filepaths]
    assert ours.classes.tolist() == ours.labels.tolist() == theirs.classes.tolist()
    assert ours.classes.dtype == theirs.classes.dtype
    assert ours.class_indices == theirs.class_indices
    assert (ours.samples, ours.n, ours.num_classes) == (theirs.samples, theirs.n, theirs.num_classes)
    assert (ours.batch_size, len(ours), ours.directory) == (theirs.batch_size, len(theirs), theirs.directory)


classes = st.sampled_from(["ad", "B-d", "_ éd", "b.d"])
folders = st.text("aB1-_ é", min_size=1, max_size=2).map(lambda name: f"{name}d")
files = st.tuples(st.text("aB1.-_ é", max_size=3), st.sampled_from(SUFFIXES)).map("".join)
paths = st.tuples(classes, st.lists(folders, max_size=2), files.filter(lambda name: name.strip(".")))


@settings(max_examples=30)
@given(
    tree=st.lists(paths, min_size=1, max_size=40),
    linked=st.lists(st.tuples(classes, st.booleans()), max_size=2),
    options=st.fixed_dictionaries({"follow_links": st.booleans(), "shuffle": st.booleans()}),
    share=st.floats(0.1, 0.9),
)
def test_any_tree_is_listed_and_split_as_there(tmp_path_factory, tree, linked, options, share):
    root = tmp_path_factory.mktemp("tree") / "pets"
    elsewhere = root.parent / "elsewhere"
    for path in [("sured", (), "1.png"), *tree]:
        place = root.joinpath(path[0], *path[1], path[2])
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content(place.suffix.lower()))
    elsewhere.mkdir()
    (elsewhere / "x.png").write_bytes(content(".png"))
    for name, inside in linked:
        link = root / "sured" / name if inside else root / name
        if not link.exists():
            link.symlink_to(elsewhere, target_is_directory=True)
    ours = ImageLoader.from_directory(root, **COMMON, **options)
    if not options["shuffle"]:
        assert_same_names(ours, legacy(root, **options))
    parts = [legacy(root, share, subset=subset, **options) for subset in ("training", "validation")]
    split = {"validation_split": share, "split_from": "front"}
    if not all(part.samples for part in parts):
        with pytest.raises(ConfigurationError, match="leaves one side empty"):
            ImageLoader.from_directory(root, subset="both", **split, **COMMON, **options)
        return
    both = ImageLoader.from_directory(root, subset="both", **split, **COMMON, **options)
    for mine, part, subset in zip(both, parts, ("training", "validation"), strict=True):
        assert_same_names(mine, part)
        single = ImageLoader.from_directory(root, subset=subset, seed=3, **split, **COMMON, **options)
        assert single.filenames == part.filenames


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Eleven pictures, of other sizes than what is asked for, in two classes."""
    root = tmp_path_factory.mktemp("images")
    for number in range(11):
        path = root / ["cat", "dog"][number % 3 // 2] / "deep" / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        pictures.noise_picture(9 + number, 21 - number, seed=number).save(path)
    return root


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("interpolation", ["nearest", "bilinear", "bicubic", "lanczos", "box", "hamming"])
def test_pixels_are_those_there(folder, interpolation, keep):
    ((theirs, _),) = [legacy(folder, interpolation=interpolation, keep_aspect_ratio=keep)[0]]
    loader = ImageLoader.from_directory(
        folder, interpolation=interpolation, decoder="pillow", crop_to_aspect_ratio=keep, shuffle=False, **COMMON
    )
    ((ours, _),) = list(loader)
    np.testing.assert_array_equal(ours, theirs)
    assert ours.dtype == theirs.dtype


@pytest.mark.parametrize("subset", [None, "training", "validation"])
@pytest.mark.parametrize("class_mode", ["categorical", "binary", "sparse", "input", None])
def test_labels_are_those_there(folder, class_mode, subset):
    theirs = legacy(folder, 0.4, class_mode=class_mode, subset=subset, color_mode="grayscale")[0]
    split = {} if subset is None else {"validation_split": 0.4, "subset": subset, "split_from": "front"}
    label_mode = {"sparse": "int"}.get(class_mode, class_mode)
    (ours,) = ImageLoader.from_directory(
        folder, label_mode=label_mode, color_mode="grayscale", interpolation="nearest", shuffle=False, **split, **COMMON
    )
    if class_mode is None:
        assert ours.shape == theirs.shape
        return
    shape = {"binary": (-1, 1), "sparse": (-1,)}.get(class_mode, theirs[1].shape)
    if class_mode != "input":  # whose pixels are compared above
        np.testing.assert_array_equal(ours[1], theirs[1].reshape(shape))
    else:
        np.testing.assert_array_equal(ours[1], ours[0])
    assert ours[1].dtype == (np.int32 if class_mode == "sparse" else theirs[1].dtype)


def test_a_hidden_folder_is_a_class_there_and_none_here(tmp_path):
    pictures.write_all(tmp_path, [".ipynb_checkpoints/1.png", "cat/1.png"])
    assert legacy(tmp_path).class_indices == {".ipynb_checkpoints": 0, "cat": 1}
    assert ImageLoader.from_directory(tmp_path, **COMMON).class_indices == {"cat": 0}


def test_formats_that_are_not_read_there_are_read_here(tmp_path):
    pictures.write_all(tmp_path, ["cat/1.gif", "cat/1.png"])
    assert legacy(tmp_path).filenames == ["cat/1.png"]
    loader = ImageLoader.from_directory(tmp_path, shuffle=False, **COMMON)
    assert list(loader.filenames) == ["cat/1.gif", "cat/1.png"]


@pytest.mark.parametrize("cache", [None, "memory"])
@pytest.mark.parametrize("labels", [None, "list"])
def test_from_the_front_of_all_files_where_there_are_no_folders_of_classes(folder, labels, cache):
    paths = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.png"))
    labels = list(range(11)) if labels else None
    split = {"validation_split": 0.3, "subset": "both", "split_from": "front"}
    training, validation = ImageLoader.from_directory(folder, labels, cache=cache, **split, **COMMON)
    assert list(training.filenames) == paths[3:]
    assert list(validation.filenames) == paths[:3]
    if labels:
        assert training.labels.tolist() == labels[3:]
        assert validation[0][1].tolist() == labels[:3]


def test_from_the_front_the_classes_of_a_cache_keep_their_files(folder):
    split = {"validation_split": 0.4, "subset": "both", "split_from": "front", "shuffle": False, "seed": 0}
    plain = ImageLoader.from_directory(folder, **split, **COMMON)
    cached = ImageLoader.from_directory(folder, cache="memory", **split, **COMMON)
    for ours, wanted in zip(cached, plain, strict=True):
        assert ours.filenames == list(wanted.filenames)
        for mine, other in zip(ours[0], wanted[0], strict=True):
            np.testing.assert_array_equal(mine, other)


def test_from_the_front_a_sampling_weight_stays_with_its_file(folder):
    weights = np.zeros(11)
    weights[[3, 10]] = 1  # the fourth cat and the last dog
    training = ImageLoader.from_directory(
        folder, validation_split=0.3, subset="training", split_from="front", sampling_weights=weights, **COMMON
    )
    assert set(training.labels[np.flatnonzero(training._options["sampling_weights"])]) == {0, 1}
    assert set(training[0][1].tolist()) <= {0, 1}
    assert training.num_samples == 11 - int(0.3 * 8) - int(0.3 * 3)


def test_parts_have_the_names_of_their_files(folder):
    loader = ImageLoader.from_directory(folder, shuffle=False, **COMMON)
    first, second = splits.split(loader, (0.5, 0.5), shuffle=False)
    assert [*first.filenames, *second.filenames] == list(loader.filenames)
    assert [*first.classes, *second.classes] == loader.classes.tolist()
    assert second.class_indices == loader.class_indices
    assert second.directory == loader.directory == str(folder)


def test_names_of_files_go_into_a_table_and_an_array(folder):
    loader = ImageLoader.from_directory(folder, shuffle=False, **COMMON)
    names = list(loader.filenames)
    assert pd.DataFrame({"file": loader.filenames})["file"].tolist() == names
    assert np.array(loader.filenames).tolist() == names
    assert loader.filenames[-1] == names[-1]
    assert loader.filenames[2:4] == names[2:4]
    assert loader.filenames != names[1:]
    assert names[0] in loader.filenames


@pytest.mark.parametrize("root", ["pets", "pets/", ""])
def test_names_are_relative_to_their_folder_and_others_stay(root):
    names = RelativePaths([os.path.join(root, "cat", "1.png"), "/elsewhere/2.png"], root)
    assert list(names) == [os.path.join("cat", "1.png"), "/elsewhere/2.png"]


@pytest.mark.parametrize("labels", [[0, 5, 0, 5], [1, 2, 1, 2], [-1, 0, -1, 0]])
def test_classes_that_are_numbers_of_their_own_keep_them_in_a_part(folder, labels):
    paths = sorted(map(str, folder.rglob("*.png")))[:4]
    wanted = {str(number): number for number in sorted(set(labels))}
    options = {"image_size": 8, "workers": 0, "verbose": False}
    loader = ImageLoader(paths, labels, image_size=8, workers=0)
    assert loader.class_indices == wanted
    assert loader.part([0, 2]).class_indices == wanted
    table = {"filename": paths, "class": labels}
    for part in ImageLoader.from_dataframe(table, validation_split=0.25, subset="both", split_from="front", **options):
        assert part.class_indices == wanted


def test_folders_that_are_called_by_numbers_are_numbered_from_0_in_a_part_too(tmp_path):
    pictures.write_all(tmp_path, ["1/a.png", "2/a.png"])
    loader = ImageLoader.from_directory(tmp_path, **COMMON)
    assert loader.class_indices == loader.part([1]).class_indices == {"1": 0, "2": 1}


def test_lists_of_paths_have_the_names_too(folder):
    paths = sorted(map(str, folder.rglob("*.png")))[:3]
    loader = ImageLoader(paths, [2, 5, 5], image_size=8, workers=0)
    assert list(loader.filenames) == list(loader.filepaths) == paths
    assert loader.class_indices == {"2": 2, "5": 5}
    assert loader.classes.tolist() == [2, 5, 5]
    raw = ImageLoader(paths, [0.5, 1, 2], label_mode="raw", image_size=8, workers=0)
    assert raw.classes is None and raw.class_indices == {} and raw.num_classes == 0
    assert raw.labels.tolist() == [0.5, 1, 2]


def test_reset_in_the_middle_of_an_epoch_begins_it_anew(folder):
    loader = ImageLoader.from_directory(folder, **{**COMMON, "batch_size": 4}, seed=1)
    wanted = [labels.tolist() for _, labels in loader]
    loader.set_epoch(0)
    loader.on_epoch_begin()
    assert loader[0][1].tolist() == wanted[0]
    loader.reset()
    assert [labels.tolist() for _, labels in loader] == wanted


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"split_from": "start"}, "`split_from` is 'start'; it must be one of 'back', 'front'"),
        ({"split_from": "front"}, "`split_from` is 'front' without a `validation_split`"),
        ({"split_from": "front", "validation_split": 0.1, "subset": "both"}, "leaves one side empty"),
        ({"label_mode": "multi_output"}, r"`label_mode` is 'multi_output'.*y_col=\["),
        ({"label_mode": "inputs"}, "`label_mode` is 'inputs'; it must be one of"),
    ],
)
def test_what_cannot_be_used_is_named(folder, options, message):
    with pytest.raises(ConfigurationError, match=message):
        ImageLoader.from_directory(folder, **options, **COMMON)
