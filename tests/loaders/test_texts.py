"""TextLoader: the same stream in every way of working, each text once, and errors that say it."""

import os

import keras
import numpy as np
import pytest
import tokenizers
from keras.src.legacy.preprocessing.text import Tokenizer

import amalthea
from amalthea import ConfigurationError, SampleError, TextLoader, WordTokenizer
from amalthea.sources import Contents

SIZE = 70
RNG = np.random.default_rng(0)
# The first word of a text is its own, so that a row tells which text it is.
TEXTS = [f"text{number} " + "Some words, " * int(RNG.integers(0, 30)) for number in range(SIZE)]
LABELS = [number % 3 for number in range(SIZE)]


def write(folder, texts, labels):
    for number, (text, label) in enumerate(zip(texts, labels, strict=True)):
        path = folder / f"class{label}" / f"{number:03d}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return folder


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path, TEXTS, LABELS)


def two_epochs(loader):
    with loader:
        return [*loader, *loader]


def assert_same(batches, others):
    for (ids, labels), (other_ids, other_labels) in zip(batches, others, strict=True):
        np.testing.assert_array_equal(ids, other_ids)
        np.testing.assert_array_equal(labels, other_labels)


def test_ids_and_labels_are_those_of_the_legacy_classes():
    loader = TextLoader(TEXTS, LABELS, max_length=20, vocab_size=40, batch_size=32, shuffle=False)
    legacy = Tokenizer(num_words=40, oov_token="<unk>")
    legacy.fit_on_texts(TEXTS)
    ids = legacy.texts_to_sequences(TEXTS)
    wanted = keras.utils.pad_sequences(ids, 20, padding="post", truncating="post")
    np.testing.assert_array_equal(np.concatenate([batch[0] for batch in loader]), wanted)
    np.testing.assert_array_equal(np.concatenate([batch[1] for batch in loader]), LABELS)
    assert (loader.vocab_size, len(loader.vocabulary), loader.vocabulary[:3]) == (40, 40, ["", "<unk>", "some"])
    assert loader.class_names == ["0", "1", "2"]


@pytest.mark.parametrize("options", [{"shuffle": False}, {}, {"bucket_by_length": True}, {"lazy": True}])
def test_the_stream_is_the_same_with_threads_and_processes(tmp_path, options):
    options = dict(options)
    texts = TEXTS
    if options.pop("lazy", False):
        write(tmp_path, TEXTS, [0] * SIZE)
        texts = Contents(sorted((tmp_path / "class0").iterdir()))
    common = {"max_length": 40, "seed": 3, "batch_size": 16, **options}
    expected = two_epochs(TextLoader(texts, LABELS, workers=0, **common))
    for workers, processes in ((1, False), (2, False), (1, True), (2, True)):
        loader = TextLoader(texts, LABELS, workers=workers, use_multiprocessing=processes, **common)
        assert_same(two_epochs(loader), expected)


@pytest.mark.parametrize("bucket_by_length", [False, True])
def test_each_text_comes_once_an_epoch_with_its_label(bucket_by_length):
    loader = TextLoader(
        TEXTS, LABELS, max_length=40, batch_size=8, seed=1, bucket_by_length=bucket_by_length, padding="pre"
    )
    with loader:
        for _ in range(2):
            rows = [
                (next(word for word in (loader.vocabulary[i] for i in row) if word.startswith("text")), int(label))
                for ids, labels in loader
                for row, label in zip(ids, labels, strict=True)
            ]
            assert sorted(rows) == sorted((text.split()[0], label) for text, label in zip(TEXTS, LABELS, strict=True))


def test_bucketed_batches_are_as_long_as_their_texts_and_of_sixteen_lengths_at_most():
    texts = ["w " * (number % 150) for number in range(900)]
    loader = TextLoader(texts, max_length=100, batch_size=4, seed=1, bucket_by_length=True, workers=0)
    lengths = {batch.shape[1] for batch in loader}
    assert len(lengths) <= 16
    assert max(lengths) == 100
    assert min(lengths) < 20
    padded = sum(int((batch == 0).sum()) for batch in loader)
    assert padded < 0.2 * sum(batch.size for batch in loader)


def test_a_folder_is_split_with_one_vocabulary_for_both(folder):
    training, validation = TextLoader.from_directory(
        folder, max_length=10, validation_split=0.3, subset="both", seed=5, vocab_size=30, oov_token="?", verbose=False
    )
    assert validation.tokenizer is training.tokenizer
    assert isinstance(training.tokenizer, WordTokenizer)
    assert training.vocabulary[:2] == ["", "?"]
    assert training.vocab_size == 30
    fitted = WordTokenizer(30, oov_token="?").fit(Contents(training.file_paths))
    assert training.vocabulary == fitted.vocabulary
    paths = [*training.file_paths, *validation.file_paths]
    assert len(set(paths)) == len(paths) == SIZE
    (ids, labels), path = validation[0], validation.file_paths[0]
    np.testing.assert_array_equal(ids[0], amalthea.sources.Texts([Contents([path])[0]], fitted, 10)[0])
    assert f"class{labels[0]}" in path
    alone = TextLoader.from_directory(
        folder,
        max_length=10,
        validation_split=0.3,
        subset="validation",
        seed=5,
        tokenizer=training.tokenizer,
        verbose=False,
    )
    assert_same(alone, validation)


def test_a_folder_can_be_bucketed_and_its_validation_part_is_not(folder):
    training, validation = TextLoader.from_directory(
        folder, max_length=40, validation_split=0.3, subset="both", bucket_by_length=True, batch_size=4, verbose=False
    )
    assert len({batch[0].shape[1] for batch in training}) > 1
    assert {batch[0].shape[1] for batch in validation} == {40}


def test_a_tokenizer_of_hugging_face_and_a_function(tmp_path):
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel({"[UNK]": 0, "a": 1, "b": 2, "<pad>": 3}, "[UNK]"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    loader = TextLoader(["a b", "b c b a"], max_length=3, tokenizer=tokenizer, shuffle=False)
    assert loader[0].tolist() == [[1, 2, 3], [2, 0, 2]]
    assert (loader.tokenizer, loader.vocab_size) == (tokenizer, 4)
    assert loader.vocabulary == ["[UNK]", "a", "b", "<pad>"]
    tokenizer.save(str(tmp_path / "words.json"))
    loader = TextLoader(["a b"], max_length=3, tokenizer=tmp_path / "words.json")
    assert (loader[0].tolist(), loader.vocab_size) == ([[1, 2, 3]], 4)
    loader = TextLoader(["a b"], max_length=3, tokenizer=lambda text: list(map(ord, text)))
    assert (loader[0].tolist(), loader.vocab_size, loader.vocabulary) == ([[97, 32, 98]], None, None)


def test_labels_and_weights_in_all_forms():
    texts, common = ["a", "b", ""], {"max_length": 2, "shuffle": False}
    assert TextLoader(texts, **common)[0].tolist() == [[2, 0], [3, 0], [0, 0]]
    names = TextLoader(texts, ["no", "yes", "no"], class_names=["no", "yes"], label_mode="categorical", **common)
    assert names[0][1].tolist() == [[1, 0], [0, 1], [1, 0]]
    raw = TextLoader(texts, [0.5, 1.5, 2.5], label_mode="raw", sample_weight=[1, 2, 3], **common)
    assert [part.tolist() for part in raw[0][1:]] == [[0.5, 1.5, 2.5], [1, 2, 3]]
    assert isinstance(TextLoader(texts, [0, 1, 0], label_mode=None, **common)[0], np.ndarray)


def test_a_transform_gets_the_ids_and_a_batch_may_be_bucketed_all_the_same():
    def shout(sample, rng):
        ids, label = sample
        return ids + 1, label

    options = {"max_length": 40, "seed": 2, "bucket_by_length": True, "workers": 0}
    plain = TextLoader(TEXTS, LABELS, **options)
    shouted = TextLoader(TEXTS, LABELS, transform=shout, **options)
    for (ids, labels), (other_ids, other_labels) in zip(plain, shouted, strict=True):
        np.testing.assert_array_equal(np.where(ids > 0, ids + 1, 0), other_ids)
        np.testing.assert_array_equal(labels, other_labels)


def test_a_model_learns_from_texts():
    texts = ["good nice fine words"] * 30 + ["bad ugly poor words"] * 30
    loader = TextLoader(texts, [0] * 30 + [1] * 30, max_length=6, seed=0, batch_size=10)
    model = keras.Sequential(
        [keras.layers.Embedding(loader.vocab_size, 4), keras.layers.GlobalAveragePooling1D(), keras.layers.Dense(2)]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.1), loss, metrics=["accuracy"])
    with loader:
        history = model.fit(loader, epochs=4, verbose=0).history
    assert history["accuracy"][-1] == 1


def test_bytes_that_are_no_utf8_are_an_error_naming_the_file(folder):
    (folder / "class1" / "zzz.txt").write_bytes(b"caf\xe9")
    loader = TextLoader.from_directory(folder, max_length=5, shuffle=False, verbose=False)
    with loader, pytest.raises(SampleError, match=r"zzz\.txt.*stage 'source': UnicodeDecodeError.* position 3"):
        list(loader)


@pytest.mark.filterwarnings("ignore:.*`loader.errors` lists all such samples")
def test_a_file_that_is_no_utf8_can_be_skipped(folder):
    (folder / "class1" / "zzz.txt").write_bytes(b"caf\xe9")
    loader = TextLoader.from_directory(folder, max_length=5, seed=0, verbose=False, on_error="skip")
    with loader:
        assert sum(len(ids) for ids, _ in loader) == SIZE + 1
        assert [error.path for error in loader.errors] == [str(folder / "class1" / "zzz.txt")]


@pytest.mark.filterwarnings("ignore:.*`loader.errors` lists all such samples")
@pytest.mark.parametrize("options", [{"bucket_by_length": True}, {"in_memory": True}])
def test_on_error_is_obeyed_where_texts_are_tokenized_at_once(folder, options):
    broken = folder / "class1" / "zzz.txt"
    broken.write_bytes(b"caf\xe9")
    common = {"max_length": 5, "seed": 0, "verbose": False, **options}
    good = TextLoader.from_directory(folder, on_error="skip", **common)
    with good:
        assert sum(len(ids) for ids, _ in good) == SIZE + 1
    [error] = good.errors
    assert (error.path, error.stage) == (str(broken), "source")
    assert error.reason.startswith("UnicodeDecodeError: 'utf-8' codec can't decode byte 0xe9 in position 3")
    with TextLoader.from_directory(folder, on_error="substitute", **common) as loader:
        assert sum((weights == 0).sum() for _, _, weights in loader) == 1
    loader = TextLoader.from_directory(folder, **common)
    with loader, pytest.raises(SampleError, match=r"^sample \d+ \('.*zzz\.txt'\) .* 'source': UnicodeDecodeError"):
        list(loader)


@pytest.mark.filterwarnings("ignore:.*`loader.errors` lists all such samples")
def test_a_text_that_the_tokenizer_fails_on_is_named_and_can_be_skipped():
    options = {"max_length": 3, "tokenizer": lambda text: [{"a": 1, "c": 3}[text]], "seed": 0}
    loader = TextLoader(["a", "b", "c"], **options)
    with loader, pytest.raises(SampleError, match=r"sample 1 .* KeyError: 'b'"):
        list(loader)
    with TextLoader(["a", "b", "c"], on_error="skip", **options) as loader:
        assert [len(ids) for ids in loader] == [3]
        assert [error.index for error in loader.errors] == [1]


def test_files_that_do_not_exist_are_named():
    with pytest.raises(SampleError, match=r"'no/a\.txt'.*FileNotFoundError"):
        TextLoader(Contents(["no/a.txt", "no/b.txt"]), max_length=3)


def test_counting_the_words_of_many_files_shows_how_far_it_is(tmp_path, capsys):
    (tmp_path / "0.txt").write_text("a cat")
    for number in range(1, 10_001):
        os.link(tmp_path / "0.txt", tmp_path / f"{number}.txt")
    common = {"labels": None, "max_length": 2, "seed": 0}
    TextLoader.from_directory(tmp_path, **common)
    shown = capsys.readouterr().out
    assert shown.startswith("Found 10001 files.\nCounting words")
    assert "100%" in shown
    TextLoader.from_directory(tmp_path, verbose=False, **common)
    assert capsys.readouterr().out == ""


def test_an_empty_text_is_all_padding_and_one_of_a_million_words_is_cut():
    loader = TextLoader(["", "a " * 1_000_000], max_length=5, shuffle=False)
    assert loader[0].tolist() == [[0] * 5, [2] * 5]


@pytest.mark.parametrize(
    ("texts", "options", "message"),
    [
        (["a", None], {}, "holds None of type NoneType at place 1"),
        (["", "..."], {}, "the vocabulary would be empty"),
        (["a"], {"max_length": 0}, "`max_length` is 0"),
        (["a"], {"vocab_size": 2}, "`vocab_size` is 2"),
        (["a", "b"], {"labels": [1]}, "`labels` has 1 entries, and there are 2 texts"),
        (["a", "b"], {"labels": [1, 0], "sample_weight": [1]}, "`sample_weight` has 1 entries, and there are 2 texts"),
        (["a"], {"sample_weight": [1]}, "`sample_weight` is given, but there are no labels"),
        (["a"], {"labels": [1], "sample_weight": [1], "label_mode": None}, "no labels that it could belong to"),
        (["a"], {"labels": [1], "label_mode": "one"}, "`label_mode` is 'one'"),
        (["a"], {"tokenizer": len, "vocab_size": 5}, "`vocab_size` is 5, and there is a `tokenizer`"),
        (["a"], {"tokenizer": len, "lower": False}, "`lower` is False, and there is a `tokenizer`"),
        (["a"], {"bucket_by_length": True, "in_memory": False}, "Pass `in_memory=True`"),
        (["a"], {"bucket_by_length": True, "shuffle": False}, "`bucket_by_length` is True and `shuffle` False"),
        ("a text", {}, "`texts` is the single text"),
        (5, {"labels": [1]}, "`texts` is of type int"),
    ],
)
def test_arguments_that_cannot_be_used(texts, options, message):
    with pytest.raises(ConfigurationError, match=message):
        TextLoader(texts, **{"max_length": 5, **options})


def test_a_validation_part_alone_needs_the_tokenizer_of_the_training_part(folder):
    with pytest.raises(ConfigurationError, match=r"Pass `tokenizer=training\.tokenizer`"):
        TextLoader.from_directory(folder, max_length=5, validation_split=0.2, subset="validation", seed=1)


def test_only_files_of_text_are_found(tmp_path):
    (tmp_path / "picture.png").write_bytes(b"")
    with pytest.raises(ConfigurationError, match=r"end in \.txt"):
        TextLoader.from_directory(tmp_path, labels=None, max_length=5)


def test_classes_are_weighed_and_parts_keep_the_tokenizer():
    loader = TextLoader(["a b", "a", "c", "d"], [0, 0, 0, 1], max_length=3, class_weight="balanced", shuffle=False)
    np.testing.assert_allclose(loader[0][2], [2 / 3] * 3 + [2], rtol=1e-6)
    training, test = amalthea.splits.split(loader, (0.5, 0.5), shuffle=False)
    assert training.tokenizer is test.tokenizer is loader.tokenizer
    assert (test.vocabulary, test.vocab_size) == (loader.vocabulary, loader.vocab_size)
    assert test.labels.tolist() == [0, 1]
    assert test[0][0].tolist() == loader[0][0][2:].tolist()
