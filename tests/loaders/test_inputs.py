"""MultiInputLoader: several inputs, targets and weights by name or in order, into models that have as many."""

import keras
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

import amalthea
import pictures
from amalthea.errors import ConfigurationError, SampleError
from amalthea.sources import CharacterCodes, ImageFiles, Noise
from amalthea.testing import Faulty, check_loader

SIZE = 12


def columns():
    rng = np.random.default_rng(0)
    return rng.random((SIZE, 3), np.float32), rng.random((SIZE, 2), np.float32), np.arange(SIZE, dtype=np.float32)


def two_inputs(form):
    """A model of two inputs and two outputs, in dicts or in tuples."""
    a, b = layers.Input((3,), name="a"), layers.Input((2,), name="b")
    both = layers.Concatenate()([a, b])
    one, two = layers.Dense(1, name="one")(both), layers.Dense(1, name="two")(both)
    model = keras.Model(form(a=a, b=b), form(one=one, two=two))
    model.compile("sgd", loss=form(one="mse", two="mse"))
    return model


def as_tuple(**parts):
    return tuple(parts.values())


@pytest.mark.parametrize("form", [dict, as_tuple])
@pytest.mark.parametrize("weighted", [False, True])
def test_a_model_trains_on_it_as_on_its_arrays(form, weighted):
    a, b, y = columns()
    inputs, targets = form(a=a, b=b), form(one=y, two=2 * y)
    weights = form(one=y / SIZE, two=np.ones(SIZE, np.float32)) if weighted else None
    loader = amalthea.MultiInputLoader(inputs, targets, weights, batch_size=5, shuffle=False)
    model = two_inputs(form)
    start = model.get_weights()
    model.fit(loader, epochs=2, shuffle=False, verbose=0)
    trained, predicted = model.get_weights(), model.predict(loader, verbose=0)
    model.set_weights(start)
    model.fit(inputs, targets, sample_weight=weights, batch_size=5, epochs=2, shuffle=False, verbose=0)
    for value, other in zip(trained, model.get_weights(), strict=True):
        np.testing.assert_allclose(value, other, rtol=1e-5, atol=1e-6)
    by_arrays = model.predict(inputs, batch_size=5, verbose=0)
    for key in ["one", "two"] if form is dict else [0, 1]:
        np.testing.assert_allclose(predicted[key], by_arrays[key], rtol=1e-4, atol=1e-5)


def test_inputs_alone_are_predicted_on():
    a, b, _ = columns()
    for form in (dict, as_tuple):
        loader = amalthea.MultiInputLoader(form(a=a, b=b), batch_size=5, shuffle=False)
        predicted = two_inputs(form).predict(loader, verbose=0)
        assert len(predicted["one"] if form is dict else predicted[0]) == SIZE


def test_three_inputs_and_one_target(tmp_path):
    """A picture, the codes of a text and a random vector, of files that are paired by name."""
    images = pictures.write_all(tmp_path, ["a.png", "b.png", "c.png"])
    texts = [tmp_path / f"{name}.txt" for name in "abc"]
    for path in texts:
        path.write_text(f"this is {path.stem}")
    inputs = {
        "image": ImageFiles(images, (6, 8)),
        "text": CharacterCodes.of_files(texts, max_words=2, max_length=10),
        "noise": Noise(3, 100),
    }
    loader = amalthea.MultiInputLoader(inputs, [0, 1, 0], batch_size=3, seed=1)
    x, y = loader[0]
    assert {name: (array.shape, str(array.dtype)) for name, array in x.items()} == {
        "image": ((3, 6, 8, 3), "float32"),
        "text": ((3, 10), "int32"),
        "noise": ((3, 100), "float32"),
    }
    assert (y.shape, y.dtype) == ((3,), np.int64)
    check_loader(loader)


@settings(max_examples=20)
@given(st.integers(1, 9), st.integers(1, 4), st.booleans())
def test_rows_of_all_inputs_belong_together(size, batch_size, shuffle):
    numbers = np.arange(size)
    loader = amalthea.MultiInputLoader(
        ({"a": numbers}, numbers + 100), {"one": numbers + 200}, batch_size=batch_size, shuffle=shuffle
    )
    seen = []
    for (first, second), targets in loader:
        assert (first["a"] + 100 == second).all()
        assert (first["a"] + 200 == targets["one"]).all()
        seen += first["a"].tolist()
    assert sorted(seen) == list(range(size))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1, 2],), "`inputs` is of type list; it must be a dict or a tuple of sources"),
        ((np.zeros((3, 2)),), "`inputs` is of type ndarray"),
        (({"a": [1, 2], "b": None},), r"`inputs\['b'\]` is None of type NoneType"),
        (({"a": [1, 2]}, [1]), r"`inputs\['a'\]` has 2, `targets` has 1"),
        (({"a": []},), "`source` is empty"),
    ],
)
def test_what_is_no_source_is_named(arguments, message):
    with pytest.raises(ConfigurationError, match=message):
        amalthea.MultiInputLoader(*arguments)


def test_names_must_agree_unless_they_need_not(tmp_path):
    paths = pictures.write_all(tmp_path, ["a.png", "b.png"])
    inputs = ImageFiles(paths, (6, 8)), ImageFiles(paths[::-1], (6, 8))
    with pytest.raises(ConfigurationError, match=r"Sample 0 of `inputs\[0\]` is .*a.png', that of .*b.png"):
        amalthea.MultiInputLoader(inputs)
    assert len(amalthea.MultiInputLoader(inputs, same_names=False, batch_size=1)) == 2


def test_a_dict_with_other_keys_in_one_sample_is_an_error_that_names_it():
    parts = Faulty([{"a": 1.0, "b": 2.0}] * 3, fails={1: {"a": 1.0, "c": 2.0}})
    loader = amalthea.MultiInputLoader({"parts": parts, "more": [0, 1, 2]}, batch_size=3, shuffle=False)
    with pytest.raises(SampleError, match=r"sample 1 .*a dict with the keys \['a', 'b'\] is expected, not .*'c'"):
        loader[0]


def test_arrays_of_other_shapes_in_one_sample_are_an_error_that_names_it():
    ragged = [np.zeros(2), np.zeros(3), np.zeros(2)]
    loader = amalthea.MultiInputLoader((ragged, [0, 1, 2]), batch_size=3, shuffle=False)
    with pytest.raises(SampleError, match=r"sample 1 .*its shape is \(3,\), that of the first sample is \(2,\)"):
        loader[0]


def test_tables_are_read_by_place_whatever_their_index():
    table = pd.DataFrame({"a": np.arange(6.0), "y": np.arange(6) * 10}).iloc[::-1]
    (x, y) = amalthea.MultiInputLoader({"a": table["a"]}, targets=table["y"], batch_size=6, shuffle=False)[0]
    assert x["a"].tolist() == [5, 4, 3, 2, 1, 0]
    assert y.tolist() == [50, 40, 30, 20, 10, 0]
    assert amalthea.Loader(table["a"], batch_size=6, shuffle=False)[0].tolist() == x["a"].tolist()
    assert list(amalthea.sources.Subset(table["y"], [0, 5])) == [50, 0]
    assert amalthea.Loader(table, batch_size=2, shuffle=False)[0].tolist() == [[5, 50], [4, 40]]


def test_names_that_are_no_files_are_not_compared():
    class Numbered(list):
        def name(self, index):
            return index

    amalthea.sources.Zipped(
        {"a": Numbered([1, 2]), "b": Numbered([3, 4]), "c": amalthea.sources.Concatenated([Numbered([1]), [2]])}
    )
