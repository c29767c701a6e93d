"""Calls of `fit` and its kin, one thing at a time."""

import keras
import numpy as np
import pytest

from amalthea.migrate.rewrite import rewrite

SEQUENCE = """import keras
class Data(keras.utils.PyDataset):
    def __len__(self):
        return 4
data = Data()
"""
LOADER = """import amalthea, keras
data = amalthea.ArrayLoader(x, y, batch_size=8)
"""
GENERATOR = """import keras
def data():
    yield x, y
"""


def last_line(text):
    return rewrite(text).text.rstrip("\n").rpartition("\n")[2]


def marks_of(text):
    return [mark.text for mark in rewrite(text).marks]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("m.fit_generator(data, 100, 3)", "m.fit(data, steps_per_epoch=100, epochs=3)"),
        ("m.fit_generator(generator=data, epochs=3)", "m.fit(x=data, epochs=3)"),
        ("m.fit_generator(data, nb_epoch=3, max_q_size=5)", "m.fit(data, epochs=3)"),
        ("m.fit_generator(data, **options)", "m.fit(data, **options)"),
        ("m.fit(x, y, nb_epoch=3)", "m.fit(x, y, epochs=3)"),
        ("m.fit(x, y, workers=3, use_multiprocessing=True)", "m.fit(x, y)"),
        ("m.evaluate_generator(data, 5)", "m.evaluate(data, steps=5, verbose=0)"),
        ("m.evaluate_generator(data, verbose=1)", "m.evaluate(data, verbose=1)"),
        ("p = m.predict_generator(data, steps=5)[0]", "p = m.predict(data, steps=5, verbose=0)[0]"),
        ("m.fit(data, steps_per_epoch=9)", "m.fit(data, steps_per_epoch=9)"),
        ("m.fit(data, workers=1, use_multiprocessing=False)", "m.fit(data)"),
        ("m.fit(data, workers=0)", "m.fit(data)"),
        ("m.fit(x, y, validation_data=None, workers=4)", "m.fit(x, y, validation_data=None)"),
    ],
)
def test_the_names_of_keras_3(before, after):
    assert last_line(f"import keras\n{before}") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("m.fit(data, workers=4)", "m.fit(amalthea.SequenceLoader(data, shuffle=True, workers=4))"),
        (
            "m.fit(data, shuffle=False, workers=4, max_queue_size=3)",
            "m.fit(amalthea.SequenceLoader(data, workers=4, max_queue_size=3), shuffle=False)",
        ),
        ("m.fit(data, shuffle=s, workers=w)", "m.fit(amalthea.SequenceLoader(data, shuffle=s, workers=w), shuffle=s)"),
        (
            "m.predict(data, use_multiprocessing=True)",
            "m.predict(amalthea.SequenceLoader(data, use_multiprocessing=True))",
        ),
        (
            "m.fit(x, y, validation_data=data, workers=4)",
            "m.fit(x, y, validation_data=amalthea.SequenceLoader(data, workers=4))",
        ),
        ("m.fit(Data(), workers=4)", "m.fit(amalthea.SequenceLoader(Data(), shuffle=True, workers=4))"),
        ("m.fit(data, max_queue_size=30)", "m.fit(data)"),
        ("m.fit(data, steps_per_epoch=len(data))", "m.fit(data)"),
        ("m.evaluate(data, steps=int(len(data)))", "m.evaluate(data)"),
        ("m.fit(data, steps_per_epoch=len(data) // 2)", "m.fit(data, steps_per_epoch=len(data) // 2)"),
        ("m.fit(data, steps_per_epoch=len(other))", "m.fit(data, steps_per_epoch=len(other))"),
        ("m.fit(other, steps_per_epoch=len(other))", "m.fit(other, steps_per_epoch=len(other))"),
    ],
)
def test_a_sequence_of_the_program(before, after):
    assert last_line(SEQUENCE + before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("m.fit(data, workers=4)", "amalthea.ArrayLoader(x, y, batch_size=8, workers=4)\nm.fit(data)"),
        (
            "m.fit(data, workers=2)\nm.predict(data, workers=3)",
            "amalthea.ArrayLoader(x, y, batch_size=8, workers=2)\nm.fit(data)\nm.predict(data)",
        ),
        ("m.fit(data, steps_per_epoch=data.samples // data.batch_size)", "m.fit(data)"),
        ("m.fit(data, steps_per_epoch=math.ceil(data.samples / 8))", "m.fit(data)"),
        ("m.fit(data, steps_per_epoch=data.n // 8 + 1)", "m.fit(data)"),
        ("m.fit(data, samples_per_epoch=data.samples)", "m.fit(data)"),
        (
            "m.fit(data, steps_per_epoch=data.samples // 16)",
            "m.fit(data, steps_per_epoch=data.samples // 16)",
        ),
    ],
)
def test_a_loader_of_the_program(before, after):
    assert rewrite(LOADER + before).text.endswith(after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("m.fit(data(), steps_per_epoch=3)", "m.fit(data(), steps_per_epoch=3)"),
        ("m.fit(iter(data()))", "m.fit((batch for batch in iter(data())))"),
        ("pair = zip(data(), data())\nm.fit(pair)", "m.fit((batch for batch in pair))"),
        ("m.fit(data(), samples_per_epoch=3)", "m.fit(data(), samples_per_epoch=3)"),
    ],
)
def test_a_generator_of_the_program(before, after):
    assert last_line(GENERATOR + before) == after


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GENERATOR + "m.fit(data(), workers=4)", ["one thread"]),
        (GENERATOR + "m.fit(data(), samples_per_epoch=4)", ["divided by the size of a batch"]),
        ("import keras\nm.fit(unknown, workers=4)", ["amalthea.SequenceLoader(unknown, shuffle=True, workers=4)"]),
        ("import keras\nm.evaluate(unknown, workers=4)", ["amalthea.SequenceLoader(unknown, workers=4)"]),
        ("import keras\nm.fit_generator(data, 1, 2, 3, 4, 5, 6, 7)", ["by their names"]),
        ("import keras\nm.fit_generator(*both)", ["by their names"]),
        ("import keras\nm.fit(x, y, validation_data=None, workers=4)", []),
        (SEQUENCE + "m.fit(data, sample_weight=w)", ["(x, y, sample_weight)"]),
        (SEQUENCE + "m.fit(data, workers=4)", []),
    ],
)
def test_what_is_not_sure_is_marked(text, words):
    marks = marks_of(text)
    assert len(marks) == len(words)
    assert all(word in mark for word, mark in zip(words, marks, strict=True))


@pytest.mark.parametrize(
    "text",
    [
        "import torch\nfrom poutyne import Model\nm.fit_generator(a, epochs=3, workers=2)\n",
        "import keras\nfrom sklearn.svm import SVC\nSVC().fit(x, y).predict(z)\n",
        "import keras\nclass Mine:\n    def fit_generator(self, g): pass\nMine().fit_generator(g)\n",
    ],
)
def test_what_is_not_of_keras_is_left_alone(text):
    assert rewrite(text).text == text


def test_keras_takes_generators_and_no_other_iterators():
    """Why an iterator becomes a generator, and a list in a batch a tuple."""
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    batches = [(np.zeros((2, 1)), np.zeros((2, 1)))] * 2
    with pytest.raises(ValueError, match="Unrecognized data type"):
        model.fit(iter(batches), verbose=0)
    model.fit((batch for batch in iter(batches)), steps_per_epoch=2, shuffle=False, verbose=0)


def test_keras_takes_no_workers_in_fit():
    model = keras.Sequential([keras.layers.Dense(1)])
    with pytest.raises(TypeError, match="workers"):
        model.fit(np.zeros((2, 1)), workers=2)


def test_a_generator_is_found_through_the_functions_that_return_it():
    text = GENERATOR.replace("yield x, y", "yield [x, x], y") + (
        "def wrapper(n):\n    if n == 0: return None\n    return data()\nm.fit(wrapper(3), workers=4)\n"
    )
    assert "yield (x, x), y" in rewrite(text).text
    assert ["one thread" in mark for mark in marks_of(text)] == [True]
