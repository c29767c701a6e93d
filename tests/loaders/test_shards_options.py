"""Shards and the other options of a loader: weights, broken samples, lengths, groups, and what is random."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import amalthea
from amalthea import ConfigurationError, sources
from amalthea.testing.findings import difference
from every_loader import Blurred
from shards import all_shards, assert_whole, epochs_of, loader, put_together
from streams import Identified


def test_targets_and_weights_of_any_structure():
    x, y = {"a": np.arange(7.0), "b": np.arange(7)}, {"c": np.arange(7), "d": np.arange(7.0)}
    batches = amalthea.ArrayLoader(x, y, batch_size=4, shuffle=False, shard=(1, 2), workers=0)
    inputs, targets, weights = epochs_of(batches, 1)[1]
    assert {name: array.tolist() for name, array in inputs.items()} == {"a": [6.0, 4.0], "b": [6, 4]}
    assert {name: array.tolist() for name, array in targets.items()} == {"c": [6, 4], "d": [6.0, 4.0]}
    assert weights.tolist() == [1.0, 0.0]


@pytest.mark.parametrize("nested", [False, True])
def test_weights_of_their_own_are_kept_and_those_of_padding_are_zero(nested):
    x, y, weights = np.arange(7.0), np.arange(7), np.arange(7.0) + 1
    named = ({"y": y, "z": y}, {"y": weights, "z": weights}) if nested else (y, weights)
    for count in (1, 2, 3, 5):
        shards = all_shards(
            lambda **more: amalthea.ArrayLoader(x, *named, batch_size=4, seed=1, workers=0, **more), count
        )
        for parts in shards:
            both = put_together(parts)
            for own in both[2].values() if nested else [both[2]]:
                real = own > 0
                assert own[real].tolist() == (both[0][real] + 1).tolist()
                assert real.tolist() == sorted(real.tolist(), reverse=True)
        total = sum(np.sum(part[2]["y"] if nested else part[2]) for parts in shards for part in parts)
        assert total == 2 * weights.sum()


def test_an_x_alone_has_no_place_for_a_weight():
    source = [float(i) for i in range(10)]
    remedies = "Give y as well, choose a `batch_size` .* that can be divided by 3, or pass `drop_remainder=True`"
    for samples in (source, [{"x": each} for each in source]):
        with pytest.raises(ConfigurationError, match=remedies):
            amalthea.Loader(samples, batch_size=4, seed=1, shard=(0, 3))
    shards = all_shards(lambda **more: amalthea.Loader(source, batch_size=5, seed=1, workers=0, **more), 5)
    assert [np.concatenate(parts).tolist() for parts in shards] == [
        batch.tolist() for batch in epochs_of(amalthea.Loader(source, batch_size=5, seed=1))
    ]
    dropped = amalthea.Loader(source, batch_size=4, seed=1, drop_remainder=True, shard=(1, 2), workers=0)
    assert [batch.shape for batch in epochs_of(dropped, 1)] == [(2,), (2,)]


class Partly(Identified):
    """Some samples cannot be read."""

    def __getitem__(self, index):
        if index in (2, 5):
            raise OSError(f"no {index}")
        return super().__getitem__(index)


@pytest.mark.filterwarnings("ignore:Sample . could not be made")
@pytest.mark.parametrize("on_error", ["skip", "substitute"])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_what_stands_in_for_a_broken_sample_is_the_same_on_shards(on_error, count):
    def make(**more):
        return amalthea.Loader(Partly(11), batch_size=4, seed=3, on_error=on_error, max_errors=None, workers=0, **more)

    for parts, expected in zip(all_shards(make, count), epochs_of(make()), strict=True):
        assert_whole(parts, expected)


WORDS = ["one", "two three", "four five six", "", "a much longer text of nine words or so", "seven", "one two"]


@pytest.mark.parametrize("bucketed", [False, True])
@pytest.mark.parametrize("count", [2, 3, 7])
def test_all_shards_of_a_batch_are_as_long_as_each_other(bucketed, count):
    def make(**more):
        options = {"batch_size": 3, "seed": 1, "workers": 0, "bucket_by_length": bucketed}
        return amalthea.TextLoader(WORDS, list(range(7)), max_length=9, **options, **more)

    lengths = set()
    for parts, expected in zip(all_shards(make, count), epochs_of(make()), strict=True):
        assert_whole(parts, expected)
        lengths.add(expected[0].shape[1])
    assert (len(lengths) > 1) == bucketed


@settings(max_examples=25)
@given(
    size=st.integers(1, 200),
    batch_size=st.integers(1, 9),
    count=st.integers(1, 4),
    shuffle=st.booleans(),
    steps=st.none() | st.integers(1, 60),
    data=st.data(),
)
def test_small_batches_made_in_groups_are_those_made_alone(size, batch_size, count, shuffle, steps, data):
    options = {"batch_size": batch_size, "shuffle": shuffle, "steps_per_epoch": steps, "seed": 3, "workers": 0}
    options["shard"] = (data.draw(st.integers(0, count - 1), label="index"), count)
    x = np.arange(size)
    alone = amalthea.Loader(list(zip(x.tolist(), x.tolist(), strict=True)), **options)
    grouped = amalthea.ArrayLoader(x, x, **options)
    expected = epochs_of(alone, 3)
    assert difference(tuple(expected), tuple(epochs_of(grouped, 3))) is None
    state = grouped.state_dict()
    taken = data.draw(st.integers(0, len(alone) - 1), label="position")
    grouped.load_state_dict({**state, "epoch": 1, "position": taken})
    followed = [batch for _ in range(2) for batch in grouped]
    assert difference(tuple(expected[len(alone) + taken :]), tuple(followed)) is None


def test_a_batch_transform_draws_anew_on_each_shard_and_the_same_again():
    def noise(batch, rng):
        x, y = batch
        return np.full((len(x), 1), rng.random(), np.float32), y

    def make(**more):
        return amalthea.Loader(Identified(8), batch_size=4, seed=3, workers=0, batch_transform=noise, **more)

    shards = all_shards(make, 2)
    drawn = [float(x[0, 0]) for parts in shards for x, _ in parts]
    assert len(set(drawn)) == len(drawn) == 8
    assert [float(x[0, 0]) for parts in all_shards(make, 2) for x, _ in parts] == drawn


def test_layers_draw_anew_on_each_shard_and_the_same_again():
    def make(**more):
        source = [(np.zeros(2, np.float32), 0)] * 8
        return amalthea.Loader(source, batch_size=4, seed=3, workers=0, layers=Blurred(), **more)

    shards = all_shards(make, 2)
    drawn = [row.tobytes() for parts in shards for x, _ in parts for row in x]
    assert len(set(drawn)) == len(drawn) == 16
    assert [row.tobytes() for parts in all_shards(make, 2) for x, _ in parts for row in x] == drawn


def test_a_source_of_noise_is_the_same_on_shards():
    def make(**more):
        inputs = {"noise": sources.Noise(9, 3)}
        return amalthea.MultiInputLoader(inputs, np.arange(9), batch_size=4, seed=3, workers=0, **more)

    for parts, (x, y) in zip(all_shards(make, 2), epochs_of(make()), strict=True):
        whole = put_together(parts)
        assert difference(x["noise"], whole[0]["noise"][: len(y)]) is None


@pytest.mark.parametrize(
    ("shard", "message"),
    [
        ((2, 2), r"`shard` is \(2, 2\); the index must be one of 0 \.\. 1"),
        ((3, 2), r"`shard` is \(3, 2\); the index must be one of 0 \.\. 1"),
        ((-1, 2), r"`shard\[0\]` is -1; it must be an integer of 0 or more"),
        ((0, 0), r"`shard\[1\]` is 0; it must be an integer of 1 or more"),
        ((0.5, 2), r"`shard\[0\]` is 0\.5; it must be an integer"),
        ((0, 2.0), r"`shard\[1\]` is 2\.0; it must be an integer"),
        ((True, 2), r"`shard\[0\]` is True; it must be an integer"),
        (("0", "2"), r"`shard\[0\]` is '0'; it must be an integer"),
        ((0,), r"`shard` is \(0,\); it must be None, \(index, count\)"),
        ((0, 1, 2), r"`shard` is \(0, 1, 2\); it must be None, \(index, count\)"),
        (3, r"`shard` is 3; it must be None, \(index, count\)"),
        ("first", r"`shard` is 'first'; it must be None, \(index, count\)"),
        ({0, 2}, r"`shard` is \{0, 2\}; it must be None, \(index, count\)"),
    ],
)
def test_what_is_no_shard_is_an_error_that_tells_what_is_allowed(shard, message):
    with pytest.raises(ConfigurationError, match=message):
        loader(10, batch_size=4, shard=shard)
