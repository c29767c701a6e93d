"""In place of the legacy `Tokenizer`: what docs/texts.md says to write, by the legacy class itself."""

import pickle

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras.src.legacy.preprocessing.text import Tokenizer, text_to_word_sequence

from amalthea import TextLoader, WordTokenizer
from amalthea.sources._splitting import FILTERS

LETTERS = "aAbB .,'\t\n\xa0İẞΣ\u03c3\u03c2ßé😀"
TEXTS = st.lists(st.text(st.sampled_from(LETTERS), max_size=30), min_size=1, max_size=8).map(
    lambda texts: [*texts, "a"]
)
sizes = st.none() | st.integers(3, 8)
oov = st.sampled_from([None, "<unk>"])


def both(texts, vocab_size, oov_token):
    theirs = Tokenizer(num_words=vocab_size, oov_token=oov_token)
    theirs.fit_on_texts(texts)
    return WordTokenizer(vocab_size, oov_token).fit(texts), theirs


@settings(max_examples=30)
@given(TEXTS, TEXTS, sizes, oov)
def test_sequences_texts_and_tables_of_words_are_those_there(texts, others, vocab_size, oov_token):
    ours, theirs = both(texts, vocab_size, oov_token)
    sequences = [ours.encode(text).tolist() for text in others]
    assert sequences == theirs.texts_to_sequences(others)
    assert [ours.decode(ids) for ids in sequences] == theirs.sequences_to_texts(sequences)
    for _ in range(2):  # the second time with more words
        assert list(ours.word_index.items()) == list(theirs.word_index.items())
        assert ours.index_word == theirs.index_word
        assert list(ours.word_counts.items()) == list(theirs.word_counts.items())
        ours.fit(others)
        theirs.fit_on_texts(others)


@settings(max_examples=30)
@given(TEXTS, TEXTS, sizes)
def test_matrices_are_those_there(texts, others, vocab_size):
    ours, theirs = both(texts, vocab_size, None)
    size = vocab_size or len(ours.word_index) + 1

    def counted(texts):
        return np.stack([np.bincount(ours.encode(text), minlength=size) for text in texts])

    counts, found = counted(others), np.log(1 + len(texts) / (1 + (counted(texts) > 0).sum(0)))
    ours_by_mode = {
        "count": counts,
        "binary": counts > 0,
        "freq": counts / np.maximum(counts.sum(1, keepdims=True), 1),
        "tfidf": np.where(counts > 0, 1 + np.log(np.maximum(counts, 1)), 0) * found,
    }
    for mode, matrix in ours_by_mode.items():
        np.testing.assert_allclose(matrix, theirs.texts_to_matrix(others, mode=mode), err_msg=mode)


SPLIT = "\0"


@settings(max_examples=30)
@given(TEXTS, TEXTS, sizes, oov, st.booleans())
def test_ids_of_characters_are_those_there(texts, others, vocab_size, oov_token, lower):
    theirs = Tokenizer(vocab_size, oov_token=oov_token, char_level=True, lower=lower)
    theirs.fit_on_texts(texts)
    ours = WordTokenizer(vocab_size, oov_token, filters="", lower=False, split=SPLIT)
    ours.fit(SPLIT.join(text.lower() if lower else text) for text in texts)
    found = [ours.encode(SPLIT.join(text.lower() if lower else text)).tolist() for text in others]
    assert found == theirs.texts_to_sequences(others)


WORDS = st.lists(st.lists(st.text("aB.'Σ ", min_size=1, max_size=3), max_size=6), min_size=1, max_size=6)


@settings(max_examples=30)
@given(WORDS, sizes, oov, st.booleans())
def test_ids_of_words_that_are_there_already_are_those_there(texts, vocab_size, oov_token, analyzed):
    texts = [*texts, ["a"]]
    if analyzed:
        theirs = Tokenizer(vocab_size, oov_token=oov_token, analyzer=lambda text: text.split("|"))
        given_texts = ["|".join(words) for words in texts]
    else:
        theirs, given_texts = Tokenizer(vocab_size, oov_token=oov_token), [list(words) for words in texts]
    theirs.fit_on_texts(given_texts)
    ours = WordTokenizer(vocab_size, oov_token, filters="", lower=not analyzed, split=SPLIT)
    ours.fit(SPLIT.join(words) for words in texts)
    found = [ours.encode(SPLIT.join(words)).tolist() for words in texts]
    if analyzed:  # an empty text is one word there, the empty one, which has no place here
        kept = [number for number, words in enumerate(texts) if words]
        theirs = Tokenizer(vocab_size, oov_token=oov_token, analyzer=lambda text: text.split("|") if text else [])
        theirs.fit_on_texts(given_texts)
        found, given_texts = [found[number] for number in kept], [given_texts[number] for number in kept]
    assert found == theirs.texts_to_sequences(given_texts)


@settings(max_examples=30)
@given(st.text(LETTERS, max_size=40))
def test_the_words_of_a_text_are_those_there(text):
    parts = text.lower().translate(str.maketrans(dict.fromkeys(FILTERS, " "))).split(" ")
    assert [word for word in parts if word] == text_to_word_sequence(text)


@settings(max_examples=30)
@given(TEXTS, st.integers(1, 6), st.sampled_from(["pre", "post"]), st.sampled_from(["pre", "post"]), sizes)
def test_a_loader_gives_the_padded_sequences_there(texts, maxlen, padding, truncating, vocab_size):
    _, theirs = both(texts, vocab_size, None)
    options = {"padding": padding, "truncating": truncating}
    wanted = keras.utils.pad_sequences(theirs.texts_to_sequences(texts), maxlen, **options)
    loader = TextLoader(
        texts, max_length=maxlen, vocab_size=vocab_size, oov_token=None, shuffle=False, workers=0, **options
    )
    np.testing.assert_array_equal(loader[0], wanted)
    assert loader[0].dtype == wanted.dtype


def test_the_files_of_both_and_a_pickle_have_the_tables(tmp_path):
    ours, theirs = both(["b a a", "c a"], 3, "?")
    (tmp_path / "theirs.json").write_text(theirs.to_json())
    for tokenizer in (WordTokenizer.load(tmp_path / "theirs.json"), pickle.loads(pickle.dumps(ours))):
        assert tokenizer.word_index == theirs.word_index
        assert tokenizer.index_word == theirs.index_word
        assert tokenizer.word_counts == dict(theirs.word_counts)


def test_the_tables_are_not_sent_to_workers():
    tokenizer = WordTokenizer().fit(["b a a", "c a"])
    size = len(pickle.dumps(tokenizer))
    assert tokenizer.word_index and tokenizer.index_word and tokenizer.word_counts
    assert len(pickle.dumps(tokenizer)) == size


@pytest.mark.parametrize("oov_token", [None, "?"])
def test_the_size_of_an_embedding_is_below_the_table_where_words_are_left_out(oov_token):
    ours, theirs = both(["a b c d e f"], 4, oov_token)
    assert ours.vocab_size == theirs.num_words == 4
    assert len(ours.word_index) == len(theirs.word_index) > 4
