"""Many paths behave like a list of strings, and cost little more than their bytes."""

import os
import pathlib
import pickle
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amalthea.errors import ConfigurationError
from amalthea.sources.paths import Paths
from amalthea.workers.parcel import open_parcel, pack

# Any name that a file can have: Python turns bytes that are no UTF-8 into surrogates.
NAMES = st.text(max_size=12) | st.binary(max_size=12).filter(lambda data: b"\0" not in data).map(os.fsdecode)
LISTS = st.lists(NAMES, max_size=12)


@given(LISTS, st.data())
def test_it_is_read_like_a_list(names, data):
    paths = Paths(names)
    assert (len(paths), list(paths), list(reversed(paths)), bool(paths)) == (
        len(names),
        names,
        names[::-1],
        bool(names),
    )
    for index in range(-len(names), len(names)):
        assert paths[index] == paths[np.int64(index)] == names[index]
    some = data.draw(st.slices(len(names)))
    assert paths[some] == names[some]
    for index in (len(names), -len(names) - 1):
        with pytest.raises(IndexError):
            paths[index]


@given(LISTS, LISTS)
def test_it_equals_the_list_of_the_same_strings_and_no_other(names, others):
    paths = Paths(names)
    assert paths == names
    assert names == paths
    assert paths == tuple(names)
    assert paths == Paths(names)
    assert (paths != names) is False
    for equal in (paths == others, others == paths, paths == Paths(others), Paths(others) == paths):
        assert equal == (names == others)


@pytest.mark.parametrize(
    "other", [[1], [None], [pathlib.Path("a")], [b"a"], b"a", "a", {"a"}, 1, None], ids=lambda other: repr(other)
)
def test_it_equals_nothing_that_does_not_hold_the_same_strings(other):
    assert Paths(["a"]) != other
    assert other != Paths(["a"])


@given(st.lists(NAMES, min_size=1, max_size=12), NAMES)
def test_strings_are_found_and_counted_as_in_a_list(names, other):
    paths = Paths(names)
    for name in [*names, other]:
        assert (name in paths, paths.count(name)) == (name in names, names.count(name))
    assert [paths.index(name) for name in names] == [names.index(name) for name in names]
    assert paths.index(names[-1], -1) == len(names) - 1
    if other not in names:
        with pytest.raises(ValueError):
            paths.index(other)
    assert 1 not in paths


@given(LISTS)
def test_iterators_and_path_objects_are_taken(names):
    assert Paths(iter(names)) == names
    assert Paths(map(pathlib.Path, names)) == [str(pathlib.Path(name)) for name in names]


def test_it_is_shown_in_short_and_has_no_hash_as_a_list_has_none():
    assert repr(Paths([])) == "Paths([])"
    assert repr(Paths(["a", "b"])) == "Paths(['a', 'b'])"
    assert repr(Paths(map(str, range(1234)))) == "Paths(['0', '1', '2', ...])  # 1,234 paths"
    with pytest.raises(TypeError, match="unhashable"):
        hash(Paths(["a"]))


@given(st.lists(NAMES, min_size=1, max_size=12), st.data())
def test_a_part_holds_the_paths_that_were_chosen_in_any_order(names, data):
    indices = data.draw(st.lists(st.integers(0, len(names) - 1), max_size=20))
    part = Paths(names).part(indices)
    assert part == [names[index] for index in indices]
    assert part.part(range(len(part))) == Paths(part) == part
    assert pickle.loads(pickle.dumps(part)) == part


@given(st.lists(NAMES, min_size=2, max_size=12), st.data())
def test_two_parts_share_their_memory_with_the_whole(names, data):
    end = data.draw(st.integers(0, len(names)))

    def by(values):
        values[:] = values[::-1].copy()
        return values[:end], values[end:]

    paths = Paths(names)
    first, second = paths.parted(by)
    assert (list(first), list(second)) == (names[::-1][:end], names[::-1][end:])
    assert paths == names[::-1]


@pytest.mark.parametrize("last", ["\u00e9", os.fsdecode(b"\xff"), pathlib.Path("p"), b"bytes"], ids=repr)
def test_many_of_one_kind_and_one_of_another(last):
    """They are encoded together where they are plain, and thousands at a time."""
    names = [f"{number}.png" for number in range(10_000)]
    mixed = [*names, last, *names]
    expected = [os.fsdecode(name) for name in mixed]
    paths = Paths(mixed)
    assert list(paths) == paths[:] == expected
    for place in (0, 1023, 1024, 9999, 10_000, 10_001, -1):
        assert paths[place] == expected[place]


def test_what_is_longer_than_any_path_is_an_error():
    assert Paths(["a" * (2**20 - 1), "b"]) == ["a" * (2**20 - 1), "b"]
    with pytest.raises(ConfigurationError, match=r"1,048,576 bytes.*'aaaa"):
        Paths(["b", "a" * 2**20])


# Of what is measured, threads of other tests that are not quite at their end may take some hundred thousand bytes.
OTHERS = 1_000_000


def test_so_many_are_never_twice_in_memory_nor_as_strings():
    count, size = 200_000, 40
    tracemalloc.start()
    try:
        paths = Paths(f"{number:0{size}}" for number in range(count))
        assert tracemalloc.get_traced_memory()[1] < 500_000 + OTHERS  # as strings they take 19 million
        tracemalloc.reset_peak()
        assert sum(map(len, paths)) == count * size
        assert tracemalloc.get_traced_memory()[1] < 500_000 + OTHERS
        order = np.arange(count)[::-1]
        tracemalloc.reset_peak()
        part = paths.part(order)
        assert tracemalloc.get_traced_memory()[1] - order.nbytes < 500_000 + OTHERS
    finally:
        tracemalloc.stop()
    files = {id(file): file.size for file in pack((paths, part)).files}
    assert sum(files.values()) == count * (size + 8 + 8)


def test_it_costs_its_bytes_and_eight_more_for_each_in_memory_that_workers_share():
    count, size = 200_000, 40
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        paths = Paths(f"{number:0{size}}" for number in range(count))
        assert tracemalloc.get_traced_memory()[0] - before < OTHERS  # the eight alone are 1.6 million
    finally:
        tracemalloc.stop()
    parcel = pack(paths)
    assert len(parcel.data) < 1000
    assert sum(file.size for file in parcel.files) == count * (size + 8)
    assert open_parcel(parcel.data, [os.dup(file.handle) for file in parcel.files]).value == paths
