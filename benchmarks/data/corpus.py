"""Texts to measure with: of 100,000 different words that are as frequent as words are."""

from pathlib import Path

import numpy as np

SENTENCE = 12


def corpus(folder, *, words, length, batch=128, vocab=20_000, count=None):
    """Writes sentences with capitals and full stops, a text a line."""
    count = count or words // length
    path = Path(folder) / f"{count}-{length}.txt"
    if not path.exists():
        names, rng = _names(), np.random.default_rng(0)
        odds = 1 / np.arange(2, len(names) + 2)
        ranks = rng.choice(len(names), (count, length), p=odds / odds.sum())
        path.write_text("\n".join(_written([names[rank] for rank in row]) for row in ranks.tolist()), encoding="utf-8")
    return {"file": str(path), "count": count, "length": length, "batch": batch, "vocab": vocab}


def read(**told):
    """The texts in memory."""
    return {**told, "texts": Path(told["file"]).read_text(encoding="utf-8").split("\n")}


def _names():
    rng = np.random.default_rng(1)
    sizes = np.clip(rng.normal(7.5, 2.5, 100_000), 2, 18).astype(int)
    letters = rng.integers(97, 123, (100_000, 18), np.uint8)
    names = [bytes(row[:size]).decode() for row, size in zip(letters, sizes, strict=True)]
    short = ["".join(map(chr, rng.integers(97, 123, 1 + place // 30))) for place in range(100)]  # as `a` and `the` are
    return [*short, *names[len(short) :]]


def _written(words):
    half = SENTENCE // 2
    parts = [
        ", ".join([" ".join(words[at : at + half]), " ".join(words[at + half : at + SENTENCE])])
        for at in range(0, len(words), SENTENCE)
    ]
    return " ".join(part.capitalize().rstrip(", ") + "." for part in parts)
