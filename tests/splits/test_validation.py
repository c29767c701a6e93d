"""What is set aside for validation."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from amalthea.errors import ConfigurationError
from amalthea.splits import Split

shares = st.floats(0.01, 0.99)
seeds = st.integers(0, 2**40)


@given(share=shares, size=st.integers(2, 500), seed=seeds, shuffle=st.booleans())
def test_every_sample_is_on_exactly_one_side(share, size, seed, shuffle):
    assume(int(share * size))
    training, validation = Split(share, "both", shuffle=shuffle, seed=seed).indices(size)
    assert len(validation) == int(share * size)
    assert sorted([*training, *validation]) == list(range(size))


@given(share=shares, size=st.integers(2, 500), seed=seeds)
def test_each_subset_draws_the_same_split(share, size, seed):
    assume(int(share * size))
    splits = [Split(share, subset, seed=seed).indices(size) for subset in ("training", "validation", "both")]
    for training, validation in splits[1:]:
        np.testing.assert_array_equal(training, splits[0][0])
        np.testing.assert_array_equal(validation, splits[0][1])


@given(size=st.integers(1, 300), seed=st.integers(0, 2**32 - 1))
def test_the_order_is_that_of_keras(size, seed):
    """`keras.utils.*_dataset_from_directory` shuffle their list of files by this."""
    files = [str(index) for index in range(size)]
    np.random.RandomState(seed).shuffle(files)
    order, _ = Split(None, None, seed=seed).indices(size)
    assert [str(index) for index in order] == files


def test_the_split_of_a_seed_does_not_change_from_version_to_version():
    training, validation = Split(0.3, "both", seed=42).indices(10)
    assert training.tolist() == [8, 1, 5, 0, 7, 2, 9]
    assert validation.tolist() == [4, 3, 6]


@given(share=shares | st.none(), size=st.integers(2, 300), seed=seeds, shuffle=st.booleans())
def test_the_parts_of_values_are_those_at_the_indices_in_the_memory_of_the_values(share, size, seed, shuffle):
    assume(share is None or int(share * size))
    split = Split(share, None if share is None else "both", shuffle=shuffle, seed=seed)
    given_values = np.arange(size, dtype=np.float32) * 3
    values = given_values.copy()
    for part, indices in zip(split.parts(values), split.indices(size), strict=True):
        np.testing.assert_array_equal(part, given_values[indices])
        assert part.base is values


def test_values_that_cannot_be_split_are_left_as_they_were():
    values = np.arange(5)
    with pytest.raises(ConfigurationError, match="one side empty"):
        Split(0.1, "both", seed=1).parts(values)
    assert values.tolist() == [0, 1, 2, 3, 4]


def test_unshuffled_the_last_are_set_aside():
    training, validation = Split(0.25, "validation", shuffle=False).indices(8)
    assert (training.tolist(), validation.tolist()) == ([0, 1, 2, 3, 4, 5], [6, 7])


def test_without_a_split_all_are_for_training():
    training, validation = Split(None, None, shuffle=False).indices(4)
    assert (training.tolist(), validation.tolist()) == ([0, 1, 2, 3], [])


def test_a_drawn_seed_is_kept():
    split = Split(0.5, "both")
    again = Split(0.5, "both", seed=split.seed)
    np.testing.assert_array_equal(split.indices(50), again.indices(50))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0.2, None), r"`validation_split` is 0\.2 and `subset` None"),
        ((None, "both"), r"`validation_split` is None and `subset` 'both'"),
        ((0.0, "both"), r"`validation_split` is 0\.0"),
        ((1.0, "both"), r"`validation_split` is 1\.0"),
        ((-0.2, "both"), r"`validation_split` is -0\.2"),
        ((20, "both"), r"`validation_split` is 20"),
        ((float("nan"), "both"), r"`validation_split` is nan"),
        (("0.2", "both"), r"`validation_split` is '0\.2'"),
        ((0.2, "test"), r"`subset` is 'test'.*'training', 'validation', 'both'"),
        ((0.2, True), r"`subset` is True"),
        ((0.2, "training"), r"`seed` None.*subset='both'"),
        ((0.2, "validation"), r"`seed` None"),
    ],
)
def test_arguments_that_make_no_split_are_told(arguments, message):
    with pytest.raises(ConfigurationError, match=message):
        Split(*arguments)


@pytest.mark.parametrize("seed", [-1, 1.5, "1", True])
def test_a_seed_is_an_integer_of_0_or_more(seed):
    with pytest.raises(ConfigurationError, match="`seed`"):
        Split(0.2, "both", seed=seed)


@pytest.mark.parametrize(("share", "size"), [(0.1, 9), (0.5, 1), (0.001, 100)])
def test_a_side_without_samples_is_told(share, size):
    with pytest.raises(ConfigurationError, match=f"`validation_split` is {share}.*{size} samples 0"):
        Split(share, "both", shuffle=False).indices(size)


@given(share=shares, runs=st.lists(st.integers(0, 30), min_size=1, max_size=8), shuffle=st.booleans(), seed=seeds)
def test_from_the_front_the_first_of_each_run_are_for_validation_in_order(share, runs, shuffle, seed):
    heads = [int(share * run) for run in runs]
    assume(0 < sum(heads) < sum(runs))
    numbers, wanted = iter(range(sum(runs))), ([], [])
    for run, head in zip(runs, heads, strict=True):
        for place in range(run):
            wanted[place < head].append(next(numbers))
    split = Split(share, "both", shuffle=shuffle, seed=seed, split_from="front")
    for part, indices in zip(split.indices(sum(runs), runs), wanted, strict=True):
        assert part.tolist() == indices
        assert part.dtype == np.int64


@given(share=shares, size=st.integers(2, 100))
def test_from_the_front_without_runs_the_first_of_all_are_for_validation(share, size):
    assume(int(share * size))
    values = np.arange(size, dtype=np.float32)
    training, validation = Split(share, "training", split_from="front").parts(values)
    assert [*validation, *training] == list(range(size))
    assert training.base is values and validation.base is values


@pytest.mark.parametrize("split_from", ["end", None, True])
def test_a_side_that_there_is_not_is_named(split_from):
    with pytest.raises(ConfigurationError, match=r"`split_from` is .*; it must be one of 'back', 'front'"):
        Split(0.5, "both", split_from=split_from)


def test_from_the_front_of_nothing_is_named():
    with pytest.raises(ConfigurationError, match="`split_from` is 'front' without a `validation_split`"):
        Split(None, None, split_from="front")


def test_from_the_front_a_side_that_is_left_empty_is_named_and_nothing_is_moved():
    values = np.arange(6)
    with pytest.raises(ConfigurationError, match="of 6 samples 0 would be for validation"):
        Split(0.4, "both", split_from="front").parts(values, [2, 2, 2])
    assert values.tolist() == [0, 1, 2, 3, 4, 5]
