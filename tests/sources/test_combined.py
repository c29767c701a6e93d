"""Sources made of others: they are what a list would be, whichever way they are read."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amalthea.errors import ConfigurationError
from amalthea.sources import Concatenated, Labelled, Mapped, Noise, Subset, Zipped
from amalthea.testing import check_source
from amalthea.testing.findings import difference
from amalthea.testing.ways import ways_of

SIZE = 4


class InPlace:
    """Sample i is two numbers, written into their row."""

    def __init__(self, start):
        self.start = start

    def __len__(self):
        return SIZE

    def __getitem__(self, index):
        row = np.empty(2, np.int64)
        self.read_into(index, row)
        return row

    def read_into(self, index, row):
        row[...] = self.start + index, -index

    def name(self, index):
        return f"files/{index}.txt"


class AtOnce(InPlace):
    def read_rows(self, indices, rows):
        rows[:, 0], rows[:, 1] = self.start + indices, -indices


class Varied:
    """Sample i is i times the number i."""

    def __init__(self, size, fill=-1):
        self.lengths, self.fill = np.arange(size), fill

    def __len__(self):
        return len(self.lengths)

    def __getitem__(self, index):
        return np.full(self.lengths[index], index, np.int32)

    def pad(self, sample, row):
        row[: len(sample)], row[len(sample) :] = sample, self.fill


def pair(start):
    return [np.array([start + index, -index]) for index in range(SIZE)]


BASES = [lambda start: pair(start), lambda start: np.stack(pair(start)), InPlace, AtOnce]


def doubled(sample):
    if isinstance(sample, dict):
        return {key: doubled(value) for key, value in sample.items()}
    return tuple(map(doubled, sample)) if isinstance(sample, tuple) else 2 * sample


def beside(what, source, model):
    numbers = np.arange(len(model))
    if what == "dict":
        return Zipped({"a": source, "b": numbers}), [{"a": s, "b": i} for i, s in enumerate(model)]
    if what == "tuple":
        return Zipped((source, numbers)), [((s, i),) for i, s in enumerate(model)]
    return Labelled(source, numbers), [(s, i) for i, s in enumerate(model)]


@st.composite
def nested(draw):
    """A source of some depth, and the list that it should be."""
    start = draw(st.integers(0, 100))
    source, model = draw(st.sampled_from(BASES))(start), pair(start)
    for what in draw(
        st.lists(st.sampled_from(["subset", "mapped", "behind", "dict", "tuple", "labelled"]), max_size=5)
    ):
        if what == "subset":
            chosen = draw(st.lists(st.integers(0, len(model) - 1), min_size=1, max_size=2 * SIZE))
            source, model = Subset(source, chosen), [model[index] for index in chosen]
        elif what == "mapped":
            source, model = Mapped(source, doubled), [doubled(sample) for sample in model]
        elif what == "behind":
            source, model = Concatenated([source, Subset(source, [0]), source]), [*model, model[0], *model]
        else:
            source, model = beside(what, source, model)
    return source, model


@settings(max_examples=100)
@given(nested())
def test_any_nesting_is_what_a_list_would_be(case):
    source, model = case
    assert len(source) == len(model)
    for read in ways_of(source, model[0], 0).values():
        for index, sample in enumerate(model):
            assert difference(sample, read(index)) is None


@settings(max_examples=100)
@given(nested(), st.data())
def test_any_rows_at_once_are_those_of_a_list(case, data):
    source, model = case
    chosen = data.draw(st.lists(st.integers(0, len(model) - 1), min_size=1, max_size=8))
    if getattr(source, "read_rows", None) is not None:
        expected, _ = stacked(model, chosen)
        _, rows = stacked(model, chosen)
        source.read_rows(np.array(chosen), rows)
        assert difference(expected, rows) is None


def stacked(model, chosen):
    """The samples as one, and room for as many."""

    def stack(samples):
        if isinstance(samples[0], dict):
            return {key: stack([sample[key] for sample in samples]) for key in samples[0]}
        if isinstance(samples[0], tuple):
            return tuple(map(stack, zip(*samples, strict=True)))
        return np.stack(samples)

    def empty(tree):
        if isinstance(tree, dict):
            return {key: empty(value) for key, value in tree.items()}
        return tuple(map(empty, tree)) if isinstance(tree, tuple) else np.full_like(tree, 77)

    filled = stack([model[index] for index in chosen])
    return filled, empty(filled)


def test_rows_are_read_at_once_where_a_part_can():
    assert Zipped({"a": AtOnce(0), "b": pair(0)}).read_rows is not None
    assert Zipped({"a": InPlace(0), "b": pair(0)}).read_rows is None
    assert Zipped({"a": pair(0)}).read_into is None
    assert Concatenated([pair(0), AtOnce(0)]).read_rows is not None
    assert Concatenated([pair(0), InPlace(0)]).read_rows is None
    assert Concatenated([pair(0), InPlace(0)]).read_into is not None
    assert Subset(InPlace(0), [0]).read_rows is None
    assert getattr(Mapped(AtOnce(0), doubled), "read_rows", None) is None


def test_what_draws_anew_in_each_epoch_is_drawn_through_all_of_them():
    noise = Noise(3, 2)
    zipped = Zipped({"noise": Mapped(Subset(noise, [2, 0]), doubled), "more": Concatenated([Noise(1, 1), Noise(1, 1)])})
    assert zipped.read_into is None and zipped.read_rows is None
    drawn, rng = zipped.draw(1, np.random.default_rng(5)), np.random.default_rng(5)
    np.testing.assert_array_equal(drawn["noise"], 2 * rng.standard_normal(2, np.float32))
    np.testing.assert_array_equal(drawn["more"], rng.standard_normal(1, np.float32))
    assert Zipped({"a": pair(0)}).draw is None
    check_source(zipped, processes=False)


def test_names_go_through_all_of_them():
    named = InPlace(0)
    assert Subset(named, [3, 1]).name(0) == "files/3.txt"
    assert Mapped(named, doubled).name(2) == "files/2.txt"
    assert Zipped({"a": pair(0), "b": named}).name(1) == "files/1.txt"
    both = Concatenated([pair(0), named])
    assert (both.name(0), both.name(SIZE)) == (None, "files/0.txt")
    for nameless in (Subset(pair(0), [0]), Mapped(pair(0), doubled), Zipped((pair(0),)), Concatenated([pair(0)])):
        assert nameless.name is None


def test_samples_that_differ_in_length_stay_so():
    for source in (
        Subset(Varied(4), [3, 0, 2]),
        Concatenated([Varied(3), Varied(4)]),
        Zipped({"text": Varied(4), "pair": InPlace(0)}, targets=[0, 1, 0, 1]),
        Zipped((Varied(4), pair(0))),
        Labelled(Subset(Varied(4), [1, 2]), [0, 1]),
    ):
        assert source.lengths is not None
        check_source(source, processes=False)
    assert Subset(Varied(4), [3, 0]).lengths.tolist() == [3, 0]
    assert Concatenated([Varied(2), Varied(2)]).lengths.tolist() == [0, 1, 0, 1]


def test_what_differs_in_length_is_padded_as_the_first_is():
    row = np.zeros(3, np.int32)
    Concatenated([Varied(2), Varied(2, fill=-2)]).pad(np.array([1], np.int32), row)
    assert row.tolist() == [1, -1, -1]


def test_what_differs_in_length_is_not_padded_by_each_in_its_own_way():
    class Padding(Varied):
        def read_into(self, index, row):
            self.pad(self[index], row)

    assert Subset(Padding(2), [0]).read_into is not None
    assert Concatenated([Varied(2), Padding(2)]).read_into is None


def test_only_the_first_input_may_differ_in_length():
    with pytest.raises(ConfigurationError, match=r"`inputs\['b'\]` differ in length"):
        Zipped({"a": pair(0), "b": Varied(4)})
    with pytest.raises(ConfigurationError, match="`targets` differ in length"):
        Zipped(Varied(4), targets=Varied(4))
    with pytest.raises(ConfigurationError, match=r"`sources\[1\]` differ in length, those of `sources\[0\]` do not"):
        Concatenated([pair(0), Varied(4)])


def test_a_mask_chooses_samples_too():
    subset = Subset([5, 6, 7], np.array([True, False, True]))
    assert list(subset) == [5, 7]
    assert subset.indices.dtype == np.int64
    assert list(Subset([5, 6, 7], [])) == []


@pytest.mark.parametrize(
    ("indices", "message"),
    [
        ([0, 3], "holds 3 at place 1; the samples of the source are those of 0 .. 2"),
        ([-1], "holds -1 at place 0"),
        ([0.0, 1.0], "dtype float64"),
        ([True, False], "one boolean for each of the 3 samples"),
        ([[0], [1]], r"shape \(2, 1\)"),
        (np.uint64(2**63), r"shape \(\)"),
    ],
)
def test_indices_that_are_none_of_the_source_s(indices, message):
    with pytest.raises(ConfigurationError, match=message):
        Subset([1, 2, 3], indices)


def test_many_indices_are_kept_in_shared_memory():
    from amalthea._shared import file_of

    assert file_of(Subset(range(100_000), np.arange(100_000)).indices) is not None


def test_an_index_that_is_none_is_an_index_error():
    for source in (Concatenated([[1], [2]]), Subset([1, 2], [0, 1]), Mapped([1, 2], doubled), Zipped(([1, 2],))):
        assert list(source) == [source[0], source[1]]
        assert difference(source[-1], source[1]) is None


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        ([], "it must hold one source or more"),
        ([pair(0), [{"a": 1}]], r"`sources\[1\]` is \{'a': 'int64 \(\)'\}, one of `sources\[0\]` is int64 \(2,\)"),
        ([[np.zeros(2)], [np.zeros(3)]], r"float64 \(3,\), one of `sources\[0\]` is float64 \(2,\)"),
        ([[np.zeros(2, "uint8")], [np.zeros(2, "float32")]], "float32"),
    ],
)
def test_sources_that_do_not_go_behind_each_other(sources, message):
    with pytest.raises(ConfigurationError, match=message):
        Concatenated(sources)


def test_a_source_without_samples_goes_behind_any_other():
    assert list(Concatenated([[], [1.0], Subset(pair(0), [])])) == [1.0]


def test_what_is_no_function_is_an_error():
    with pytest.raises(ConfigurationError, match="`function` is 3"):
        Mapped([1], 3)
