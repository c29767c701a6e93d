"""One suite for all sources and loaders of the library: nothing that `amalthea.testing` looks for is wrong with any of
them, and every sample comes once an epoch, the same one, by threads and by processes."""

import functools
import os

import h5py
import numpy as np
import PIL.Image
import pytest

import amalthea
import pictures
import sounds
from amalthea import sources, transforms
from amalthea.sources.masks import MaskFiles
from amalthea.testing import check_loader, check_source
from amalthea.testing.findings import difference

SIZE = 7
NAMES = [f"{number}.png" for number in range(SIZE)]
WORDS = ["one", "two three", "four five six", "", "a much longer text of nine words or so", "seven", "one two"]


class Folder:
    """Files of all kinds."""

    def __init__(self, root):
        self.root = root
        self.images = pictures.write_all(root / "images", NAMES)
        self.masks = [os.path.join(root, "masks", name) for name in NAMES]
        os.mkdir(root / "masks")
        for number, path in enumerate(self.masks):
            PIL.Image.fromarray(np.full((6, 8), number, np.uint8)).save(path)
        self.sounds = [sounds.write(root / f"{i}.wav", sounds.pcm(50 + 10 * i), 8000) for i in range(SIZE)]
        self.texts = [root / f"{number}.txt" for number in range(SIZE)]
        for path, text in zip(self.texts, WORDS, strict=True):
            path.write_text(text)
        self.hdf5 = root / "data.h5"
        with h5py.File(self.hdf5, "w") as file:
            file["x"] = numbers(SIZE, 3)


def numbers(*shape):
    return np.random.default_rng(0).random(shape, np.float32)


@functools.cache
def tokenizer():
    return amalthea.WordTokenizer().fit(WORDS)


SOURCES = {
    "list": lambda folder: [float(i) for i in range(SIZE)],
    "Arrays": lambda folder: sources.Arrays({"a": numbers(SIZE, 3), "b": numbers(SIZE)}, np.arange(SIZE)),
    "AudioFiles": lambda folder: sources.AudioFiles(folder.sounds, output_sequence_length=80),
    "AudioFiles of other lengths": lambda folder: sources.AudioFiles(folder.sounds, sampling_rate=4000),
    "Cached": lambda folder: sources.Cached(sources.ImageFiles(folder.images, (6, 8)), "memory"),
    "Cached in a folder": lambda folder: sources.Cached(
        sources.ImageFiles(folder.images, (6, 8)), folder.root / "cache"
    ),
    "CharacterCodes": lambda folder: sources.CharacterCodes(WORDS, 3),
    "CharacterCodes of files": lambda folder: sources.CharacterCodes.of_files(folder.texts, 3, 12),
    "Concatenated": lambda folder: sources.Concatenated([numbers(3, 2), sources.Arrays(numbers(4, 2))]),
    "HDF5": lambda folder: sources.HDF5(folder.hdf5, "x"),
    "ImageFiles": lambda folder: sources.ImageFiles(folder.images, (6, 8)),
    "Labelled": lambda folder: sources.Labelled(sources.ImageFiles(folder.images, (6, 8)), np.arange(SIZE)),
    "Mapped": lambda folder: sources.Mapped(numbers(SIZE, 3), np.negative),
    "Masks": lambda folder: MaskFiles(folder.masks, (6, 8)),
    "Noise": lambda folder: sources.Noise(SIZE, 4),
    "Subset": lambda folder: sources.Subset(sources.AudioFiles([*folder.sounds, folder.sounds[0]]), range(SIZE)),
    "TextFiles": lambda folder: sources.TextFiles(folder.texts, tokenizer(), 6),
    "Texts": lambda folder: sources.Texts(WORDS, tokenizer(), 6),
    "Texts of other lengths": lambda folder: sources.Texts(WORDS, tokenizer(), 6, fixed_length=False),
    "Windows": lambda folder: sources.Windows(numbers(SIZE + 2, 2), np.arange(SIZE), 3),
    "Zipped": lambda folder: sources.Zipped(
        {
            "image": sources.ImageFiles(folder.images, (6, 8)),
            "text": sources.CharacterCodes.of_files(folder.texts, 3, 12),
            "noise": sources.Noise(SIZE, 4),
        },
        np.arange(SIZE),
    ),
}

LOADERS = {
    "ArrayLoader": lambda folder, **options: amalthea.ArrayLoader(numbers(SIZE, 3), np.arange(SIZE), **options),
    "AudioLoader": lambda folder, **options: amalthea.AudioLoader(folder.sounds, [0, 1, 0, 1, 0, 1, 0], **options),
    "ImageLoader": lambda folder, **options: amalthea.ImageLoader(
        folder.images, list(range(SIZE)), image_size=8, augment=transforms.RandomRotation(0.2), **options
    ),
    "ImageLoader of masks": lambda folder, **options: amalthea.ImageLoader(
        folder.images, sources.Masks(folder.masks), image_size=8, augment=transforms.RandomFlip(), **options
    ),
    "MultiInputLoader": lambda folder, **options: amalthea.MultiInputLoader(
        (sources.Noise(SIZE, 2), numbers(SIZE)), {"one": np.arange(SIZE)}, {"one": numbers(SIZE)}, **options
    ),
    "TextLoader": lambda folder, **options: amalthea.TextLoader(
        WORDS, [0, 1, 0, 1, 0, 1, 0], max_length=6, bucket_by_length=True, **options
    ),
    "TimeSeriesLoader": lambda folder, **options: amalthea.TimeSeriesLoader(
        numbers(SIZE + 2, 2), np.arange(SIZE), 3, shuffle=True, **options
    ),
}

PROCESSES = {"workers": 2, "use_multiprocessing": True}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return Folder(tmp_path_factory.mktemp("all"))


def test_no_source_and_no_loader_is_left_out():
    """What is public is in the lists above; `Contents` gives texts, and `BackupLoader` is a callback."""
    classes = {name for name in sources.__all__ if isinstance(getattr(sources, name), type)}
    assert classes - {"Contents"} <= SOURCES.keys()
    loaders = {name for name in amalthea.__all__ if name.endswith("Loader")}
    assert loaders - {"Loader", "SequenceLoader", "BackupLoader"} <= LOADERS.keys()


@pytest.mark.parametrize("name", SOURCES)
def test_nothing_is_wrong_with_a_source(folder, name):
    check_source(SOURCES[name](folder), processes=False)


def two_epochs(source, **options):
    """Two epochs of batches of the source, with the index of each sample for its target."""
    loader = amalthea.Loader(sources.Labelled(source, np.arange(SIZE)), batch_size=3, seed=5, **options)
    with loader:
        return [list(loader), list(loader)]


@pytest.mark.parametrize("name", SOURCES)
def test_each_sample_comes_once_an_epoch_and_is_the_same_by_threads(folder, name):
    expected = two_epochs(SOURCES[name](folder), workers=0)
    for epoch in expected:
        assert sorted(np.concatenate([indices for _, indices in epoch])) == list(range(SIZE))
    assert difference(expected, two_epochs(SOURCES[name](folder), workers=3)) is None


@pytest.fixture
def processes():
    """Two worker processes, which all loaders in a test share."""
    with amalthea.Loader([0.0], **PROCESSES) as loader:
        loader.peek()
        yield


@pytest.mark.usefixtures("processes")
def test_each_sample_is_the_same_by_processes(folder):
    for name, make in SOURCES.items():
        expected = two_epochs(make(folder), workers=0)
        assert difference(expected, two_epochs(make(folder), **PROCESSES)) is None, name


@pytest.mark.usefixtures("processes")
def test_nothing_is_wrong_with_a_loader(folder):
    for make in LOADERS.values():
        check_loader(make(folder, batch_size=3, seed=5))
