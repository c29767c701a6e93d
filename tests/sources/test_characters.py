"""CharacterCodes: the first words of a text as the codes of their characters."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import amalthea
from amalthea._shared import file_of
from amalthea.errors import ConfigurationError, SampleError
from amalthea.sources import CharacterCodes


def model(text, max_words, length):
    codes = list(map(ord, " ".join(text.split()[:max_words])))[:length]
    return codes + [0] * (length - len(codes))


TEXTS = st.text(st.one_of(st.characters(), st.sampled_from(" \t\n\u2003ab")), max_size=30)


@given(st.lists(TEXTS, min_size=1, max_size=5), st.integers(1, 4), st.integers(1, 12))
def test_they_are_the_codes_of_the_first_words_cut_or_filled_up(texts, max_words, length):
    source = CharacterCodes(texts, max_words, length)
    assert len(source) == len(texts)
    for sample, text in zip(source, texts, strict=True):
        assert (sample.dtype, sample.tolist()) == (np.int32, model(text, max_words, length))


@given(st.lists(TEXTS, min_size=1, max_size=5), st.integers(1, 4))
def test_without_a_length_it_is_that_of_the_longest(texts, max_words):
    longest = max(len(" ".join(text.split()[:max_words])) for text in texts)
    assert CharacterCodes(texts, max_words).max_length == max(1, longest)


def test_texts_in_files_are_the_same(tmp_path):
    texts = ["so it  goes\non", "", "Übergröße 😀 x"]
    paths = [tmp_path / f"{number}.txt" for number in range(3)]
    for path, text in zip(paths, texts, strict=True):
        path.write_bytes(text.encode())
    for length in (None, 5):
        source, other = CharacterCodes.of_files(paths, 2, length), CharacterCodes(texts, 2, length)
        assert source.max_length == other.max_length
        assert [sample.tolist() for sample in source] == [sample.tolist() for sample in other]
    assert (source.name(1), other.name) == (str(paths[1]), None)


def test_a_row_is_written_in_place():
    row = np.full(6, 9, np.int32)
    CharacterCodes(["ab c", "d"], 2, 6).read_into(1, row)
    assert row.tolist() == [ord("d"), 0, 0, 0, 0, 0]


def test_a_text_of_a_million_words_costs_its_first_ones():
    source = CharacterCodes(["word " * 1_000_000], max_words=2)
    assert "".join(map(chr, source[0])) == "word word"


def test_many_texts_are_kept_in_shared_memory():
    assert file_of(CharacterCodes(["twelve chars"] * 2000, 2)._texts._codes) is not None


def test_a_file_that_is_not_utf_8_is_named(tmp_path):
    paths = [tmp_path / "good.txt", tmp_path / "bad.txt"]
    paths[0].write_text("good")
    paths[1].write_bytes(b"na\xefve")
    with pytest.raises(ConfigurationError, match=r"bad.txt' cannot be read: the text is not UTF-8: byte 2 is 0xef"):
        CharacterCodes.of_files(paths, 3)
    loader = amalthea.Loader(CharacterCodes.of_files(paths, 3, 8), batch_size=2, shuffle=False)
    with pytest.raises(SampleError, match=r"sample 1 .*bad.txt.*the text is not UTF-8: byte 2 is 0xef"):
        loader[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("a text", 3), "`texts` is the single string 'a text'"),
        ((["a", 3], 3), "`texts` holds 3 at place 1"),
        ((["a"], 0), "`max_words` is 0"),
        ((["a"], 1, 0), "`max_length` is 0"),
    ],
)
def test_what_is_no_text_is_an_error(arguments, message):
    with pytest.raises(ConfigurationError, match=message):
        CharacterCodes(*arguments)


def test_one_path_alone_is_an_error():
    with pytest.raises(ConfigurationError, match="`paths` is the single string"):
        CharacterCodes.of_files("a.txt", 3)
