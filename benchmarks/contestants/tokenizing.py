"""Texts into ids by Keras' legacy `Tokenizer`, by Amalthea and by `tokenizers`: all of them, or batch by batch."""

import keras
import numpy as np
from keras.src.legacy.preprocessing.text import Tokenizer

import amalthea
from amalthea.sources import Texts


class PerBatch(keras.utils.PyDataset):
    """As guides write it: each batch is tokenized and padded when it is asked for."""

    def __init__(self, texts, tokenizer, length, batch):
        super().__init__()
        self.texts, self.tokenizer, self.length, self.batch = texts, tokenizer, length, batch

    def __len__(self):
        return -(-len(self.texts) // self.batch)

    def __getitem__(self, number):
        return _padded(self.tokenizer, self.texts[number * self.batch : (number + 1) * self.batch], self.length)


def legacy_batches(told):
    return PerBatch(told["texts"], _legacy(told), told["length"], told["batch"])


def legacy(told, *, fit):
    """All texts; with a vocabulary that is ready, or to be found."""
    ready = None if fit else _legacy(told)
    return _all(lambda: _padded(ready or _legacy(told), told["texts"], told["length"]))


def ours(told, *, fit):
    ready = None if fit else _ours(told)
    return _all(lambda: _rows(told, ready or amalthea.WordTokenizer(told["vocab"]), fit))


def word_level(told):
    """Hugging Face's, with the same vocabulary."""
    ready = _ours(told).to_tokenizers()
    return _all(lambda: _rows(told, ready, False))


def _legacy(told):
    tokenizer = Tokenizer(num_words=told["vocab"], oov_token="<unk>")
    tokenizer.fit_on_texts(told["texts"])
    return tokenizer


def _ours(told):
    tokenizer = amalthea.WordTokenizer(told["vocab"])
    Texts(told["texts"], tokenizer, told["length"], fit=True)
    return tokenizer


def _padded(tokenizer, texts, length):
    ids = tokenizer.texts_to_sequences(texts)
    return keras.utils.pad_sequences(ids, length, padding="post", truncating="post")


def _rows(told, tokenizer, fit):
    source = Texts(told["texts"], tokenizer, told["length"], fit=fit)
    ids = np.empty((len(source), told["length"]), np.int32)
    source.read_rows(np.arange(len(source)), ids)
    return ids


def _all(encode):
    return lambda see: see(encode())
