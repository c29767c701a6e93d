"""Sources as people write them, of NumPy and plain Python: for Amalthea and for the peers alike.

No framework is imported here: worker processes import this module.
"""

import io
import math
import re

import numpy as np
from PIL import Image

from benchmarks.data.stores import store_of


class Pictures:
    """Images read by Pillow, antialiased, as the guides of Keras, PyTorch and Grain do it."""

    def __init__(self, paths, labels, size):
        self.paths, self.labels, self.size = paths, labels, (size, size)

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        with Image.open(self.paths[index]) as picture:
            pixels = picture.convert("RGB").resize(self.size, Image.Resampling.BILINEAR)
        return np.asarray(pixels, np.float32), self.labels[index]


class StoredPictures(Pictures):
    """The same of an object store, which each process opens for itself."""

    def __init__(self, paths, labels, size, *, client, at_once):
        super().__init__(paths, labels, size)
        self.client = client
        if at_once:
            self.__getitems__ = self._many

    def __getitem__(self, index):
        return self._sample(index, store_of(self.client).cat_file(self.paths[index]))

    def _many(self, indices):
        contents = store_of(self.client).cat([self.paths[index] for index in indices])
        return [self._sample(index, contents[self.paths[index].removeprefix("s3://")]) for index in indices]

    def _sample(self, index, content):
        with Image.open(io.BytesIO(content)) as picture:
            pixels = picture.convert("RGB").resize(self.size, Image.Resampling.BILINEAR)
        return np.asarray(pixels, np.float32), self.labels[index]


class Casting:
    """Rows of a memory map of uint8 as float32: next to no work, and much to hand over."""

    def __init__(self, file, count, *, in_place=False):
        self.images, self.labels = np.load(file, mmap_mode="r"), np.arange(count, dtype=np.int32) % 8
        if in_place:
            self.read_into = self._read_into

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        return self.images[index].astype(np.float32), self.labels[index]

    def _read_into(self, index, row):
        row[0][...], row[1][...] = self.images[index], self.labels[index]


class Rows:
    """Rows of arrays, one by one."""

    def __init__(self, x, y):
        self.x, self.y = x, y

    def __len__(self):
        return len(self.x)

    def __getitem__(self, index):
        return np.array(self.x[index]), self.y[index]


class Numbers:
    """Samples that are computed: a dataset of any size that holds nothing."""

    def __init__(self, count):
        self.count = count

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        return np.full(256, index, np.float32)

    def read_rows(self, indices, rows):
        rows[...] = indices[:, np.newaxis]


class Lengths:
    """Sample i is the length of a path: all that is done is to look it up."""

    def __init__(self, paths):
        self.paths = paths

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        return np.int32(len(self.paths[index]))


class Pieces:
    """Sample i is a text as numbers of its words' pieces, made the slow way."""

    WORDS, LENGTH = 200, 256

    def __init__(self, count):
        rng = np.random.default_rng(0)
        words = ["".join(map(chr, rng.integers(97, 123, size=rng.integers(2, 12)))) for _ in range(5000)]
        self.numbers = {word[:size]: place for place, word in enumerate(words) for size in range(1, len(word) + 1)}
        self.texts = [" ".join(words[i] for i in rng.integers(0, 5000, size=self.WORDS)) for _ in range(count)]

    def __len__(self):
        return len(self.texts)

    def __getitem__(self, index):
        pieces = []
        for word in re.findall(r"[a-z]+", self.texts[index]):
            start = 0
            while start < len(word):
                end = next(end for end in range(len(word), start, -1) if word[start:end] in self.numbers)
                pieces.append(self.numbers[word[start:end]])
                start = end
        return np.array((pieces + [0] * self.LENGTH)[: self.LENGTH], np.int32)


class Batched:
    """What a plain `PyDataset` does: batch `number` of a source, its samples stacked."""

    def __init__(self, source, batch):
        self.source, self.batch = source, batch

    def __len__(self):
        return math.ceil(len(self.source) / self.batch)

    def __getitem__(self, number):
        part = range(number * self.batch, min((number + 1) * self.batch, len(self.source)))
        samples = [self.source[index] for index in part]
        if isinstance(samples[0], tuple):
            return tuple(np.stack(column) for column in zip(*samples, strict=True))
        return np.stack(samples)
