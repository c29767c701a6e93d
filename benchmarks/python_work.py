"""Preprocessing in plain Python, a slow tokenizer: what two processes make of it, against one thread and two.

Keras is imported where it is used: the workers import this module, and need none.
"""

import re
import statistics
import time

import numpy as np

import amalthea

TEXTS, WORDS, LENGTH = 4096, 200, 256
CREWS = {
    "1 thread": {"workers": 1},
    "2 threads": {"workers": 2},
    "2 processes": {"workers": 2, "use_multiprocessing": True},
}


class Texts:
    """Sample i is a text as numbers of its words' pieces, made the slow way."""

    def __init__(self, count):
        rng = np.random.default_rng(0)
        self.words = ["".join(map(chr, rng.integers(97, 123, size=rng.integers(2, 12)))) for _ in range(5000)]
        self.numbers = {word[:size]: place for place, word in enumerate(self.words) for size in range(1, len(word) + 1)}
        self.texts = [" ".join(self.words[i] for i in rng.integers(0, 5000, size=WORDS)) for _ in range(count)]

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
        return np.array((pieces + [0] * LENGTH)[:LENGTH], np.int32)


def measure(count, rounds):
    """Runs the crews in turns; returns the lines of a table."""
    texts = Texts(count)
    loaders = {name: amalthea.Loader(texts, batch_size=64, seed=0, **crew) for name, crew in CREWS.items()}
    speeds = {name: [] for name in CREWS}
    for loader in loaders.values():
        _texts_per_second(loader)
    for _ in range(rounds):
        for name, loader in loaders.items():
            speeds[name].append(_texts_per_second(loader))
    for loader in loaders.values():
        loader.close()
    return [_line(name, speeds) for name in CREWS]


def _line(name, speeds):
    import keras

    ratios = [speed / thread for speed, thread in zip(speeds[name], speeds["1 thread"], strict=True)]
    return {
        "backend": keras.backend.backend(),
        "workers": name,
        "texts/s": f"{statistics.median(speeds[name]):,.0f}",
        "of one thread": f"{statistics.median(ratios):.2f} ({min(ratios):.2f} - {max(ratios):.2f})",
    }


def _texts_per_second(loader):
    start = time.perf_counter()
    for _ in loader:
        pass
    return loader.num_samples / (time.perf_counter() - start)
