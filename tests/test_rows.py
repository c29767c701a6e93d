"""A row of a batch is its sample, by whichever way the source gives it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amalthea.batches import Layout, Lengths, Plan
from amalthea.errors import SampleError
from amalthea.rows import Rows


class Column:
    """Sample i is i, in a source that says how it was read."""

    def __init__(self, size, broken=()):
        self.size, self.broken, self.read = size, broken, []

    def __len__(self):
        return self.size

    def __getitem__(self, index):
        if index in self.broken:
            raise ValueError("broken")
        self.read.append(index)
        return np.float32(index)


class AtOnce(Column):
    def read_rows(self, indices, rows):
        if set(indices.tolist()) & set(self.broken):
            raise ValueError("broken")
        self.read.append(indices.tolist())
        rows[...] = indices


class Drawn(Column):
    def draw(self, index, rng):
        return np.float32(rng.random())


class Varied:
    """Sample i is i times the number i."""

    def __init__(self, size):
        self.lengths = np.arange(size)

    def __len__(self):
        return len(self.lengths)

    def __getitem__(self, index):
        return np.full(index, index, np.int32)

    def pad(self, sample, row):
        row[: len(sample)] = sample
        row[len(sample) :] = -1


def filled(rows, indices, *, epoch=0, length=None, sample=None, longest=None, span=None):
    plan = Plan(epoch, 0, np.array(indices, np.int64), length)
    layout = Layout(np.float32(0) if sample is None else sample, len(indices), longest)
    arrays = layout.arrays(np.zeros(layout.block_bytes, np.uint8), len(indices), length)
    errors = rows.fill(arrays, plan, span or range(len(indices)))
    return arrays, errors


@given(indices=st.lists(st.integers(0, 9), min_size=2, max_size=8), data=st.data())
def test_rows_that_are_read_at_once_are_those_that_are_read_one_by_one(indices, data):
    start = data.draw(st.integers(0, len(indices) - 2))
    span = range(start, data.draw(st.integers(start + 2, len(indices))))
    source = AtOnce(10)
    at_once, _ = filled(Rows(source, seed=0), indices, span=span)
    one_by_one, _ = filled(Rows(Column(10), seed=0), indices, span=span)
    assert at_once.tolist() == one_by_one.tolist()
    assert source.read == [indices[span.start : span.stop]]


def test_what_fails_at_once_is_named_one_by_one():
    with pytest.raises(SampleError) as error:
        filled(Rows(AtOnce(10, broken={7}), seed=0), [3, 7, 5])
    assert (error.value.index, error.value.stage) == (7, "source")


def test_what_fails_at_once_is_mended_one_by_one():
    source = AtOnce(10, broken={7})
    at_once, errors = filled(Rows(source, seed=0, on_error="skip"), [3, 7, 5])
    one_by_one, _ = filled(Rows(Column(10, broken={7}), seed=0, on_error="skip"), [3, 7, 5])
    assert at_once.tolist() == one_by_one.tolist()
    assert [error.index for error in errors] == [7]


def test_a_transform_gets_single_samples():
    source = AtOnce(10)
    rows, _ = filled(Rows(source, seed=0, transform=lambda sample, rng: sample + 1), [3, 7, 5])
    assert rows.tolist() == [4, 8, 6]
    assert source.read == [3, 7, 5]


def test_a_weight_beside_rows_that_are_read_at_once():
    class Pairs(AtOnce):
        def __getitem__(self, index):
            return np.float32(index), np.float32(-index)

        def read_rows(self, indices, rows):
            for row, sign in zip(rows, (1, -1), strict=True):
                row[...] = sign * indices

    rows = Rows(Pairs(10), seed=0, on_error="substitute")
    sample = rows.first(lambda errors: None)
    (x, y, weight), _ = filled(rows, [3, 7], sample=sample)
    assert (x.tolist(), y.tolist(), weight.tolist()) == ([3, 7], [-3, -7], [1, 1])


def test_what_is_drawn_is_the_samples_own_and_anew_in_each_epoch():
    rows = Rows(Drawn(10), seed=5)
    first, _ = filled(rows, [3, 7, 3], epoch=1)
    again, _ = filled(rows, [7, 3], epoch=1)
    later, _ = filled(rows, [7, 3], epoch=2)
    assert first.tolist() == [again[1], again[0], again[1]]
    assert not set(again.tolist()) & set(later.tolist())
    assert again[0] == np.float32(np.random.default_rng([5, 1, 7]).random())


def test_a_transform_goes_on_with_the_generator_that_the_sample_was_drawn_from():
    rows = Rows(Drawn(10), seed=5, transform=lambda sample, rng: np.float32(rng.random()))
    rng = np.random.default_rng([5, 0, 7])
    rng.random()
    assert filled(rows, [7])[0].tolist() == [np.float32(rng.random())]


@pytest.mark.parametrize("transform", [None, lambda sample, rng: sample])
def test_samples_of_different_lengths_are_padded_to_that_of_the_batch(transform):
    rows = Rows(Varied(5), seed=0, transform=transform)
    batch, _ = filled(rows, [1, 3, 0], length=4, sample=np.zeros(2, np.int32), longest=4)
    assert batch.tolist() == [[1, -1, -1, -1], [3, 3, 3, -1], [-1, -1, -1, -1]]


def test_a_sample_that_is_longer_than_its_source_says_is_an_error_that_names_it():
    rows = Rows(Varied(5), seed=0, transform=lambda sample, rng: np.append(sample, sample))
    with pytest.raises(SampleError) as error:
        filled(rows, [1, 3], length=3, sample=np.zeros(2, np.int32), longest=4)
    assert (error.value.index, error.value.stage) == (3, "batch")


@given(lengths=st.lists(st.integers(0, 100), min_size=1, max_size=20), multiple=st.integers(1, 30), data=st.data())
def test_a_batch_is_as_long_as_its_longest_sample_rounded_up(lengths, multiple, data):
    indices = np.array(data.draw(st.lists(st.integers(0, len(lengths) - 1), min_size=1)))
    length = Lengths(np.array(lengths), multiple).of(indices)
    longest = max(1, *(lengths[index] for index in indices))
    assert longest <= length <= max(1, *lengths)
    assert length - longest < multiple
    assert length % multiple == 0 or length == max(1, *lengths)


@pytest.mark.parametrize("transform", [None, lambda sample, rng: sample])
def test_what_stands_in_for_a_sample_is_cut_to_the_batch_and_is_no_error_itself(transform):
    class Broken(Varied):
        def __getitem__(self, index):
            if index == 1:
                raise ValueError("broken")
            return super().__getitem__(index)

        def read_into(self, index, row):
            self.pad(self[index], row)

    rows = Rows(Broken(40), seed=0, transform=transform, on_error="skip")
    batch, errors = filled(rows, [2, 1], length=2, sample=np.zeros(2, np.int32), longest=39)
    assert [error.index for error in errors] == [1]
    assert batch[0].tolist() == [2, 2]
    assert batch[1, 0] == batch[1, 1] > 2
