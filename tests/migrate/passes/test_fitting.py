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


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("m.fit(data, steps_per_epoch=100)", "steps_per_epoch=100)\nm.fit(data)"),
        ("m.fit(data, steps_per_epoch=2000 // 32)", "steps_per_epoch=2000 // 32)\nm.fit(data)"),
        ("m.fit(data, steps_per_epoch=N / 32)", "steps_per_epoch=math.ceil(N / 32))\nm.fit(data)"),
        ("m.fit(data, steps_per_epoch=np.ceil(N / 3))", "steps_per_epoch=int(np.ceil(N / 3)))\nm.fit(data)"),
        ("m.fit(data, steps_per_epoch=FRACTION)", "steps_per_epoch=math.ceil(FRACTION))\nm.fit(data)"),
        ("m.fit(data, steps_per_epoch=9, workers=2)", "steps_per_epoch=9, workers=2)\nm.fit(data)"),
        ("m.fit_generator(data, samples_per_epoch=N)", "steps_per_epoch=N // 8)\nm.fit(data)"),
        (
            "m.fit(data, steps_per_epoch=9)\nm.fit(data, steps_per_epoch=9)",
            "steps_per_epoch=9)\nm.fit(data)\nm.fit(data)",
        ),
        ("m.fit(data, steps_per_epoch=9)\nprint(data[0])", "steps_per_epoch=9)\nm.fit(data)\nprint(data[0])"),
        ("m.fit(data, steps_per_epoch=9)\nx = next(data)", "steps_per_epoch=9)\nm.fit(data)\nx = data[0]"),
        (
            "m.fit(data, steps_per_epoch=9)\nprint(data.samples)",
            "steps_per_epoch=9)\nm.fit(data)\nprint(data.samples)",
        ),
    ],
)
def test_the_length_of_an_epoch_is_the_loaders(before, after):
    rewritten = rewrite(STEPS + before)
    assert rewritten.text.endswith(f"amalthea.ArrayLoader(x, y, batch_size=8, {after}")
    assert not rewritten.marks
    assert ("import math" in rewritten.text) == ("math.ceil" in after)
    assert rewrite(rewritten.text).text == rewritten.text


STEPS = """import amalthea, keras, numpy as np
N = 100
FRACTION = N / 32
data = amalthea.ArrayLoader(x, y, batch_size=8)
"""


@pytest.mark.parametrize(
    "before",
    [
        "m.fit(data, steps_per_epoch=9)\nm.fit(data, steps_per_epoch=8)",
        "m.fit(data, steps_per_epoch=9)\nm.fit(data)",
        "m.fit(data, steps_per_epoch=9)\nm.predict(data)",
        "later = 9\nm.fit(data, steps_per_epoch=later)",
        "m.fit(data, steps_per_epoch=ask())",
        "def train(steps):\n    m.fit(data, steps_per_epoch=steps)",
        "m.fit(x, y, validation_data=data, validation_steps=9)",
        "m.evaluate(data, steps=9)",
        "m.fit(data, steps_per_epoch=len(data) * 3)",
        "n = amalthea.ArrayLoader(x, y, subset='validation', validation_split=0.5)\nm.fit(n, steps_per_epoch=3)",
    ],
)
def test_a_number_of_steps_that_cannot_be_the_loaders_stays_and_is_marked(before):
    rewritten = rewrite(STEPS + before)
    lines = rewritten.text.splitlines()
    assert [line for line in lines if "TODO" not in line] == (STEPS + before).splitlines()
    assert rewritten.marks
    assert all("may be more than the batches" in mark.text for mark in rewritten.marks)
    assert rewrite(rewritten.text).text == rewritten.text


@pytest.mark.parametrize("steps", ["len(data) // 2", "int(len(data) / 2)", "(len(data) // 2)", "None"])
def test_no_more_steps_than_there_are_need_no_mark(steps):
    assert rewrite(f"{LOADER}m.evaluate(data, steps={steps})").marks == ()


@pytest.mark.parametrize(
    "steps", ["len(x) / 8", "x.shape[0] // 8", "np.ceil(len(x) / 8)", "len(y) // 8 + 1", "1. * len(x) / 8"]
)
def test_the_length_of_the_arrays_says_what_the_loader_says_itself(steps):
    assert last_line(f"{LOADER}m.fit(data, steps_per_epoch={steps})") == "m.fit(data)"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("m.fit(data(), steps_per_epoch=n / 2)", "m.fit(data(), steps_per_epoch=math.ceil(n / 2))"),
        ("m.fit(data(), steps_per_epoch=n / 2 + 1)", "m.fit(data(), steps_per_epoch=math.ceil(n / 2 + 1))"),
        ("m.predict(data(), steps=np.ceil(n / 2))", "m.predict(data(), steps=int(np.ceil(n / 2)))"),
        ("m.fit(data(), steps_per_epoch=n // 2)", "m.fit(data(), steps_per_epoch=n // 2)"),
        ("m.fit(data(), steps_per_epoch=math.ceil(n / 2))", "m.fit(data(), steps_per_epoch=math.ceil(n / 2))"),
        ("m.fit(data(), steps_per_epoch=int(n / 2))", "m.fit(data(), steps_per_epoch=int(n / 2))"),
    ],
)
def test_numbers_of_steps_are_whole(before, after):
    assert last_line(GENERATOR + before) == after


def test_loaders_of_one_name_are_told_apart_by_their_functions_and_alike_in_one():
    part = "    data = amalthea.ArrayLoader(x{0})\n    m.fit(data{1})\n"
    names = "import amalthea, keras\n", "def one():\n", "def other():\n"
    before, after = (
        "{}{}" + first + first + "{}" + other
        for first, other in (
            (part.format("", ", steps_per_epoch=9"), part.format("", ", steps_per_epoch=8")),
            (part.format(", steps_per_epoch=9", ""), part.format(", steps_per_epoch=8", "")),
        )
    )
    assert rewrite(before.format(*names)).text == after.format(*names)


def test_samples_of_a_loader_that_become_batches_get_no_second_mark():
    text = f"{LOADER}m.fit_generator(data, samples_per_epoch=200, validation_data=data, nb_val_samples=80)\n"
    rewritten = rewrite(text)
    assert rewritten.text.endswith(
        "m.fit(data, steps_per_epoch=200 // 8, validation_data=data, validation_steps=80 // 8)\n"
    )
    assert len(rewritten.marks) == 2
    assert rewrite(rewritten.text).text == rewritten.text
