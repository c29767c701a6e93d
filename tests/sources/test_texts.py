"""Texts as token ids: cut and padded as Keras does it, by any tokenizer, from memory or from files."""

import json
import os
import pickle
import re
import subprocess
import sys

import keras
import numpy as np
import pandas as pd
import pytest
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st
from keras.src.legacy.preprocessing.text import Tokenizer

from amalthea import ConfigurationError, SampleError, WordTokenizer
from amalthea._shared import file_of
from amalthea.sources import Contents, TextFiles, Texts, encoders

TEXTS = ["The cat sat on the mat.", "", "A dog!", "the the the cat", "a b c d e f g h i j k l m n o p"]


class Column:
    """Texts that are made when they are asked for."""

    def __init__(self, texts):
        self.texts, self.asked = texts, []

    def __len__(self):
        return len(self.texts)

    def __getitem__(self, index):
        self.asked.append(index)
        return self.texts[index]


def numbers(text):
    return [int(number) for number in text.split()]


def byte_pairs():
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    special = ["[UNK]", "[CLS]", "[SEP]", "[PAD]"]
    trainer = tokenizers.trainers.BpeTrainer(vocab_size=60, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator(TEXTS, trainer)
    tokenizer.post_processor = tokenizers.processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    return tokenizer


def rows_of(source, width, dtype="int32"):
    """The samples in all ways in which they can be read, which must agree."""
    indices = np.arange(len(source))[::-1]
    at_once, one_by_one = (np.full((len(source), width), -1, dtype) for _ in range(2))
    source.read_rows(indices, at_once)
    for index, row in zip(indices.tolist(), one_by_one, strict=True):
        source.read_into(index, row)
    np.testing.assert_array_equal(at_once, one_by_one)
    return at_once[::-1]


@settings(max_examples=100)
@given(
    st.lists(st.lists(st.integers(1, 99), max_size=12), min_size=1, max_size=9),
    st.integers(1, 14),
    st.sampled_from(["pre", "post"]),
    st.sampled_from(["pre", "post"]),
    st.integers(0, 5),
)
def test_rows_are_those_of_pad_sequences(ids, max_length, padding, truncating, pad_id):
    texts = [" ".join(map(str, each)) for each in ids]
    wanted = keras.utils.pad_sequences(ids, max_length, padding=padding, truncating=truncating, value=pad_id)
    for column in (texts, Column(texts)):
        source = Texts(column, numbers, max_length, padding=padding, truncating=truncating, pad_id=pad_id)
        np.testing.assert_array_equal(rows_of(source, max_length), wanted)
        np.testing.assert_array_equal(np.stack([source[index] for index in range(len(source))]), wanted)


@pytest.mark.parametrize("padding", ["pre", "post"])
@pytest.mark.parametrize("truncating", ["pre", "post"])
def test_long_rows_are_those_of_pad_sequences(padding, truncating):
    texts = ["a b c " * 300, "b", "c a " * 100]
    theirs = Tokenizer(oov_token="<unk>")
    theirs.fit_on_texts(texts)
    options = {"padding": padding, "truncating": truncating}
    wanted = keras.utils.pad_sequences(theirs.texts_to_sequences(texts), 300, **options)
    source = Texts(texts, WordTokenizer(), 300, dtype="int64", fit=True, **options)
    rows = rows_of(source, 300, "int64")
    np.testing.assert_array_equal(rows, wanted)
    assert source[0].dtype == np.int64


@pytest.mark.parametrize("padding", ["pre", "post"])
def test_samples_of_varying_length_know_their_length_and_fill_longer_rows(padding):
    source = Texts(["1 2 3 4 5", "", "6"], numbers, 4, padding=padding, pad_id=9, fixed_length=False)
    assert source.lengths.tolist() == [4, 0, 1]
    assert [source[index].tolist() for index in range(3)] == [[1, 2, 3, 4], [], [6]]
    row = np.zeros(3, np.int32)
    source.pad(source[2], row)
    assert row.tolist() == ([9, 9, 6] if padding == "pre" else [6, 9, 9])
    assert rows_of(source, 5)[1].tolist() == [9] * 5
    assert Texts(["1"], numbers, 4).lengths is None


@pytest.mark.parametrize("kind", [list, tuple, np.array, lambda texts: np.array(texts, object), pd.Series])
def test_texts_in_memory_are_tokenized_once(kind):
    calls = []

    def tokenizer(text):
        calls.append(text)
        return numbers(text)

    texts = kind(["1 2", "3"])
    source = Texts(texts, tokenizer, 2)
    assert rows_of(source, 2).tolist() == [[1, 2], [3, 0]]
    assert calls == ["1 2", "3"]


def test_a_series_is_read_by_place_not_by_its_index():
    table = pd.Series(["1", "2", "3"], index=[2, 0, 1])
    assert rows_of(Texts(table[table != "2"], numbers, 1), 1).tolist() == [[1], [3]]


def test_other_texts_are_tokenized_when_they_are_asked_for():
    column = Column(["1 2", "3"])
    source = Texts(column, numbers, 2)
    assert column.asked == []
    assert source[1].tolist() == [3, 0]
    assert source[-2].tolist() == [1, 2]
    assert column.asked == [1, 0]


def test_other_texts_can_be_taken_into_memory():
    column = Column(["1 2", "3"])
    source = Texts(column, numbers, 2, in_memory=True, fixed_length=False)
    assert source.lengths.tolist() == [2, 1]
    assert source[0].tolist() == [1, 2]
    assert column.asked == [0, 1]


def test_texts_in_memory_cost_four_bytes_an_id_shared_with_worker_processes():
    texts = [f"some {number} words that are much longer than four bytes " * 5 for number in range(2000)]
    source = Texts(texts, WordTokenizer(), 30, fit=True)
    assert source._ids.lengths.sum() == 60_000
    assert source._ids._ids.nbytes == 4 * (60_000 + 1)
    assert file_of(source._ids._ids) is not None
    assert pickle.dumps(source).count(b"longer") == 0


def test_fitting_on_a_column_streams_over_it_and_then_encodes_on_demand():
    column = Column(["b a", "a"])
    source = Texts(column, tokenizer := WordTokenizer(), 2, fit=True)
    assert (column.asked, tokenizer.vocabulary) == ([0, 1], ["", "<unk>", "a", "b"])
    assert source[0].tolist() == [3, 2]


def test_a_tokenizer_of_hugging_face_keeps_its_special_tokens_when_it_truncates():
    tokenizer = byte_pairs()
    for column in (TEXTS, Column(TEXTS)):
        for truncating, direction in (("post", "right"), ("pre", "left")):
            source = Texts(column, tokenizer, 6, truncating=truncating)
            assert (tokenizer.truncation, tokenizer.padding) == (None, None)
            tokenizer.enable_truncation(6, direction=direction)
            tokenizer.enable_padding(length=6, pad_id=3, pad_token="[PAD]")
            wanted = [encoding.ids for encoding in tokenizer.encode_batch(TEXTS)]
            tokenizer.no_truncation()
            tokenizer.no_padding()
            assert rows_of(source, 6).tolist() == wanted


def test_its_own_padding_and_its_own_shorter_limit_hold():
    tokenizer = byte_pairs()
    tokenizer.enable_truncation(3)
    tokenizer.enable_padding(length=50, pad_id=2)
    source = Texts(TEXTS, tokenizer, 5)
    assert rows_of(source, 5)[0][:].tolist() == [*tokenizer.encode(TEXTS[0]).ids[:3], 2, 2]
    assert Texts(["a"], tokenizer, 1)[0].tolist() == [1]


def test_a_tokenizer_of_hugging_face_goes_to_other_processes():
    source = Texts(Column(TEXTS), byte_pairs(), 6)
    np.testing.assert_array_equal(rows_of(pickle.loads(pickle.dumps(source)), 6), rows_of(source, 6))


def test_a_tokenizer_of_hugging_face_in_worker_processes_warns_of_nothing(tmp_path):
    path = tmp_path / "tokenizer.json"
    byte_pairs().save(str(path))
    program = (
        "import amalthea\n"
        f"texts = {TEXTS} * 50\n"
        "class Column:\n"
        "    def __len__(self): return len(texts)\n"
        "    def __getitem__(self, index): return texts[index]\n"
        f"in_memory = amalthea.sources.Texts(texts, {str(path)!r}, 6)\n"
        f"asked = amalthea.sources.Texts(Column(), {str(path)!r}, 6)\n"
        "with amalthea.Loader(asked, shuffle=False, workers=2, use_multiprocessing=True) as loader:\n"
        "    print(sum((a == b).all() for a, b in zip(loader, amalthea.Loader(in_memory, shuffle=False))))\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != "TOKENIZERS_PARALLELISM"}
    command = [sys.executable, "-W", "error", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=environment)
    assert done.stdout.strip() == "8", done.stderr
    assert "parallelism" not in done.stderr


def test_one_with_a_part_in_python_is_refused_with_the_remedy():
    class Words:
        def pre_tokenize(self, text):
            text.split(lambda _, normalized: [normalized])

    tokenizer = byte_pairs()
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.PreTokenizer.custom(Words())
    with pytest.raises(ConfigurationError, match=r"lambda text: tokenizer.encode\(text\).ids"):
        Texts(TEXTS, tokenizer, 5)


def test_a_file_is_told_apart_by_what_is_in_it(tmp_path):
    theirs, ours, pairs = (tmp_path / name for name in ("legacy.json", "words.json", "pairs.json"))
    legacy = Tokenizer(num_words=6, oov_token="<unk>")
    legacy.fit_on_texts(TEXTS)
    theirs.write_text(legacy.to_json())
    WordTokenizer(6).fit(TEXTS).save(ours)
    byte_pairs().save(str(pairs))
    wanted = keras.utils.pad_sequences(legacy.texts_to_sequences(TEXTS), 5, padding="post", truncating="post")
    twice = tmp_path / "twice.json"
    twice.write_text(json.dumps(legacy.to_json()))
    for path in (theirs, str(ours), twice):
        np.testing.assert_array_equal(rows_of(Texts(TEXTS, path, 5), 5), wanted)
    np.testing.assert_array_equal(rows_of(Texts(TEXTS, pairs, 5), 5), rows_of(Texts(TEXTS, byte_pairs(), 5), 5))
    twice.write_text(json.dumps(pairs.read_text()))
    np.testing.assert_array_equal(rows_of(Texts(TEXTS, twice, 5), 5), rows_of(Texts(TEXTS, pairs, 5), 5))


@pytest.mark.parametrize("content", ["{", "[1]", json.dumps({"class_name": "Dense"})])
def test_a_file_of_something_else_is_refused(tmp_path, content):
    path = tmp_path / "other.json"
    path.write_text(content)
    with pytest.raises(ConfigurationError, match=r"other\.json"):
        Texts(TEXTS, path, 5)
    with pytest.raises(ConfigurationError, match=r"none\.json"):
        Texts(TEXTS, tmp_path / "none.json", 5)


@pytest.mark.parametrize("given_ids", [[0.5], ["a"], [[1]], [-1], [2**31], 7, None])
def test_a_function_that_gives_no_ids_says_so(given_ids):
    with pytest.raises(ConfigurationError, match=r"`tokenizer` gives .* must give a sequence of integers"):
        Texts(["a"], lambda text: given_ids, 5)


@pytest.mark.parametrize(
    ("texts", "options", "message"),
    [
        ("abc", {}, "`texts` is the single text 'abc'"),
        ([], {}, "`texts` is empty"),
        (iter(["1"]), {}, "of type list_iterator"),
        (["1", None], {}, "`texts` holds None of type NoneType at place 1"),
        (pd.Series(["1", "2", np.nan]), {}, "`texts` holds nan of type float at place 2"),
        (np.array([b"1"]), {}, "`texts` holds b'1' of type bytes at place 0"),
        (["1"], {"max_length": 0}, "`max_length` is 0"),
        (["1"], {"padding": "both"}, "`padding` is 'both'"),
        (["1"], {"truncating": None}, "`truncating` is None"),
        (["1"], {"pad_id": -1}, "`pad_id` is -1"),
        (["1"], {"dtype": "float32"}, "`dtype` is 'float32'"),
        (["1"], {"tokenizer": 5}, "`tokenizer` is 5 of type int"),
        (["1"], {"fit": True}, "`fit` is True; it is for a `WordTokenizer`"),
        (["1"], {"tokenizer": WordTokenizer()}, "knows no word yet"),
        (Column(["1"]), {"tokenizer": WordTokenizer()}, "knows no word yet"),
        (Column(["1"]), {"fixed_length": False}, "Pass `in_memory=True`"),
    ],
)
def test_arguments_that_cannot_be_used(texts, options, message):
    with pytest.raises(ConfigurationError, match=message):
        Texts(texts, **{"tokenizer": numbers, "max_length": 5, **options})


@pytest.fixture
def files(tmp_path):
    paths = [tmp_path / f"{number}.txt" for number in range(3)]
    for path, text in zip(paths, ["Café\nau lait", "", "au au"], strict=True):
        path.write_bytes(text.encode())
    return paths


def test_contents_are_the_texts_in_files(files):
    contents = Contents(files)
    assert list(contents) == contents[:] == ["Café\nau lait", "", "au au"]
    assert (len(contents), contents[-1], contents.name(2)) == (3, "au au", str(files[2]))


@pytest.mark.parametrize(
    "content", [b"\xef\xbb\xbfThe cat\r\nsat\r\n", b"a\rb\n\rc\r\r\n", b"\xef\xbb\xbf", b"\x1c\x85 \xc2\x85"]
)
def test_files_are_read_as_open_reads_them(tmp_path, content):
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    try:
        wanted = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        with pytest.raises(UnicodeDecodeError, match=re.escape(str(error))):
            Contents([path])[0]
    else:
        assert Contents([path])[0] == wanted


def test_words_of_files_of_windows_are_those_of_other_files(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xef\xbb\xbfthe cat\r\nthe cat\r\n")
    assert WordTokenizer().fit(Contents([path])).vocabulary == ["", "<unk>", "the", "cat"]


def test_text_files_are_read_when_they_are_asked_for_and_have_names(files):
    source = TextFiles(files, tokenizer := WordTokenizer(), 3, fit=True)
    files[1].write_text("lait")
    assert tokenizer.vocabulary == ["", "<unk>", "au", "café", "lait"]
    assert rows_of(source, 3).tolist() == [[3, 2, 4], [4, 0, 0], [2, 2, 0]]
    assert source.name(1) == str(files[1])
    assert TextFiles(files, tokenizer, 3, in_memory=True).name(1) == str(files[1])


def assert_broken(source, index, message):
    """The sample is an error in all ways in which it can be read."""
    rows = np.zeros((2, 3), np.int32)
    indices = np.array([len(source) - 1, index])
    for read in (lambda: source[index], lambda: source.read_into(index, rows[0])):
        with pytest.raises(SampleError, match=message):
            read()
    with pytest.raises(SampleError, match=message):
        source.read_rows(indices, rows)


@pytest.mark.parametrize("tokenizer", [None, byte_pairs(), lambda text: [1, 2]], ids=["words", "pairs", "function"])
@pytest.mark.parametrize("fixed_length", [True, False])
def test_a_file_that_cannot_be_taken_into_memory_is_an_error_when_it_is_asked_for(files, tokenizer, fixed_length):
    files[1].write_bytes(b"\xff")
    options = {"fit": tokenizer is None, "in_memory": True, "fixed_length": fixed_length}
    source = TextFiles(files, tokenizer or WordTokenizer(), 3, **options)
    good = TextFiles(files[::2], tokenizer or WordTokenizer(), 3, **options)
    assert_broken(source, 1, r"sample 1 .*1\.txt.*: UnicodeDecodeError: .* byte 0xff in position 0")
    rows = np.zeros((2, 3), np.int32)
    source.read_rows(np.array([0, 2]), rows)
    np.testing.assert_array_equal(rows, rows_of(good, 3))


def test_what_is_broken_is_known_in_other_processes(files):
    files[1].unlink()
    source = TextFiles(files, WordTokenizer(), 3, fit=True, in_memory=True)
    assert_broken(pickle.loads(pickle.dumps(source)), 1, "FileNotFoundError")


@pytest.mark.parametrize("in_memory", [True, False])
def test_if_no_text_can_be_read_to_fit_on_the_first_error_is_raised(in_memory):
    paths = ["no/a.txt", "no/b.txt"]
    with pytest.raises(SampleError, match=r"sample 0 \('no/a\.txt'\).*FileNotFoundError"):
        TextFiles(paths, WordTokenizer(), 3, fit=True, in_memory=in_memory)


def test_a_text_that_a_function_fails_on_is_an_error_when_it_is_asked_for():
    source = Texts(["a", "b", "c"], lambda text: [{"a": 1, "c": 3}[text]], 3)
    assert (source[0].tolist(), source[2].tolist()) == ([1, 0, 0], [3, 0, 0])
    assert_broken(source, 1, r"sample 1 .*stage 'source': KeyError: 'b'")


def test_a_text_that_hugging_face_fails_on_is_an_error_when_it_is_asked_for():
    good = Texts(TEXTS, byte_pairs(), 3)
    source = Texts([*TEXTS[:2], "\ud800 x", *TEXTS[2:]], byte_pairs(), 3)
    assert_broken(source, 2, r"sample 2 .*TypeError")
    rows = np.zeros((len(TEXTS), 3), np.int32)
    source.read_rows(np.array([0, 1, 3, 4, 5]), rows)
    np.testing.assert_array_equal(rows, rows_of(good, 3))


def test_places_of_broken_texts_count_over_all_chunks():
    texts = ["a" * (encoders.CHUNK // 3)] * 10
    texts[7] = "b" + texts[7]
    source = Texts(texts, lambda text: [{"a": 1}[text[0]]], 3)
    assert_broken(source, 7, "sample 7 .*KeyError: 'b'")
    assert source[6].tolist() == source[8].tolist() == [1, 0, 0]


def test_an_error_that_quotes_its_text_is_kept_in_short():
    source = Texts(["a", "b" * 10_000], lambda text: [{"a": 1}[text]], 3)
    assert len(pickle.dumps(source._broken)) < 1000


@pytest.mark.parametrize("paths", ["a.txt", b"a.txt"])
def test_a_single_path_is_refused(paths):
    with pytest.raises(ConfigurationError, match="`paths` is the single path"):
        TextFiles(paths, numbers, 3)
