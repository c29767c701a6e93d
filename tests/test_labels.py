"""Labels from anything, and as a model wants them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils.class_weight import compute_sample_weight

from amalthea.errors import ConfigurationError
from amalthea.labels import class_weights, encoded, name_by, number_by, targets


@pytest.mark.parametrize(
    ("rule", "path", "label"),
    [
        (r"^[a-z]+", "/data/2020/cat_12.jpg", "cat"),  # the match
        (r"_(\d+)\.", "/data/cat_12.jpg", "12"),  # the first group
        (r"(\d+)_(\w+)_(\d+)", "/data/1_dog_2.jpg", "1"),
        (r"(\d+)_(?P<label>\w+)_(\d+)", "/data/1_dog_2.jpg", "dog"),  # the group of that name
        (r"\.(\w+)$", "picture.old.PNG", "PNG"),
    ],
)
def test_an_expression_is_searched_for_in_the_file_name(rule, path, label):
    assert name_by(rule)(path) == label


def test_an_expression_does_not_see_the_folder():
    with pytest.raises(ConfigurationError, match=r"cat.*dog_1\.jpg"):
        name_by("cat")("/cat/dog_1.jpg")


def test_a_function_gets_the_whole_path():
    assert name_by(lambda path: len(path))("/cat/dog.jpg") == 12


def test_an_expression_that_is_none_is_told():
    with pytest.raises(ConfigurationError, match=r"`labels`.*\[a-z"):
        name_by("([a-z")


@given(st.lists(st.sampled_from("abcde"), min_size=1), st.permutations("abcde"))
def test_names_get_the_numbers_of_their_classes(names, classes):
    numbers, class_names = encoded(names, classes)
    assert numbers.dtype == np.int32
    assert class_names == classes
    assert [class_names[number] for number in numbers] == names


@given(st.lists(st.integers(-1000, 1000), min_size=1))
def test_integers_stay_and_the_classes_are_those_that_occur(labels):
    for form in (labels, tuple(labels), np.array(labels), np.array(labels, np.int16)):
        numbers, class_names = encoded(form, None)
        assert numbers.dtype == np.int32
        assert numbers.tolist() == labels
        assert class_names == [str(label) for label in sorted(set(labels))]


def test_integers_may_have_names():
    numbers, class_names = encoded([2, 0, 2], ["a", "b", "c"])
    assert numbers.tolist() == [2, 0, 2]
    assert class_names == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("values", "dtype"),
    [([1.5, 2.0], np.float32), (np.array([1.5, 2.0]), np.float32), ([[1, 2], [3, 4]], np.int64), ([True], np.bool_)],
)
def test_raw_values_stay_as_they_are(values, dtype):
    result, class_names = encoded(values, None, raw=True)
    assert class_names is None
    assert result.dtype == dtype
    np.testing.assert_array_equal(result, values)


@pytest.mark.parametrize(
    ("labels", "class_names", "raw", "message"),
    [
        (["a", "b"], None, False, r"'a' at place 0.*`class_names`"),
        ([0, "b"], None, False, r"'b' at place 1"),
        ([0, 1.5], None, False, r"1\.5 at place 1.*label_mode='raw'"),
        ([0.0, 1.0], None, False, r"0\.0 at place 0.*label_mode='raw'"),
        ([0, float("nan")], None, False, r"nan at place 1"),
        ([0, None], None, False, r"None at place 1"),
        ([[0, 1], [1, 0]], None, False, r"place 0"),
        (np.eye(3), None, False, r"place 0"),
        (["a", "c"], ["a", "b"], False, r"'c' at place 1.*\['a', 'b'\]"),
        (["a", float("nan")], ["a", "b"], False, r"nan at place 1"),
        (["a", 0], ["a", "b"], False, r"0 at place 1"),
        (["a"], ["a", "a"], False, r"`class_names`.*twice"),
        ([0, 2], ["a", "b"], False, r"0 to 2.*0 to 1"),
        ([-1, 0], ["a", "b"], False, r"-1 to 0"),
        ([1.0, float("nan")], None, True, r"nan\S* at place 1.*finite"),
        ([[1.0, 2.0], [float("inf"), 0.0]], None, True, r"at place 1"),
        (["1.5"], None, True, r"numbers"),
        ([None], None, True, r"numbers"),
    ],
)
def test_labels_that_cannot_be_used_are_told_with_their_place(labels, class_names, raw, message):
    with pytest.raises(ConfigurationError, match=message):
        encoded(labels, class_names, raw=raw)


def test_arrays_of_different_shapes_are_no_raw_labels():
    with pytest.raises(ConfigurationError, match="one shape"):
        encoded([[1.0], [1.0, 2.0]], None, raw=True)


@pytest.mark.parametrize("label", [2**31, 2**40, -(2**31) - 1])
def test_a_label_that_int32_cannot_hold_is_told_not_wrapped(label):
    with pytest.raises(ConfigurationError, match="`labels`"):
        encoded([0, label], None)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=20))
def test_categorical_rows_are_one_hot(labels):
    rows = targets(np.array(labels, np.int32), list("abcde"), "categorical")
    assert len(rows) == len(labels)
    result = np.stack([rows[index] for index in range(len(labels))])
    assert result.dtype == np.float32
    np.testing.assert_array_equal(result, np.eye(5, dtype=np.float32)[labels])


def test_binary_is_a_column_of_floats():
    result = targets(np.array([0, 1, 1], np.int32), ["a", "b"], "binary")
    assert result.dtype == np.float32
    assert result.tolist() == [[0], [1], [1]]


def test_int_stays():
    assert targets(np.array([0, 7], np.int32), ["0", "7"], "int").tolist() == [0, 7]


@pytest.mark.parametrize("classes", [["a"], ["a", "b", "c"]])
def test_binary_is_for_two_classes(classes):
    with pytest.raises(ConfigurationError, match=f"`label_mode`.*2 classes.*{len(classes)}"):
        targets(np.array([0], np.int32), classes, "binary")


@pytest.mark.parametrize("numbers", [[0, 3], [-1, 0]])
def test_categorical_labels_count_from_0(numbers):
    with pytest.raises(ConfigurationError, match=r"`label_mode`.*0 to 2"):
        targets(np.array(numbers, np.int32), ["a", "b", "c"], "categorical")


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=60))
def test_balanced_weights_are_those_of_scikit_learn(labels):
    weights = class_weights(np.array(labels), "balanced")
    assert weights.dtype == np.float32
    np.testing.assert_allclose(weights, compute_sample_weight("balanced", labels), rtol=1e-6)


@given(st.lists(st.integers(0, 3), min_size=1), st.dictionaries(st.integers(0, 3), st.floats(0, 100)))
def test_weights_of_a_dict_go_by_number_or_name_and_others_weigh_1(labels, weights):
    names = ["a", "b", "c", "d"]
    expected = np.float32([weights.get(label, 1) for label in labels])
    np.testing.assert_array_equal(class_weights(np.array(labels), weights, names), expected)
    by_name = {names[number]: weight for number, weight in weights.items()}
    np.testing.assert_array_equal(class_weights(np.array(labels), by_name, names), expected)


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        ("even", "`class_weight` is 'even'; it must be 'balanced', or a dict"),
        ([1, 2], r"`class_weight` is \[1, 2\]"),
        ({3: 1.0}, r"a weight for 3; the classes are \[0, 1\], named \['a', 'b'\]"),
        ({"c": 1.0}, "a weight for 'c'"),
        ({True: 1.0}, "a weight for True"),
        ({0.0: 1.0}, r"a weight for 0\.0"),
        ({"a": -1}, "`class_weight` is -1 for the class 'a'"),
        ({"a": float("nan")}, "is nan"),
        ({0: float("inf")}, "is inf"),
        ({0: "1"}, "is '1'"),
        ({0: None}, "is None"),
    ],
)
def test_weights_that_cannot_be_are_told(weight, message):
    with pytest.raises(ConfigurationError, match=message):
        class_weights(np.array([0, 1, 1]), weight, ["a", "b"])


def test_names_that_are_numbers_of_their_own_are_no_keys():
    """Labels 2 and 5 have the names '2' and '5', which are not those of the classes 0 and 1."""
    numbers, names = encoded([2, 5, 5], None)
    assert class_weights(numbers, {5: 3.0}, names).tolist() == [1, 3, 3]
    with pytest.raises(ConfigurationError, match=r"a weight for '5'; the classes are \[2, 5\]\."):
        class_weights(numbers, {"5": 3.0}, names)


def test_a_number_in_the_file_name():
    assert number_by(r"_(.+)\.png$")("a/x_-1.5.png") == -1.5
    with pytest.raises(ConfigurationError, match=r"it finds 'x' in the name of 'a/x\.png', which is no number"):
        number_by(r"^(.)")("a/x.png")
