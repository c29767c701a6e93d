"""On a folder: the classes, files, labels and split of `keras.utils.image_dataset_from_directory`.

It needs tf.data; what it finds and how it splits it comes from two functions below it that need nothing.
`test_tensorflow_pixels.py` compares with the function itself.
"""

import os
import pathlib

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras.src.utils import dataset_utils

import pictures
from amalthea import ImageLoader
from amalthea.sources.files import SUFFIXES

KERAS_SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png")
FILES = [
    "cats/10.png", "cats/9.png", "cats/A.JPG", "cats/a.jpeg", "cats/deep/er/x.gif", "cats/deep/b.BMP",
    "cats/deep-er/c.png", "cats/.hidden.png", "cats/.hidden/d.png", "Dogs/1.png", "Dogs/2.PNG", "Dogs/deep/1.png",
    "emus/1.png", ".git/1.png", "top.png",
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("parity")
    pictures.write_all(root / "pets", FILES)
    for name in ("cats/notes.txt", "cats/png", "Dogs/a.jpg.part", "cats/array.npy"):
        (root / "pets" / name).touch()
    (root / "pets" / "nothing").mkdir()
    pictures.write_all(root / "elsewhere", ["1.png", "2.png"])
    (root / "pets" / "Dogs" / "link").symlink_to(root / "elsewhere")
    (root / "pets" / "zebras").symlink_to(root / "elsewhere")
    return root / "pets"


def by_keras(folder, labels="inferred", split=None, subset=None, **options):
    """Paths, labels and class names as `keras.utils.image_dataset_from_directory` comes by them."""
    labels = list(labels) if isinstance(labels, list) else labels  # Keras shuffles the list that it is given
    paths, labels, class_names = dataset_utils.index_directory(
        str(folder), labels, KERAS_SUFFIXES, **{"verbose": False, **options}
    )
    paths, labels = dataset_utils.get_training_or_validation_split(paths, labels, split, subset)
    return paths, None if labels is None else list(labels), class_names


def by_amalthea(folder, **options):
    """Paths, labels and class names; the labels as a pass over the loader gives them, put into the files' order."""
    loader = ImageLoader.from_directory(folder, image_size=(6, 8), batch_size=4, verbose=False, workers=0, **options)
    return loader.file_paths, labels_of(loader), loader.class_names


def labels_of(loader):
    samples = [loader._stream._recipe._rows.sample(0, index) for index in range(loader.num_samples)]
    return [sample[1] for sample in samples] if isinstance(samples[0], tuple) else None


def assert_same(ours, theirs):
    assert [os.fspath(path) for path in ours[0]] == list(theirs[0])
    assert ours[2] == theirs[2]
    assert (ours[1] is None) == (theirs[1] is None)
    if ours[1] is not None:
        assert [int(label) for label in ours[1]] == [int(label) for label in theirs[1]]


@pytest.mark.parametrize("seed", [0, 1, 1337, 2**32 - 1])
@pytest.mark.parametrize("follow_links", [False, True])
@pytest.mark.parametrize("class_names", [None, ["cats", "Dogs"], ["zebras", "emus", "cats"]])
def test_shuffled_files_and_labels_are_those_of_keras(folder, seed, follow_links, class_names):
    options = {"seed": seed, "shuffle": True, "follow_links": follow_links, "class_names": class_names}
    assert_same(by_amalthea(folder, **options), by_keras(folder, **options))


@pytest.mark.parametrize("follow_links", [False, True])
@pytest.mark.parametrize("class_names", [None, ["cats", "Dogs"], ["zebras", "emus", "cats"], ["nothing", "emus"]])
def test_unshuffled_files_and_labels_are_those_of_keras(folder, follow_links, class_names):
    options = {"shuffle": False, "follow_links": follow_links, "class_names": class_names}
    ours, theirs = by_amalthea(folder, **options), by_keras(folder, **options)
    assert_same(ours, theirs)
    assert len(ours[0]) > 0


def test_the_classes_are_the_folders_that_are_not_hidden(folder):
    """Said without Keras: also the empty one, and the one that is a link."""
    loader = ImageLoader.from_directory(folder, image_size=8, verbose=False, shuffle=False)
    assert loader.class_names == ["Dogs", "cats", "emus", "nothing", "zebras"]
    found = [os.path.relpath(path, folder) for path in loader.file_paths]
    assert found == [
        "Dogs/1.png", "Dogs/2.PNG", "Dogs/deep/1.png", "cats/.hidden.png", "cats/10.png", "cats/9.png", "cats/A.JPG",
        "cats/a.jpeg", "cats/.hidden/d.png", "cats/deep/b.BMP", "cats/deep-er/c.png", "cats/deep/er/x.gif",
        "emus/1.png", "zebras/1.png", "zebras/2.png",
    ]  # fmt: skip


def test_every_suffix_of_keras_is_known():
    assert set(KERAS_SUFFIXES) <= set(SUFFIXES)
    assert set(keras.src.utils.image_dataset_utils.ALLOWLIST_FORMATS) == set(KERAS_SUFFIXES)


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("labels", ["inferred", None, "list"])
@pytest.mark.parametrize("split", [0.2, 0.5, 0.34])
def test_training_and_validation_files_are_those_of_keras(folder, split, labels, shuffle):
    if labels == "list":
        count = len(by_keras(folder, None, shuffle=False)[0])
        labels = [number % 3 for number in range(count)]
    options = {"shuffle": shuffle, "seed": 7}
    theirs = [by_keras(folder, labels, split, subset, **options) for subset in ("training", "validation")]
    both = ImageLoader.from_directory(
        folder, labels, image_size=8, validation_split=split, subset="both", verbose=False, workers=0, **options
    )
    for loader, expected, subset in zip(both, theirs, ("training", "validation"), strict=True):
        assert_same((loader.file_paths, labels_of(loader), loader.class_names), expected)
        single = by_amalthea(folder, labels=labels, validation_split=split, subset=subset, **options)
        assert_same(single, expected)


@pytest.mark.parametrize("form", [list, tuple, np.array])
@pytest.mark.parametrize("shuffle", [True, False])
def test_labels_from_a_list_go_with_the_sorted_files(folder, form, shuffle):
    count = len(by_keras(folder, None, shuffle=False)[0])
    labels = [5 * (number % 4) for number in range(count)]
    ours = by_amalthea(folder, labels=form(labels), shuffle=shuffle, seed=3)
    assert_same(ours, by_keras(folder, labels, shuffle=shuffle, seed=3))
    assert ours[2] == ["0", "5", "10", "15"]


def test_without_labels_all_files_are_found(folder):
    ours = by_amalthea(folder, labels=None, shuffle=False)
    assert_same(ours, by_keras(folder, None, shuffle=False))
    assert os.fspath(folder / "top.png") in ours[0]
    assert os.fspath(folder / ".git" / "1.png") in ours[0]


names = st.text("aB1.-_ é", min_size=1, max_size=3).filter(lambda name: name.strip(".") and not name.startswith("."))


@settings(max_examples=25)
@given(
    tree=st.sets(
        st.tuples(names, names, st.sampled_from(["", ".png", ".PNG", ".bmp", ".txt"])), min_size=1, max_size=9
    ),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_tree_is_listed_as_keras_lists_it(tmp_path_factory, tree, seed):
    root = tmp_path_factory.mktemp("tree")
    pictures.write(root / "sure" / "1.png")
    for folder, name, suffix in tree:
        path = root / folder / (name if suffix else f"{name}d") / f"{name}{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        pictures.write(path) if suffix not in ("", ".txt") else path.touch()
    for options in ({"shuffle": True, "seed": seed}, {"shuffle": False}):
        assert_same(by_amalthea(root, **options), by_keras(root, **options))


@pytest.mark.parametrize(
    ("label_mode", "class_names", "dtype", "expected"),
    [
        ("int", ["cats", "Dogs", "emus"], np.int32, lambda numbers: numbers),
        ("binary", ["cats", "Dogs"], np.float32, lambda numbers: numbers[:, None]),
        ("categorical", ["cats", "Dogs", "emus"], np.float32, lambda numbers: np.eye(3)[numbers]),
    ],
)
def test_labels_have_the_form_of_each_mode(folder, label_mode, class_names, dtype, expected):
    options = {"class_names": class_names, "shuffle": False}
    numbers = np.array(by_keras(folder, **options)[1])
    loader = ImageLoader.from_directory(folder, image_size=8, label_mode=label_mode, verbose=False, **options)
    ((_, labels),) = list(loader)
    assert labels.dtype == dtype
    np.testing.assert_array_equal(labels, expected(numbers))


@pytest.mark.parametrize("options", [{"label_mode": None}, {"labels": None}])
def test_without_labels_a_batch_is_the_images_alone(folder, options):
    (images,) = list(ImageLoader.from_directory(folder, image_size=8, verbose=False, **options))
    assert images.shape[1:] == (8, 8, 3)


def test_each_label_stands_beside_its_picture(folder):
    """Shuffled, over several batches and epochs, with workers."""
    loader = ImageLoader.from_directory(folder, image_size=(6, 8), batch_size=4, seed=5, verbose=False)
    of_value = {}
    for path in loader.file_paths:
        image = keras.utils.img_to_array(keras.utils.load_img(path), data_format="channels_last")
        name = pathlib.Path(path).relative_to(folder).parts[0]
        of_value.setdefault(round(float(image.mean())), set()).add(name)
    for _ in range(2):
        seen = 0
        for images, labels in loader:
            for image, label in zip(images, labels, strict=True):
                assert loader.class_names[label] in of_value[round(float(image.mean()))]
                seen += 1
        assert seen == len(loader.file_paths)
