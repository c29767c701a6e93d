"""Shards: each takes its rows of every global batch, all take as many, and together they are the loader that is not
sharded, whatever their number."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import amalthea
from amalthea import ConfigurationError
from shards import all_shards, assert_whole, epochs_of, loader

PROCESSES = {"workers": 2, "use_multiprocessing": True}


def test_the_rows_of_the_shards_are_those_of_the_batch():
    first, second = (next(iter(loader(10, batch_size=4, shuffle=False, shard=(shard, 2)))) for shard in (0, 1))
    assert [first[0][:, 0].tolist(), second[0][:, 0].tolist()] == [[0, 1], [2, 3]]
    last = [epochs_of(loader(9, batch_size=4, shuffle=False, shard=(shard, 2)), 1)[-1] for shard in (0, 1)]
    assert [(x[:, 0].tolist(), y.tolist(), weight.tolist()) for x, y, weight in last] == [
        ([8], [8.0], [1.0]),
        ([8], [8.0], [0.0]),
    ]


@settings(max_examples=40)
@given(
    size=st.integers(1, 40),
    batch_size=st.integers(1, 16),
    count=st.integers(1, 8),
    shuffle=st.booleans(),
    drop_remainder=st.booleans(),
    steps=st.none() | st.integers(1, 9),
    workers=st.sampled_from([0, 1, 2]),
)
def test_shards_together_are_the_loader_without_shards(
    size, batch_size, count, shuffle, drop_remainder, steps, workers
):
    options = {"batch_size": min(batch_size, size) if drop_remainder else batch_size, "shuffle": shuffle}
    options |= {"drop_remainder": drop_remainder, "steps_per_epoch": steps}
    whole = epochs_of(loader(size, **options))
    shards = all_shards(lambda **more: loader(size, workers=workers, **more), count, **options)
    assert len(shards) == len(whole)
    for parts, expected in zip(shards, whole, strict=True):
        assert_whole(parts, expected)
    structures = {len(part) for parts in shards for part in parts}
    assert len(structures) == 1  # a model is given weights with every batch, or with none
    if any(len(expected[0]) % count for expected in whole):
        assert structures == {3}


def test_shards_by_processes():
    whole = epochs_of(loader(23, batch_size=6))
    with amalthea.Loader([0.0], **PROCESSES) as processes:
        processes.peek()  # all loaders share them
        for count in (2, 3, 8):
            shards = all_shards(lambda **more: loader(23, batch_size=6, **PROCESSES, **more), count)
            for parts, expected in zip(shards, whole, strict=True):
                assert_whole(parts, expected)


def test_no_weights_are_added_where_every_batch_divides():
    for options in ({"batch_size": 4, "size": 16}, {"batch_size": 4, "size": 18, "drop_remainder": True}):
        for parts in all_shards(loader, 2, **options):
            assert [len(part) for part in parts] == [2, 2]
    for parts in all_shards(loader, 1, size=17, batch_size=4):
        assert [len(part) for part in parts] == [2]


@settings(max_examples=40)
@given(
    size=st.integers(1, 30),
    batch_size=st.integers(1, 12),
    before=st.integers(1, 8),
    after=st.integers(1, 8),
    shuffle=st.booleans(),
    steps=st.none() | st.integers(1, 7),
    data=st.data(),
)
def test_a_state_saved_by_some_shards_goes_on_with_another_number_of_them(
    size, batch_size, before, after, shuffle, steps, data
):
    def make(**more):
        return loader(size, batch_size=batch_size, shuffle=shuffle, steps_per_epoch=steps, **more)

    whole = epochs_of(make())
    taken = data.draw(st.integers(0, len(whole)), label="batches taken")
    states = []
    for index in range(before):
        shard = make(shard=(index, before))
        batches = (batch for _ in range(3) for batch in shard)
        for _ in range(taken):
            next(batches)
        states.append(json.loads(json.dumps(shard.state_dict())))
    assert all(state == states[0] for state in states)
    followed = []
    for index in range(after):
        shard = make(shard=(index, after))
        shard.load_state_dict(states[0])
        followed.append([batch for _ in range(shard.epoch, 2) for batch in shard])
    for parts, expected in zip(zip(*followed, strict=True), whole[taken:], strict=True):
        assert_whole(parts, expected)


def test_shards_that_would_draw_another_order_each_are_an_error():
    with pytest.raises(ConfigurationError, match="Pass the same `seed` in all of them"):
        loader(10, batch_size=4, seed=None, shard=(1, 2))
    unshuffled = loader(10, batch_size=4, seed=None, shuffle=False, shard=(1, 2))
    assert [x[:, 0].tolist() for x, _ in unshuffled] == [[2, 3], [6, 7], [9]]


def test_the_state_does_not_tell_the_shard():
    states = [loader(10, batch_size=4, shard=shard).state_dict() for shard in (None, (0, 1), (0, 2), (1, 2), (6, 8))]
    assert all(state == states[0] for state in states)


def test_every_loader_takes_a_shard_and_its_options_say_the_same():
    x, y = np.arange(10.0), np.arange(10)
    loaders = [
        amalthea.ArrayLoader(x, y, batch_size=4, seed=3, shard=(1, 2)),
        amalthea.MultiInputLoader({"x": x}, y, batch_size=4, seed=3, shard=(1, 2)),
        amalthea.TimeSeriesLoader(x, y, 1, batch_size=4, seed=3, shuffle=True, shard=(1, 2)),
    ]
    expected = [batch[1].tolist() for batch in epochs_of(loader(10, batch_size=4, shard=(1, 2)))]
    for each in loaders:
        assert [batch[1].tolist() for batch in epochs_of(each)] == expected
