"""A source that knows what its samples are and how often each was made; programs of the tests import nothing else."""

import numpy as np


class Numbered:
    """Sample i is noise that belongs to i and to its version."""

    def __init__(self, size=8, shape=(5, 3), version=0):
        self.size, self.shape, self.made = size, shape, []
        self.versions = [version] * size

    def __len__(self):
        return self.size

    def __getitem__(self, index):
        self.made.append(index)
        return self.expected(index)

    def expected(self, index):
        return np.random.default_rng([index, self.versions[index]]).integers(0, 256, self.shape, np.uint8)

    def stamp(self, index):
        return (self.versions[index],)

    def recipe(self):
        return {"numbered": self.shape}


def assert_right(cache):
    """Every sample is what the source gives, read one by one and at once."""
    source = cache.source
    rows = np.zeros((len(source), *source.shape), np.uint8)
    cache.read_rows(np.arange(len(source)), rows)
    for index in range(len(source)):
        expected = source.expected(index)
        assert (rows[index] == expected).all()
        assert (cache[index] == expected).all()
