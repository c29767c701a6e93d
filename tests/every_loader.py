"""Every loader, with every option that decides its batches, made anew by its name, in this program and in another one:

    python every_loader.py < {"folder": ..., "states": {loader: {workers: [state, ...]}}}

which loads each state into a new loader and prints what follows, {loader: {workers: [loops, ...]}}."""

import hashlib
import json
import sys
import warnings
from pathlib import Path

import cloudpickle
import h5py
import keras
import numpy as np

import amalthea
import pictures
import sounds
from amalthea import sources, transforms

if __name__ != "__main__":  # as if it were a script: a worker process that imported this module would import Keras
    cloudpickle.register_pickle_by_value(sys.modules[__name__])

SIZE, EPOCHS = 7, 3
NAMES = [f"{'odd' if number % 2 else 'even'}/{number}.png" for number in range(SIZE)]
WORDS = ["one", "two three", "four five six", "", "a much longer text of nine words or so", "seven", "one two"]
CLASSES = [0, 1, 0, 1, 0, 0, 0]

WORKERS = {
    "none": {"workers": 0},
    "threads": {"workers": 2},
    "processes": {"workers": 2, "use_multiprocessing": True},
}


def write_files(root):
    """Writes what the loaders of files read."""
    for number, name in enumerate(NAMES):
        (root / "images" / name).parent.mkdir(parents=True, exist_ok=True)
        pictures.noise_picture(6, 8, seed=number).save(root / "images" / name)
    for number in range(SIZE):
        sounds.write(root / "sounds" / f"{number}.wav", sounds.pcm(50 + 10 * number), 8000)
    with h5py.File(root / "data.h5", "w") as file:
        file["x"] = numbers(SIZE, 3)


def numbers(*shape):
    return np.random.default_rng(0).random(shape, np.float32)


class Partly:
    """Sample i is `(i, i)`; two of them cannot be read."""

    def __len__(self):
        return SIZE

    def __getitem__(self, index):
        if index in (2, 5):
            raise OSError(f"no {index}")
        return np.float32([index, 0]), np.float32(index)


def mark(sample, rng):
    x, y = sample
    return x + rng.random(x.shape, np.float32), y


def mark_all(batch, rng):
    x, *rest = batch
    return x + rng.random(x.shape, np.float32), *rest


class Blurred(keras.layers.Layer):
    """A layer of one's own that draws."""

    def __init__(self):
        super().__init__()
        self.seeds = keras.random.SeedGenerator(3)

    def call(self, x, training=False):
        return x + keras.random.uniform(keras.ops.shape(x), seed=self.seeds) if training else x


def augmentation():
    flips = [keras.layers.RandomFlip(), keras.layers.RandomTranslation(0.3, 0.3)]
    return [keras.Sequential(flips), keras.layers.RandomContrast(0.3)]


class Threes(keras.utils.PyDataset):
    """Batch i holds the numbers of its rows; the last one is short."""

    def __init__(self):
        super().__init__()
        self.indices = np.arange(SIZE)

    def __len__(self):
        return 3

    def __getitem__(self, number):
        part = self.indices[3 * number : 3 * number + 3]
        return part[:, np.newaxis].astype(np.float32), part


class Turned(Threes):
    """Has another order in each epoch, by the epochs that it was told of."""

    def on_epoch_end(self):
        self.indices = np.roll(self.indices, 1)


class Reshuffled(Threes):
    """Has another order in each epoch, drawn by a generator of its own when the epoch begins."""

    def __init__(self):
        super().__init__()
        self.rng = np.random.default_rng(1)

    def on_epoch_begin(self):
        self.rng.shuffle(self.indices)


def plain(folder, **options):
    source = [(np.float32([i, 0]), np.float32(i)) for i in range(SIZE)]
    return amalthea.Loader(source, **{"transform": mark, **options})


def arrays(folder, **options):
    return amalthea.ArrayLoader(numbers(SIZE, 3), np.array(CLASSES), **options)


def images(folder, **options):
    paths = [folder / "images" / name for name in NAMES]
    return amalthea.ImageLoader(paths, CLASSES, image_size=8, **options)


def parts(folder, part, **options):
    return amalthea.ImageLoader.from_directory(
        folder / "images",
        image_size=8,
        validation_split=0.3,
        subset="both",
        verbose=False,
        augment=transforms.RandomFlip(),
        **options,
    )[part]


def texts(folder, **options):
    return amalthea.TextLoader(WORDS, CLASSES, max_length=6, **options)


def waveforms(folder, **options):
    paths = [folder / "sounds" / f"{number}.wav" for number in range(SIZE)]
    return amalthea.AudioLoader(paths, CLASSES, **options)


def inputs(folder, **options):
    named = {"noise": sources.Noise(SIZE, 2), "number": numbers(SIZE)}
    return amalthea.MultiInputLoader(named, np.arange(SIZE), numbers(SIZE), **options)


def windows(folder, **options):
    return amalthea.TimeSeriesLoader(numbers(SIZE + 2, 2), np.arange(SIZE), 3, **options)


def sequence(kind):
    return lambda folder, batch_size=3, **options: amalthea.SequenceLoader(kind(), **options)


# By name: who makes it, and its options.
LOADERS = {
    "Loader": (plain, {}),
    "Loader, unshuffled": (plain, {"shuffle": False}),
    "Loader, batch_transform": (plain, {"batch_transform": mark_all}),
    "Loader, layers": (plain, {"layers": Blurred}),
    "Loader, layers of Keras": (
        lambda folder, **options: amalthea.Loader(numbers(SIZE, 6, 6, 3), layers=augmentation(), **options),
        {},
    ),
    "Loader, sampling_weights": (plain, {"sampling_weights": [1, 2, 0, 1, 5, 1, 1]}),
    "Loader, drop_remainder": (plain, {"drop_remainder": True}),
    "Loader, fewer steps": (plain, {"steps_per_epoch": 2}),
    "Loader, more steps": (plain, {"steps_per_epoch": 5}),
    "Loader, one batch": (plain, {"batch_size": SIZE}),
    "Loader, skip": (
        lambda folder, **options: amalthea.Loader(Partly(), on_error="skip", max_errors=None, **options),
        {"transform": mark},
    ),
    "Loader, substitute": (
        lambda folder, **options: amalthea.Loader(Partly(), on_error="substitute", max_errors=None, **options),
        {},
    ),
    "ArrayLoader": (arrays, {}),
    "ArrayLoader, unshuffled": (arrays, {"shuffle": False}),
    "ArrayLoader, augment": (
        lambda folder, **options: amalthea.ArrayLoader(numbers(SIZE, 4, 4, 1), np.array(CLASSES), **options),
        {"augment": transforms.RandomTranslation(0.5, 0.5), "class_weight": "balanced"},
    ),
    "ArrayLoader, balanced": (arrays, {"sampling_weights": "balanced", "drop_remainder": True}),
    "ArrayLoader of HDF5": (
        lambda folder, **options: amalthea.ArrayLoader(sources.HDF5(folder / "data.h5", "x"), **options),
        {},
    ),
    "ImageLoader": (images, {"augment": transforms.RandomRotation(0.2)}),
    "ImageLoader, cache": (images, {"cache": "memory", "augment": transforms.RandomFlip()}),
    "ImageLoader, cache in a folder": (
        lambda folder, **options: images(folder, cache=folder / "cache", **options),
        {"batch_size": 2},
    ),
    "ImageLoader of training": (lambda folder, **options: parts(folder, 0, **options), {"batch_size": 2}),
    "ImageLoader of validation": (lambda folder, **options: parts(folder, 1, **options), {"batch_size": 1}),
    "TextLoader": (texts, {}),
    "TextLoader, bucket_by_length": (texts, {"bucket_by_length": True, "batch_size": 2}),
    "AudioLoader": (waveforms, {"bucket_by_length": True, "batch_size": 2}),
    "MultiInputLoader": (inputs, {}),
    "TimeSeriesLoader": (windows, {}),
    "TimeSeriesLoader, shuffled": (windows, {"shuffle": True}),
    "SequenceLoader": (sequence(Threes), {}),
    "SequenceLoader, shuffled": (sequence(Threes), {"shuffle": True}),
    "SequenceLoader, told of ends": (sequence(Turned), {}),
    "SequenceLoader, told of beginnings": (sequence(Reshuffled), {}),
    "SequenceLoader, told and shuffled": (sequence(Reshuffled), {"shuffle": True}),
}


def make(folder, name, workers, **options):
    """Returns a new loader."""
    maker, own = LOADERS[name]
    own = {key: value() if isinstance(value, type) else value for key, value in own.items()}  # a layer is made anew
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sample")  # that broken samples are left out
        return maker(folder, **{"batch_size": 3, "seed": 5, **own, **WORKERS[workers], **options})


def digest(batch):
    """Every bit of a batch, and its structure, in a few letters."""
    if isinstance(batch, tuple):
        return "(" + ",".join(map(digest, batch)) + ")"
    if isinstance(batch, dict):
        return "{" + ",".join(f"{key}:{digest(value)}" for key, value in batch.items()) + "}"
    head = f"{batch.dtype.name}{list(batch.shape)}"
    return head + hashlib.sha256(np.ascontiguousarray(batch).tobytes()).hexdigest()[:8]


def loops(loader, epochs=EPOCHS):
    """Goes on to the end of the epochs; returns the digests of what the loop over each of them gave."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sample")
        return [[digest(batch) for batch in loader] for _ in range(loader.epoch, epochs)]


def restored(folder, name, workers, state):
    """What follows a state, in a new loader; an error is what follows, too."""
    try:
        with make(folder, name, workers) as loader:
            loader.load_state_dict(state)
            return loops(loader)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def main():
    asked = json.load(sys.stdin)
    folder = Path(asked["folder"])
    with amalthea.Loader([0.0], **WORKERS["processes"]) as processes:
        processes.peek()  # the processes, which all loaders share, stay
        found = {
            name: {
                workers: [restored(folder, name, workers, state) for state in states]
                for workers, states in by_workers.items()
            }
            for name, by_workers in asked["states"].items()
        }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
