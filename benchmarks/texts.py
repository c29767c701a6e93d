"""Texts into ids: a corpus fitted, encoded and padded; with a ready vocabulary; and one epoch in batches."""

import functools
import os
import statistics
import time

import keras
import numpy as np
import tokenizers
from keras.src.legacy.preprocessing.text import Tokenizer

import amalthea
from amalthea.sources import Texts
from benchmarks.epochs import batch_times, epoch_iterator

WORDS, VOCAB_SIZE, BATCH = 4_000_000, 20_000, 128


def corpus(words, length):
    """Sentences with capitals and full stops, of 100,000 different words that are as frequent as words are."""
    rng = np.random.default_rng(0)
    sizes = np.clip(rng.normal(7.5, 2.5, 100_000), 2, 18).astype(int)
    letters = rng.integers(97, 123, (100_000, 18), np.uint8)
    names = [bytes(row[:size]).decode() for row, size in zip(letters, sizes, strict=True)]
    short = ["".join(map(chr, rng.integers(97, 123, 1 + place // 30))) for place in range(100)]  # as `a` and `the` are
    names[: len(short)] = short
    ranks = rng.choice(len(names), (words // length, length), p=(p := 1 / np.arange(2, len(names) + 2)) / p.sum())
    return [_written([names[rank] for rank in row]) for row in ranks.tolist()]


def _written(words):
    parts = [
        ", ".join([" ".join(words[at : at + 6]), " ".join(words[at + 6 : at + 12])]) for at in range(0, len(words), 12)
    ]
    return " ".join(part.capitalize().rstrip(", ") + "." for part in parts)


class PerBatch(keras.utils.PyDataset):
    """As guides write it: each batch is tokenized and padded when it is asked for."""

    def __init__(self, texts, tokenizer, length):
        super().__init__()
        self.texts, self.tokenizer, self.length = texts, tokenizer, length

    def __len__(self):
        return -(-len(self.texts) // BATCH)

    def __getitem__(self, index):
        ids = self.tokenizer.texts_to_sequences(self.texts[index * BATCH : (index + 1) * BATCH])
        return keras.utils.pad_sequences(ids, self.length, padding="post", truncating="post")


def legacy_fitted(texts, length):
    tokenizer = Tokenizer(num_words=VOCAB_SIZE, oov_token="<unk>")
    tokenizer.fit_on_texts(texts)
    legacy_encoded(tokenizer, texts, length)
    return tokenizer


def legacy_encoded(tokenizer, texts, length):
    keras.utils.pad_sequences(tokenizer.texts_to_sequences(texts), length, padding="post", truncating="post")


def fitted(texts, length):
    tokenizer = amalthea.WordTokenizer(VOCAB_SIZE)
    _padded(Texts(texts, tokenizer, length, fit=True), length)
    return tokenizer


def encoded(tokenizer, texts, length):
    _padded(Texts(texts, tokenizer, length), length)


def _padded(source, length):
    source.read_rows(np.arange(len(source)), np.empty((len(source), length), np.int32))


def byte_pairs(texts):
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE())
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tokenizer.train_from_iterator(
        texts[: len(texts) // 20], tokenizers.trainers.BpeTrainer(vocab_size=8000, show_progress=False)
    )
    return tokenizer


def measure(words, rounds):
    """Measures all in turns, with short and with long texts; returns the lines of a table."""
    return [line for length in (20, 200) for line in _measure(corpus(words, length), length, rounds)]


def _measure(texts, length, rounds):
    legacy, tokenizer, pairs = legacy_fitted(texts, length), fitted(texts, length), byte_pairs(texts)
    loader = amalthea.TextLoader(texts, max_length=length, batch_size=BATCH, seed=0, tokenizer=tokenizer, workers=2)
    # The iterators of `fit`: an epoch through each, once before it counts.
    epochs = [
        functools.partial(batch_times, epoch_iterator(each)) for each in (PerBatch(texts, legacy, length), loader)
    ]
    runs = {
        ("fit, encode and pad", "legacy `Tokenizer`"): functools.partial(legacy_fitted, texts, length),
        ("fit, encode and pad", "Amalthea"): functools.partial(fitted, texts, length),
        ("encode and pad", "legacy `Tokenizer`"): functools.partial(legacy_encoded, legacy, texts, length),
        ("encode and pad", "Amalthea"): functools.partial(encoded, tokenizer, texts, length),
        ("encode and pad", "`tokenizers`, WordLevel"): functools.partial(
            encoded, tokenizer.to_tokenizers(), texts, length
        ),
        ("encode and pad", "`tokenizers`, BPE"): functools.partial(encoded, pairs, texts, length),
        ("an epoch", "legacy `Tokenizer`, each batch"): epochs[0],
        ("an epoch", "Amalthea"): epochs[1],
    }
    rates = {name: [] for name in runs}
    for turn in range(rounds + 1):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            if turn:
                rates[name].append(len(texts) * length / (time.perf_counter() - start))
    loader.close()
    return [_line(what, length, rates) for what in runs]


def _line(key, length, rates):
    what, who = key
    baseline = next(values for (other, _), values in rates.items() if other == what)  # the legacy one comes first
    ratios = [ours / theirs for ours, theirs in zip(rates[key], baseline, strict=True)]
    return {
        "backend": keras.backend.backend(),
        "words a text": length,
        "what": what,
        "by": who,
        "million words/s": f"{statistics.median(rates[key]) / 1e6:.2f}",
        "of the legacy one": f"{statistics.median(ratios):.2f} ({min(ratios):.2f} - {max(ratios):.2f})",
        "cores": os.cpu_count(),
    }
