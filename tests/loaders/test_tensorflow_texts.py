"""Against `keras.utils.text_dataset_from_directory` itself: collected where TensorFlow is installed."""

import keras
import numpy as np
import pytest

from amalthea import TextLoader
from amalthea.sources import Contents


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Thirty texts in three classes, some of them in folders of folders, and what is no text."""
    root = tmp_path_factory.mktemp("texts")
    for number in range(30):
        path = root / ("b", "a", "c")[number % 3] / ("deep" if number % 4 == 0 else "") / f"{number * 7 % 30}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"Text {number}: café")
    (root / "a" / "picture.png").write_bytes(b"")
    (root / "a" / "upper.TXT").write_text("upper")
    return root


def theirs(dataset):
    """Its texts and labels, text by text."""
    batches = list(dataset)
    return [text.decode() for texts, _ in batches for text in texts.numpy()], np.concatenate(
        [labels.numpy() for _, labels in batches]
    )


def ours(loader):
    """The texts in the order of the source, and the labels of an unshuffled loader."""
    return list(Contents(loader.file_paths)), [np.asarray(loader.source[i][1]) for i in range(loader.num_samples)]


@pytest.mark.parametrize("label_mode", ["int", "categorical"])
def test_files_classes_and_labels_are_those_of_keras(folder, label_mode):
    options = {"label_mode": label_mode, "shuffle": False, "verbose": False}
    dataset = keras.utils.text_dataset_from_directory(folder, **options)
    loader = TextLoader.from_directory(folder, max_length=4, **options)
    (texts, labels), (our_texts, our_labels) = theirs(dataset), ours(loader)
    assert loader.class_names == dataset.class_names
    assert our_texts == texts
    assert our_labels[0].dtype == labels.dtype
    np.testing.assert_array_equal(our_labels, labels)


@pytest.mark.parametrize("seed", [1, 123])
def test_the_split_and_the_order_of_validation_are_those_of_keras(folder, seed):
    options = {"validation_split": 0.3, "subset": "both", "seed": seed, "verbose": False}
    datasets = keras.utils.text_dataset_from_directory(folder, **options)
    loaders = TextLoader.from_directory(folder, max_length=4, **options)
    for place, (dataset, loader) in enumerate(zip(datasets, loaders, strict=True)):
        (texts, labels), (our_texts, our_labels) = theirs(dataset), ours(loader)
        pairs, our_pairs = list(zip(texts, labels, strict=True)), list(zip(our_texts, our_labels, strict=True))
        # Keras draws another order for training, in a buffer; validation is in the order of the files.
        assert (our_pairs if place else sorted(our_pairs)) == (pairs if place else sorted(pairs))


@pytest.mark.parametrize("subset", ["training", "validation"])
@pytest.mark.parametrize("shuffle", [True, False])
def test_one_part_alone_has_the_texts_of_keras(folder, subset, shuffle):
    options = {"validation_split": 0.3, "subset": subset, "seed": 7, "shuffle": shuffle, "verbose": False}
    texts, labels = theirs(keras.utils.text_dataset_from_directory(folder, **options))
    our_texts, our_labels = ours(TextLoader.from_directory(folder, max_length=4, tokenizer=list_of_bytes, **options))
    assert sorted(zip(our_texts, our_labels, strict=True)) == sorted(zip(texts, labels, strict=True))
    assert shuffle or our_texts == texts


def list_of_bytes(text):
    return list(text.encode())
