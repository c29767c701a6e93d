"""WordTokenizer against the legacy Tokenizer of Keras, on every backend."""

import json
import pickle
import weakref

import numpy as np
import pytest
import tokenizers
from hypothesis import example, given, settings
from hypothesis import strategies as st
from keras.src.legacy.preprocessing.text import Tokenizer, tokenizer_from_json

from amalthea import ConfigurationError, SampleError, WordTokenizer
from amalthea.sources import Contents, _numbering
from amalthea.sources._splitting import FILTERS

# Few letters, so that words come again; what splits, or looks as if it did; and what is special in lower case.
LETTERS = "aAbB .,'\t\n\r\x00\x1c\xa0\xffİẞΣ\u03c3\u03c2KßéÉあ\ud800😀<>"
TEXTS = st.lists(st.text(st.sampled_from(LETTERS), max_size=40), min_size=1, max_size=12)
# Words that begin with others, of about as many bytes as are looked at.
LONG_WORD = st.builds(lambda size, end: "a" * size + end, st.integers(5, 20), st.sampled_from(["", "\x00", "\xff"]))
LONG_WORDS = st.lists(LONG_WORD, min_size=1, max_size=30).map(" ".join)


def legacy(texts, **options):
    tokenizer = Tokenizer(**options)
    tokenizer.fit_on_texts(texts)
    return tokenizer


def lists(encoded):
    ids, offsets = encoded
    return [part.tolist() for part in np.split(ids, offsets[1:-1])] if len(offsets) > 1 else []


def joined(pieces):
    return [part.tolist() for ids, lengths in pieces for part in np.split(ids, np.cumsum(lengths)[:-1])]


def check(texts, others, vocab_size, **options):
    """All ways to ids give those of the legacy class."""
    theirs = legacy(texts, num_words=vocab_size, **options)
    ours = WordTokenizer(vocab_size, **options)
    if not theirs.word_counts:
        with pytest.raises(ConfigurationError, match="has no word"):
            ours.fit(texts)
        return
    assert joined(ours.fit_pieces(iter(texts))) == theirs.texts_to_sequences(texts)
    twice = WordTokenizer(vocab_size, **options).fit(texts)
    twice.fit(iter([*others, "a b"]))
    for text in [*texts, *others]:
        assert ours.encode(text).tolist() == theirs.texts_to_sequences([text])[0]
    assert lists(ours.encode_many([*texts, *others])) == theirs.texts_to_sequences([*texts, *others])
    theirs.fit_on_texts([*others, "a b"])
    assert lists(twice.encode_many(texts)) == theirs.texts_to_sequences(texts)


@settings(max_examples=150)
@given(
    TEXTS,
    TEXTS,
    st.sampled_from([None, 3, 4, 7]),
    st.sampled_from([None, "<unk>", "a", "zz", ""]),
    st.sampled_from([FILTERS, "", ".", "aB", "é ,", "あ.\xff"]),
    st.booleans(),
    st.sampled_from([" ", ".", "a", "ab", " .", "é"]),
)
@example(["BΣ.B BΣ"], ["bς"], None, "<unk>", FILTERS, True, " ")
@example(["a <unk> <unk>"], ["b"], None, "<unk>", "", True, " ")
def test_ids_are_those_of_the_legacy_class(texts, others, vocab_size, oov_token, filters, lower, split):
    check(texts, others, vocab_size, oov_token=oov_token, filters=filters, lower=lower, split=split)


@settings(max_examples=20)
@given(st.lists(LONG_WORDS, min_size=2, max_size=5), st.sampled_from([None, 3, 10]))
@example(["a" * 16, "a" * 17, "a" * 16], None)
@example(["a" * 17, "a" * 16, "a" * 17], None)
@example(["a" * 7, "a" * 7 + "\x00", "a" * 7], None)
def test_ids_of_words_of_about_sixteen_bytes_are_those_of_the_legacy_class(texts, vocab_size):
    # Each text fills a chunk, so that the words of those before are remembered.
    check([text + " " * _numbering.CHUNK for text in texts], texts[:3], vocab_size, oov_token="<unk>")


def sentences(count, words, vocabulary, seed=0):
    rng = np.random.default_rng(seed)
    return [
        " ".join(f"w{number}" for number in row) + "."
        for row in np.minimum(rng.zipf(1.3, (count, words)), vocabulary).tolist()
    ]


def test_ids_of_many_chunks_and_more_words_than_slots_are_those_of_the_legacy_class():
    rare = (" ".join(f"rare{number * 1000 + place} word" for place in range(1000)) for number in range(135))
    texts = [*sentences(1000, 60, 10**7), *rare]
    theirs = legacy(texts, num_words=100_000, oov_token="<unk>")
    tokenizer = WordTokenizer(100_000)
    assert joined(tokenizer.fit_pieces(texts)) == theirs.texts_to_sequences(texts)
    assert lists(tokenizer.encode_many(texts)) == theirs.texts_to_sequences(texts)
    assert sum(map(len, texts)) > 10 * _numbering.CHUNK
    assert len(theirs.word_index) > 1 << _numbering.SLOT_BITS


def test_the_vocabulary_names_each_id_and_is_as_long_as_an_embedding_must_be():
    tokenizer = WordTokenizer(4).fit(["b a a c", "a b"])
    assert tokenizer.vocabulary == ["", "<unk>", "a", "b"]
    assert WordTokenizer(oov_token=None).fit(["b a a"]).vocabulary == ["", "a", "b"]
    assert WordTokenizer(100).fit(["b a a"]).vocabulary == ["", "<unk>", "a", "b"]


def test_decode_gives_the_words_of_the_legacy_class_without_padding():
    texts = ["b a a c", "a b, d"]
    for vocab_size, oov_token in [(None, "<unk>"), (4, "<unk>"), (4, None), (None, "a")]:
        theirs = legacy(texts, num_words=vocab_size, oov_token=oov_token)
        ours = WordTokenizer(vocab_size, oov_token=oov_token).fit(texts)
        for ids in [[1, 2, 3], [3, 3, 4], [99, 1], []]:
            assert ours.decode([*ids, 0, 0]) == theirs.sequences_to_texts([ids])[0]


def test_an_iterator_is_read_once_and_its_texts_are_not_kept():
    class Text(str):
        __slots__ = ("__weakref__",)

    alive = weakref.WeakSet()
    most = 0

    def texts():
        nonlocal most
        for number in range(3000):
            text = Text(f"word{number % 7} " * 20)
            alive.add(text)
            most = max(most, len(alive))
            yield text

    tokenizer = WordTokenizer().fit(texts())
    assert len(tokenizer.vocabulary) == 9
    assert 0 < most < 1500


def test_verbose_shows_how_far_it_is_and_changes_nothing(capsys):
    assert WordTokenizer().fit(["a b"] * 3, verbose=True).vocabulary == ["", "<unk>", "a", "b"]
    assert "Counting words" in capsys.readouterr().out
    WordTokenizer().fit(iter(["a b"]))
    assert capsys.readouterr().out == ""


@settings(max_examples=50)
@given(TEXTS, st.sampled_from([None, 5]), st.sampled_from([None, "<unk>", "a"]))
def test_both_read_the_file_of_the_other(tmp_path_factory, texts, vocab_size, oov_token):
    texts = [*texts, "a b a"]
    path = tmp_path_factory.mktemp("words") / "words.json"
    theirs = legacy(texts, num_words=vocab_size, oov_token=oov_token)
    ours = WordTokenizer(vocab_size, oov_token=oov_token).fit(texts)
    ours.save(path)
    saved = json.loads(path.read_text(encoding="utf-8"))
    uncounted = {"document_count": 0, "word_docs": "{}", "index_docs": "{}"}
    wanted = json.loads(theirs.to_json())
    assert saved == {**wanted, "config": {**wanted["config"], **uncounted}}
    assert tokenizer_from_json(path.read_text()).texts_to_sequences(texts) == theirs.texts_to_sequences(texts)
    assert lists(WordTokenizer.load(path).encode_many(texts)) == theirs.texts_to_sequences(texts)
    path.write_text(theirs.to_json())
    loaded = WordTokenizer.load(path)
    assert lists(loaded.encode_many(texts)) == theirs.texts_to_sequences(texts)
    theirs.fit_on_texts(["b c c c c"])
    assert lists(loaded.fit(["b c c c c"]).encode_many(texts)) == theirs.texts_to_sequences(texts)


def test_a_file_with_json_in_a_string_is_read(tmp_path):
    path = tmp_path / "words.json"
    path.write_text(json.dumps(legacy(["b a a"], oov_token="<unk>").to_json()))
    assert WordTokenizer.load(path).vocabulary == ["", "<unk>", "a", "b"]


def test_a_name_of_the_padding_in_the_file_is_no_word(tmp_path):
    path = tmp_path / "words.json"
    theirs = legacy(["b a a"], oov_token="<unk>")
    theirs.word_index["<pad>"] = 0
    path.write_text(theirs.to_json())
    loaded = WordTokenizer.load(path)
    assert loaded.vocabulary == ["", "<unk>", "a", "b"]
    assert loaded.fit(["c"]).vocabulary == ["", "<unk>", "a", "b", "c"]


def config(**changes):
    content = json.loads(legacy(["a b"], oov_token="<unk>").to_json())
    content["config"].update(changes)
    return json.dumps(content)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "Expecting value"),
        ("[]", "other JSON"),
        ('{"model": {}}', "other JSON"),
        ('{"class_name": "Tokenizer", "config": {}}', "it has no 'word_counts'"),
        (config(char_level=True), "char_level"),
        (config(word_index='{"a": "1"}'), "`word_index` is no dict of integers"),
        (config(word_index='{"a": 1, "b": 1}'), "gives an id twice"),
        (config(word_index='{"a": 1, "b": -1}'), "an id below 0"),
        ('"{"', "Expecting"),
        ('"a"', "Expecting"),
        (r'"\"a\""', "other JSON"),
        (config(word_counts="{"), "Expecting"),
        (config(split=""), "`split` is ''"),
        (config(num_words=1), "`vocab_size` is 1"),
    ],
)
def test_another_or_a_broken_file_says_what_is_wrong(tmp_path, content, reason):
    path = tmp_path / "words.json"
    path.write_text(content)
    with pytest.raises(ConfigurationError, match=reason):
        WordTokenizer.load(path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match=r"none\.json"):
        WordTokenizer.load(tmp_path / "none.json")


def test_a_save_that_fails_leaves_the_file_that_was_there(tmp_path):
    path = tmp_path / "words.json"
    WordTokenizer().fit(["a"]).save(path)
    (tmp_path / "words.json.part").mkdir()
    with pytest.raises(OSError):
        WordTokenizer().fit(["b"]).save(path)
    assert WordTokenizer.load(path).vocabulary == ["", "<unk>", "a"]


@pytest.mark.parametrize("name", ["nodir/x.json", "a.txt/x.json"])
def test_a_save_into_no_folder_names_what_was_given(tmp_path, name):
    (tmp_path / "a.txt").touch()
    path = tmp_path / name
    with pytest.raises(ConfigurationError, match=f"`path` is '{path}', and there is no folder '{path.parent}'"):
        WordTokenizer().fit(["a"]).save(path)


def test_a_save_needs_no_folder_to_be_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    WordTokenizer().fit(["a"]).save("words.json")
    assert WordTokenizer.load("words.json").vocabulary == ["", "<unk>", "a"]


@pytest.mark.parametrize("split", [" ", "ab"])
@pytest.mark.parametrize("lower", [True, False])
def test_to_tokenizers_gives_the_same_ids_for_ascii(lower, split):
    texts = ["The cat, sat!", "a\tb [c] (d) ^ - x\\y", "the ABBA\ncab  dog", "", "cat cat"]
    ours = WordTokenizer(9, lower=lower, split=split).fit(texts)
    theirs = ours.to_tokenizers()
    assert isinstance(theirs, tokenizers.Tokenizer)
    for text in [*texts, "some other words, Cat"]:
        assert theirs.encode(text).ids == ours.encode(text).tolist()


def test_to_tokenizers_needs_a_token_for_other_words():
    with pytest.raises(ConfigurationError, match="`oov_token` is None"):
        WordTokenizer(oov_token=None).fit(["a"]).to_tokenizers()


def test_it_goes_to_worker_processes():
    tokenizer = pickle.loads(pickle.dumps(WordTokenizer().fit(["a b", "c a"])))
    assert tokenizer.encode("a d c").tolist() == [2, 1, 4]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"vocab_size": 2}, "`vocab_size` is 2, which leaves no id for a word"),
        ({"vocab_size": 1, "oov_token": None}, "must be 2 or more"),
        ({"vocab_size": 0}, "`vocab_size` is 0"),
        ({"oov_token": 1}, "`oov_token` is 1"),
        ({"split": ""}, "`split` is ''"),
        ({"split": None}, "`split` is None"),
        ({"filters": None}, "`filters` is None"),
    ],
)
def test_arguments_that_cannot_be_used(options, message):
    with pytest.raises(ConfigurationError, match=message):
        WordTokenizer(**options)


@pytest.mark.parametrize("missing", [None, float("nan"), 7, b"c"])
def test_what_is_no_text_is_named_with_its_place(missing):
    message = f"holds {missing!r} of type {type(missing).__name__} at place 2"
    for use in (WordTokenizer().fit, WordTokenizer().fit(["a"]).encode_many):
        with pytest.raises(ConfigurationError, match=message):
            use(["a", "b", missing])


@pytest.mark.parametrize("text", ["a cat", b"a cat", ""])
def test_a_single_text_is_not_taken_for_texts_of_a_character(text):
    tokenizer = WordTokenizer()
    uses = [tokenizer.fit, lambda text: tokenizer.fit(text, verbose=True), WordTokenizer().fit(["a"]).encode_many]
    for use in uses:
        with pytest.raises(ConfigurationError, match=f"`texts` is the single text {text!r}"):
            use(text)


def test_a_fit_that_fails_changes_nothing():
    tokenizer = WordTokenizer().fit(["a b"])
    with pytest.raises(ConfigurationError):
        tokenizer.fit(["c", None])
    assert tokenizer.vocabulary == ["", "<unk>", "a", "b"]


def test_without_a_word_there_is_no_vocabulary():
    for texts in ([], ["", " .,"]):
        with pytest.raises(ConfigurationError, match="the vocabulary would be empty"):
            WordTokenizer().fit(texts)
    with pytest.raises(ConfigurationError, match="knows no word yet"):
        WordTokenizer().encode("a")


def test_a_text_of_a_million_words():
    tokenizer = WordTokenizer().fit(["b " * 1_000_000, "a"])
    assert tokenizer.encode("a b " * 500_000).tolist() == [3, 2] * 500_000


def test_fitting_on_files_names_the_one_that_cannot_be_read(tmp_path):
    paths = [tmp_path / name for name in ("a.txt", "b.txt")]
    paths[0].write_text("Café", encoding="utf-8")
    paths[1].write_bytes("Café".encode("latin-1"))
    assert WordTokenizer().fit(Contents(paths[:1])).vocabulary == ["", "<unk>", "café"]
    with pytest.raises(SampleError, match=r"sample 1 .*b\.txt.*UnicodeDecodeError.* position 3"):
        WordTokenizer().fit(Contents(paths))
