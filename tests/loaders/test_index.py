"""The files of a folder, found and split: in Keras' order, in little memory, while a bar tells how many."""

import contextlib
import os
import re
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras.src.utils import dataset_utils

import pictures
from amalthea import ImageLoader
from amalthea._shared import file_of
from amalthea.loaders.listing import of_folder, of_lists
from amalthea.sources import ImageFiles
from amalthea.splits import Split
from amalthea.workers.parcel import pack
from terminals import terminal

SUFFIXES = (".png", ".jpg")

# What comes before and after "/" in the order of characters, letters of two to four bytes, and bytes that are no text.
PARTS = st.text("aB9 -./0é\uff21😀", min_size=1, max_size=4) | st.binary(min_size=1, max_size=3).map(os.fsdecode)
NAMES = PARTS.filter(lambda name: not set(name) & {"/", "\0"} and name.strip("."))


@settings(max_examples=60)
@given(
    tree=st.lists(st.tuples(NAMES, st.lists(NAMES, max_size=3), NAMES, st.sampled_from([".png", ".JPG", ".txt", ""]))),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_tree_is_found_labelled_and_shuffled_as_keras_does_it(tmp_path_factory, tree, seed):
    root = tmp_path_factory.mktemp("tree")
    for folder, deeper, name, suffix in [("sure", [], "1", ".png"), *tree]:
        with contextlib.suppress(FileExistsError, NotADirectoryError, IsADirectoryError):
            path = os.path.join(root, folder, *deeper)
            os.makedirs(path, exist_ok=True)
            open(os.path.join(path, name + suffix), "x").close()
    for labels, shuffle in (("inferred", True), ("inferred", False), (None, True)):
        listing = of_folder(str(root), labels, None, raw=False, follow_links=False, suffixes=SUFFIXES)
        found, _ = listing.parted(Split(None, None, shuffle=shuffle, seed=seed))
        paths, numbers, names = dataset_utils.index_directory(
            str(root), labels, SUFFIXES, shuffle=shuffle, seed=seed, verbose=False
        )
        assert (found.paths == list(paths), found.class_names) == (True, names)
        assert labels is None or found.labels.tolist() == list(numbers)


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """20,000 files in 20 folders."""
    root = tmp_path_factory.mktemp("many")
    for folder in range(20):
        (root / f"class_{folder}").mkdir()
        for number in range(1000):
            (root / f"class_{folder}" / f"picture_{number:06d}.jpg").touch()
    return str(root)


def found_in(folder, **options):
    listing = of_folder(folder, "inferred", None, raw=False, follow_links=False, **options)
    return listing.parted(Split(0.1, "both", seed=1))


def test_an_index_costs_its_bytes_and_sixteen_more_for_each_file_while_it_is_made_too(many):
    found_in(many)  # what is imported and compiled is not what is measured
    tracemalloc.start()
    try:
        training, validation = found_in(many)
        held, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (len(training.paths), len(validation.paths)) == (18_000, 2_000)
    files = {id(file): file.size for file in pack((training, validation)).files}
    size = sum(len(path) for part in (training, validation) for path in part.paths)
    assert sum(files.values()) < size + 16 * 20_000
    # Threads of other tests that are not quite at their end may take some of it; all paths as strings are 3 million.
    assert held < 500_000
    assert peak < 20_000 * 8 + 700_000 + 500_000  # labels, and a folder's paths as strings


def test_workers_get_the_name_of_the_index_and_nothing_of_it(many):
    training, _ = found_in(many)
    parcel = pack((ImageFiles(training.paths), training.labels))
    assert len(parcel.data) < 3_000
    for column in (training.labels, training.paths._bytes, training.paths._places):
        assert file_of(column)[0] in parcel.files
    assert len(parcel.files) == 3


def test_labels_are_small_integers(many):
    training, validation = found_in(many)
    assert (training.labels.dtype, validation.labels.dtype) == (np.int32, np.int32)
    assert np.bincount(np.concatenate([training.labels, validation.labels])).tolist() == [1000] * 20
    for path, label in zip(training.paths[:100], training.labels, strict=False):
        assert f"/{training.class_names[label]}/" in path


@pytest.mark.parametrize("shuffle", [True, False])
def test_parts_hold_what_the_indices_of_the_split_say_and_leave_what_was_given_as_it_was(shuffle):
    paths, weights = [f"{number}.png" for number in range(20)], np.linspace(0, 1, 20, dtype=np.float32)
    labels = {"numbers": np.arange(20, dtype=np.int32), "rows": np.arange(60).reshape(20, 3)}
    for name, given_labels in labels.items():
        before = given_labels.copy(), weights.copy()
        split = Split(0.25, "both", shuffle=shuffle, seed=3)
        listing = of_lists(paths, given_labels, None, weights, raw=name == "rows")
        for part, indices in zip(listing.parted(split), split.indices(20), strict=True):
            assert part.paths == [paths[index] for index in indices]
            np.testing.assert_array_equal(part.labels, given_labels[indices])
            np.testing.assert_array_equal(part.sample_weight, weights[indices])
        np.testing.assert_array_equal(given_labels, before[0])
        np.testing.assert_array_equal(weights, before[1])


@contextlib.contextmanager
def on_a_terminal(monkeypatch):
    """Gives what is called for all that was written to standard error, a terminal, since then."""
    monkeypatch.setenv("TERM", "xterm")
    with (
        terminal() as (theirs, written),
        open(theirs, "w", encoding="utf-8", closefd=False) as file,
        contextlib.redirect_stderr(file),
    ):
        yield written


@pytest.mark.parametrize("labels", ["inferred", None])
def test_a_bar_tells_how_many_files_have_been_found_where_that_is_wanted(tmp_path, monkeypatch, capsys, labels):
    pictures.write_all(tmp_path, ["a/1.png", "a/2.png", "b/deep/1.png"])
    for verbose in (True, False):
        with on_a_terminal(monkeypatch) as written:
            ImageLoader.from_directory(tmp_path, labels, image_size=8, verbose=verbose)
        shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", written[0])
        assert ("Finding files" in shown, "3/?" in shown) == (verbose, verbose)
    assert capsys.readouterr().out.startswith("Found 3 files")
