"""Rows of one block: layouts, plans, and what a sample may be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from amalthea._trees import map_leaves
from amalthea.batches import ALIGNMENT, Batches, Layout, as_sample, check_sample
from amalthea.errors import ConfigurationError, SampleError
from amalthea.order import Shuffled
from amalthea.rows import Rows

numbers = st.one_of(st.booleans(), st.integers(-(2**40), 2**40), st.floats(width=32, allow_nan=False))
arrays = npst.arrays(
    st.sampled_from(["bool", "uint8", "int32", "int64", "float16", "float32", "float64"]),
    npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)
trees = st.recursive(
    arrays | numbers,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=3), inner, min_size=1, max_size=3)
    ),
    max_leaves=6,
)


@given(sample=trees, rows=st.integers(1, 5))
def test_a_layout_gives_aligned_disjoint_views_in_the_structure_of_the_sample(sample, rows):
    layout = Layout(sample, rows)
    block = np.zeros(layout.block_bytes, np.uint8)
    views = []
    map_leaves(lambda leaf, view: views.append((leaf, view)), sample, layout.arrays(block, rows))
    for leaf, view in views:
        assert view.shape == (rows, *np.shape(leaf))
        assert np.can_cast(np.asarray(leaf).dtype, view.dtype) or isinstance(leaf, float)
        assert view.size == 0 or (view.ctypes.data - block.ctypes.data) % ALIGNMENT == 0
        assert np.shares_memory(view, block) or view.size == 0
    for place, (_, view) in enumerate(views):
        assert not any(np.shares_memory(view, other) for _, other in views[place + 1 :])


@given(sample=trees, rows=st.integers(1, 4))
def test_rows_hold_their_samples(sample, rows):
    layout = Layout(sample, rows)
    batch = layout.arrays(np.zeros(layout.block_bytes, np.uint8), rows)
    plan = Batches(Shuffled(rows, seed=0, shuffle=False), rows, drop_remainder=False).plan(0)
    Rows([sample] * rows, seed=0).fill(batch, plan, range(rows))

    def check(leaf, column):
        for row in column:
            np.testing.assert_array_equal(row, np.asarray(leaf).astype(column.dtype))

    map_leaves(check, sample, batch)


def test_python_numbers_get_the_dtypes_that_keras_computes_with():
    layout = Layout((1.5, 2, True, np.float64(1.0)), 1)
    batch = layout.arrays(np.zeros(layout.block_bytes, np.uint8), 1)
    assert [each.dtype.name for each in batch] == ["float32", "int64", "bool", "float64"]


def test_lists_become_tuples_and_a_trailing_none_is_dropped():
    x, y = np.zeros(2), np.ones(2)
    assert as_sample([x, y])[1] is y
    assert len(as_sample((x, y, None))) == 2
    assert len(as_sample((x, None, None))) == 1
    assert isinstance(as_sample(([x, y], 1))[0], tuple)
    assert as_sample([1.0, 2.0]) == [1.0, 2.0]  # numbers are an array
    assert as_sample([1.0, x])[1] is x


@pytest.mark.parametrize("sample", ["text", None, (np.zeros(2), "label"), {"x": object()}, np.array(["a"])])
def test_what_is_not_numbers_is_refused_with_a_remedy(sample):
    with pytest.raises(ConfigurationError, match="turn it into numbers"):
        Layout(sample, 2)


def test_a_tuple_that_keras_would_not_understand_is_refused():
    with pytest.raises(ConfigurationError, match="tuple of 4"):
        check_sample((1, 2, 3, 4))


@pytest.mark.parametrize(
    ("odd", "message"),
    [
        (np.zeros((3, 2)), r"shape is \(3, 2\), that of the first sample is \(2, 2\)"),
        ((np.zeros((2, 2)), 1), "shape"),
        (np.zeros((2, 2), complex), "Cannot cast"),
    ],
)
def test_a_sample_unlike_the_first_is_an_error_that_names_it(odd, message):
    source = [np.zeros((2, 2)), odd]
    layout = Layout(source[0], 2)
    plan = Batches(Shuffled(2, seed=0, shuffle=False), 2, drop_remainder=False).plan(0)
    with pytest.raises(SampleError, match=message) as error:
        Rows(source, seed=0).fill(layout.arrays(np.zeros(layout.block_bytes, np.uint8), 2), plan, range(2))
    assert (error.value.index, error.value.stage) == (1, "batch")


def test_lists_of_any_numbers_are_arrays():
    for numbers in ([True, np.bool_(False)], [np.array(1), np.array(2)], [np.float32(1), 2]):
        assert as_sample(numbers) == numbers


@pytest.mark.parametrize("odd", [{"a": 1}, {"a": 1, "c": 2}, (1, 2), 1.0])
def test_another_structure_is_an_error(odd):
    with pytest.raises(ValueError, match="a dict with the keys \\['a', 'b'\\] is expected"):
        map_leaves(lambda *leaves: None, {"a": 1, "b": 2}, odd)


@given(size=st.integers(1, 50), batch_size=st.integers(1, 20), drop=st.booleans(), epoch=st.integers(0, 5))
def test_the_plans_of_an_epoch_are_its_samples_in_order(size, batch_size, drop, epoch):
    order = Shuffled(size, seed=3, shuffle=True)
    batches = Batches(order, batch_size, drop_remainder=drop)
    plans = [batches.plan(epoch * batches.in_epoch + number) for number in range(batches.in_epoch)]
    assert all(plan.epoch == epoch for plan in plans)
    assert [plan.number for plan in plans] == list(range(batches.in_epoch))
    together = [index for plan in plans for index in plan.indices.tolist()]
    assert together == order.indices(epoch, 0, size).tolist()[: len(together)]
    assert len(together) == (size // batch_size * batch_size if drop else size)


def test_the_generator_of_a_sample_is_keyed_not_seeded_by_a_sum():
    """With a key of seed + epoch + index, sample 1 of epoch 0 would have the chance of sample 0 of epoch 1."""

    def draw(sample, rng):
        return rng.integers(0, 2**62)

    drawn = {
        (seed, epoch, index): Rows([0] * 4, seed=seed, transform=draw).sample(epoch, index)
        for seed in range(4)
        for epoch in range(4)
        for index in range(4)
    }
    assert len(set(drawn.values())) == len(drawn)


@pytest.mark.parametrize(
    "error", [ValueError("bad"), StopIteration(), KeyError("k"), MemoryError(), OSError(2, "gone")]
)
def test_any_error_of_a_source_arrives_with_index_stage_and_cause(error):
    class Failing(list):
        def __getitem__(self, index):
            raise error

        def name(self, index):
            return f"file{index}"

    with pytest.raises(SampleError) as caught:
        Rows(Failing([1]), seed=0).sample(0, 0)
    assert caught.value.__cause__ is error
    assert (caught.value.index, caught.value.stage, caught.value.path) == (0, "source", "file0")
    assert type(error).__name__ in str(caught.value)
