"""What a model really sees in training: samples that know who they are, a model that keeps a running hash, and what
it should have been."""

import itertools
import sys

import cloudpickle
import keras
import numpy as np
from keras import ops

import amalthea
from amalthea.order import Shuffled

# As if it were a script: a worker process that imported this module would import Keras.
cloudpickle.register_pickle_by_value(sys.modules[__name__])


class Identified:
    """Sample i is `((i, 0), i)`; `mark` fills the 0 with random bits of the sample's own generator."""

    def __init__(self, size):
        self.size = size

    def __len__(self):
        return self.size

    def __getitem__(self, index):
        return np.array([index, 0], np.int32), np.float32(index)


def mark(sample, rng):
    x, y = sample
    return np.array([x[0], rng.integers(0, 2**31)], np.int32), y


def planned(size, *, batch_size, seed, shuffle=True, drop_remainder=False):
    """Gives the x of each planned batch, epoch after epoch without end, computed without the loader."""
    epoch = 0
    while True:
        indices = Shuffled(size, seed=seed, shuffle=shuffle).indices(epoch, 0, size)
        for start in range(0, size, batch_size):
            batch = indices[start : start + batch_size]
            if len(batch) == batch_size or not drop_remainder:
                marks = [np.random.default_rng([seed, epoch, i]).integers(0, 2**31) for i in batch]
                yield np.stack([batch, marks], axis=1).astype(np.int32)
        epoch += 1


def digest_of(batches):
    """The running hash over batches: it depends on every bit, each row's place, and the order of the batches."""
    digest = np.zeros(2, np.int32)
    with np.errstate(over="ignore"):
        for x in batches:
            weights = np.arange(1, len(x) + 1, dtype=np.int32)[:, None] * np.int32(2654435) + np.int32(1)
            digest = digest * np.int32(1000003) + (x * weights).sum(axis=0, dtype=np.int32) + np.int32(len(x))
    return digest


SIZE, BATCH, SEED = 11, 3, 5
BATCHES = 4


def loader(**options):
    """The loader of a few samples whose stream `expected` tells."""
    return amalthea.Loader(Identified(SIZE), batch_size=BATCH, seed=SEED, transform=mark, **options)


def expected(count, *, skip=0, shuffle=True):
    """The hash of what a model sees in so many batches of `loader`."""
    stream = planned(SIZE, batch_size=BATCH, seed=SEED, shuffle=shuffle)
    return digest_of(itertools.islice(stream, skip, skip + count)).tolist()


class Hashing(keras.Model):
    """A model that keeps the running hash of what it was trained on, on any backend."""

    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(1)
        self.digest = self.add_weight(shape=(2,), dtype="int32", initializer="zeros", trainable=False)

    def call(self, x, training=False):
        if training:
            rows = ops.shape(x)[0]
            weights = ops.expand_dims(ops.arange(1, rows + 1, dtype="int32"), 1) * 2654435 + 1
            step = ops.cast(ops.sum(x * weights, axis=0), "int32") + ops.cast(rows, "int32")
            self.digest.assign(self.digest * 1000003 + step)
        return self.dense(ops.cast(x, "float32") * 1e-9)

    @property
    def seen(self):
        return as_numpy(self.digest)


class Counting(keras.Model):
    """A model that counts how often it was trained on each sample."""

    def __init__(self, size):
        super().__init__()
        self.dense = keras.layers.Dense(1)
        self.counts = self.add_weight(shape=(size,), dtype="int32", initializer="zeros", trainable=False)
        self.compile(keras.optimizers.SGD(1e-6), "mse")

    def call(self, x, training=False):
        if training:
            ones = ops.one_hot(x[:, 0], self.counts.shape[0], dtype="int32")
            self.counts.assign(self.counts + ops.cast(ops.sum(ones, axis=0), "int32"))
        return self.dense(ops.cast(x, "float32") * 1e-9)

    @property
    def seen(self):
        return as_numpy(self.counts)


def as_numpy(variable):
    value = variable.value
    return np.asarray(value.detach() if hasattr(value, "detach") else value)


def hashing_model():
    model = Hashing()
    model.compile(keras.optimizers.SGD(1e-6), "mse")
    return model


def consumed(batches, epochs, steps_per_epoch=None):
    """How many batches Keras takes from a dataset of so many in a fit."""
    if steps_per_epoch is None:
        return batches * epochs
    taken = seen = 0
    for _ in range(epochs):
        steps = min(steps_per_epoch, batches - seen)
        taken, seen = taken + steps, (seen + steps) % batches
    return taken
