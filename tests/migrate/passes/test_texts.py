"""`WordTokenizer` in the place of the legacy `Tokenizer`."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import amalthea
from amalthea.migrate.passes.texts import Texts
from one_pass import marks_in, ran, rewritten

IMPORT = "from keras.src.legacy.preprocessing.text import Tokenizer, tokenizer_from_json\n"
PROGRAM = """
tokenizer = Tokenizer({options})
tokenizer.fit_on_texts(texts)
ids = tokenizer.texts_to_sequences(texts + ["a b zebra"])
lazy = list(tokenizer.texts_to_sequences_generator(texts))
first = tokenizer.texts_to_sequences([texts[0]])[0]
back = tokenizer.sequences_to_texts(ids)
words = tokenizer.word_index, tokenizer.index_word, dict(tokenizer.word_counts)
"""

options = st.fixed_dictionaries(
    {},
    optional={
        "num_words": st.none() | st.integers(3, 9),
        "oov_token": st.none() | st.just("<OOV>"),
        "filters": st.sampled_from(["", "!?", ",;b"]),
        "lower": st.booleans(),
        "split": st.sampled_from([" ", "-"]),
        "char_level": st.just(False),
    },
)


@settings(max_examples=30)
@given(options=options, texts=st.lists(st.text("aAbBcd -,!", min_size=1), max_size=6))
def test_the_ids_are_the_same(options, texts):
    text = IMPORT + PROGRAM.format(options=", ".join(f"{name}={value!r}" for name, value in options.items()))
    names = {"texts": ["a-b c", *texts]}
    before, after = ran(text, **names), ran(rewritten(Texts, text), amalthea=amalthea, **names)
    assert isinstance(after["tokenizer"], amalthea.WordTokenizer)
    for name in ("ids", "lazy", "first", "back", "words"):
        assert after[name] == before[name], name


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("t = Tokenizer()", "t = amalthea.WordTokenizer(oov_token=None)"),
        ("t = Tokenizer(100)", "t = amalthea.WordTokenizer(100, oov_token=None)"),
        ("t = Tokenizer(nb_words=n, oov_token='?')", "t = amalthea.WordTokenizer(vocab_size=n, oov_token='?')"),
        ("self.t = Tokenizer(lower=False)", "self.t = amalthea.WordTokenizer(lower=False, oov_token=None)"),
        ("x = t.texts_to_sequences(text)", "x = [t.encode(text).tolist() for text in text]"),
        ("x = text.texts_to_sequences(a + b)", "x = [text.encode(one_text).tolist() for one_text in a + b]"),
        ("x = t.texts_to_sequences([a])", "x = [t.encode(a).tolist()]"),
        ("x = t.texts_to_sequences([a])[0]", "x = t.encode(a).tolist()"),
        ("x = t.texts_to_sequences([a])[0][:5]", "x = t.encode(a).tolist()[:5]"),
        ("x = t.texts_to_sequences([a, b])[0]", "x = [t.encode(text).tolist() for text in [a, b]][0]"),
        ("x = t.sequences_to_texts([ids])[0]", "x = t.decode(ids)"),
        ("t.fit_on_texts(texts=a)", "t.fit(texts=a)"),
    ],
)
def test_lines_are_turned(line, expected):
    assert rewritten(Texts, f"{IMPORT}{line}\n") == f"{IMPORT}{expected}\n"


def test_arrays_are_enough_for_padding():
    text = f"{IMPORT}from keras.utils import pad_sequences\nx = pad_sequences(t.texts_to_sequences(a), maxlen=3)\n"
    assert rewritten(Texts, text).endswith("x = pad_sequences([t.encode(text) for text in a], maxlen=3)\n")


@pytest.mark.parametrize(
    "block",
    [
        "with open('t.json', 'w') as f:\n    f.write(t.to_json())\n",
        "with open('t.json', 'w') as f:\n    json.dump(t.to_json(), f)\n",
        "with io.open('t.json', 'w') as f:\n    f.write(json.dumps(t.to_json(), ensure_ascii=False))\n",
        "with open('t.json', 'w') as f:\n    text = t.to_json()\n    f.write(text)\n",
    ],
)
def test_a_tokenizer_writes_its_own_file(block):
    text = f"{IMPORT}t = Tokenizer(oov_token='?')\n{block}"
    assert rewritten(Texts, text).endswith("\nt.save('t.json')\n")


@pytest.mark.parametrize(
    "block",
    [
        "with open('t.json') as f:\n    t = tokenizer_from_json(f.read())\n",
        "with open('t.json') as f:\n    t = tokenizer_from_json(json.load(f))\n",
        "with open('t.json') as f:\n    data = json.load(f)\n    t = tokenizer_from_json(data)\n",
        "with open('t.json') as f:\n    data = f.read()\nt = tokenizer_from_json(data)\n",
    ],
)
def test_a_tokenizer_reads_its_own_file(block):
    assert rewritten(Texts, IMPORT + block) == f"{IMPORT}t = amalthea.WordTokenizer.load('t.json')\n"


def test_a_text_that_is_read_for_more_stays():
    text = f"{IMPORT}with open('t.json') as f:\n    data = f.read()\nt = tokenizer_from_json(data)\nprint(data)\n"
    once = rewritten(Texts, text)
    assert "data = f.read()" in once and "WordTokenizer.load(path)" in marks_in(once)[0]
    assert rewritten(Texts, once) == once


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("t = Tokenizer(char_level=True)", "WordTokenizer"),
        ("t = Tokenizer(analyzer=str.split)", "WordTokenizer"),
        ("t = Tokenizer(**options)", "WordTokenizer"),
        ("x = t.texts_to_matrix(texts)", "np.bincount"),
        ("x = text_to_word_sequence('a b')", "split()"),
        ("x = skipgrams(ids, 5)", "by hand"),
        ("t.fit_on_texts(*texts)", "fit(texts)"),
    ],
)
def test_what_has_no_counterpart_is_left_alone_and_marked_once(line, word):
    more = "from keras.preprocessing.text import text_to_word_sequence\n"
    more += "from keras.preprocessing.sequence import skipgrams\n"
    once = rewritten(Texts, f"{IMPORT}{more}{line}\n")
    assert once.endswith(f"\n{line}\n") and len(marks_in(once)) == 1 and word in marks_in(once)[0]
    assert rewritten(Texts, once) == once


def test_no_method_of_a_tokenizer_that_stays_is_turned():
    text = f"{IMPORT}t = Tokenizer(char_level=True)\nt.fit_on_texts(texts)\nx = t.texts_to_sequences(texts)\n"
    assert rewritten(Texts, text).endswith("\nt.fit_on_texts(texts)\nx = t.texts_to_sequences(texts)\n")


def test_where_a_tokenizer_comes_from_elsewhere_its_methods_are_marked():
    once = rewritten(Texts, "def ids(tokenizer, texts):\n    return tokenizer.texts_to_sequences(texts)\n")
    assert "return tokenizer.texts_to_sequences(texts)" in once and "tokenizer.encode" in marks_in(once)[0]


def test_tokenizers_of_other_libraries_stay():
    text = (
        "from transformers import AutoTokenizer as Tokenizer\nt = Tokenizer.from_pretrained('x')\nx = t.encode('a')\n"
    )
    assert rewritten(Texts, text) == text
