"""What a state has: what decides the batches and nothing else. The seed is taken where a loader was given none."""

import json

import keras
import numpy as np
import pytest

import amalthea
from amalthea import ConfigurationError, sources
from every_loader import Blurred, loops, mark, mark_all, numbers
from misfits import X, Y, arrays, named, other_transform, sequences, transform
from pictures import write_all


def test_a_loader_without_a_seed_of_its_own_takes_that_of_the_state():
    state = {**arrays(seed=7, transform=noise).state_dict(), "epoch": 1, "position": 2}
    expected = arrays(seed=7, transform=noise)
    expected.load_state_dict(state)
    for workers in (0, 2):
        with arrays(seed=None, transform=noise, workers=workers) as loader:
            next(iter(loader))
            loader.load_state_dict(state)
            assert loader.seed == 7
            assert loader.state_dict() == state
            assert loops(loader, 3) == loops(expected, 3)
            expected.load_state_dict(state)
            loader.load_state_dict({**state, "seed": 8})
            assert loader.seed == 8
    with sequences(seed=None, shuffle=True) as loader, sequences(seed=7, shuffle=True) as other:
        loader.load_state_dict(other.state_dict())
        assert loops(loader, 3) == loops(other, 3)


def noise(sample, rng):
    x, y = sample
    return x + rng.random(), y


def test_all_that_is_random_is_by_the_seed_that_was_taken():
    def make(seed):
        x = numbers(20, 2)
        return arrays(x, seed=seed, transform=mark, batch_transform=mark_all, layers=Blurred())

    one, other = make(None), make(7)
    one.load_state_dict(other.state_dict())
    assert loops(one, 2) == loops(other, 2)


def test_a_part_of_a_loader_that_has_taken_a_seed_has_it_too():
    loader = arrays(seed=None)
    loader.load_state_dict(arrays(seed=7).state_dict())
    assert loops(loader.part(range(9)), 2) == loops(arrays(seed=7).part(range(9)), 2)


def test_files_in_folders_whose_order_was_drawn_are_those_of_the_state_s_seed(tmp_path):
    """The seed decides the order of the files as well: a loader that is there has them in another one."""
    write_all(tmp_path, [f"{name}/{number}.png" for name in ("a", "b") for number in range(9)])

    def make(seed):
        options = {"image_size": 8, "batch_size": 4, "verbose": False, "workers": 0}
        return amalthea.ImageLoader.from_directory(tmp_path, seed=seed, **options)

    first = make(None)
    state = first.state_dict()
    with pytest.raises(ConfigurationError) as caught:
        make(None).load_state_dict(state)
    assert named(caught.value) == {"seed", "source"}
    second = make(state["seed"])
    second.load_state_dict(state)
    assert loops(second, 2) == loops(first, 2)


@pytest.mark.parametrize(
    "options",
    [
        {"workers": 3},
        {"use_multiprocessing": True, "workers": 1},
        {"use_multiprocessing": True, "workers": 1, "timeout_s": 60},
        {"max_queue_size": 7},
        {"max_errors": 0.5},
        {"shard": (1, 3)},
        {"batch_size": np.int64(4)},
        {"seed": np.int32(1)},
        {"shuffle": np.True_},
        {"steps_per_epoch": None},
    ],
)
def test_what_makes_no_difference_is_none(options):
    state = {**arrays().state_dict(), "epoch": 1, "position": 3}
    with arrays(**options) as loader:
        loader.load_state_dict(state)
        assert json.loads(json.dumps(loader.state_dict())) == state


def test_the_same_quarantine_in_another_form_is_the_same(tmp_path):
    first = arrays(on_error="skip", quarantine=[3, 5])
    first.errors.save(tmp_path / "report.json")
    for quarantine in ([5, 3], (3, 5), tmp_path / "report.json", str(tmp_path / "report.json"), first.errors):
        other = arrays(on_error="skip", quarantine=quarantine)
        assert other.state_dict() == first.state_dict()


def test_where_a_cache_is_makes_no_difference(tmp_path):
    paths = write_all(tmp_path, [f"{number}.png" for number in range(5)])
    memory, kept = (
        amalthea.ImageLoader(paths, range(5), image_size=8, seed=1, batch_size=2, cache=cache, workers=0)
        for cache in ("memory", tmp_path / "cache")
    )
    assert memory.state_dict() == kept.state_dict()


class Written(keras.layers.Layer):
    """A layer that cannot be saved."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def call(self, x):
        return self.function(x)


def test_a_layer_that_cannot_be_saved_is_told_by_its_class():
    first, second = (arrays(layers=Written(lambda x: -x)) for _ in range(2))
    second.load_state_dict(first.state_dict())
    with pytest.raises(ConfigurationError) as caught:
        arrays(layers=keras.layers.Rescaling(2.0)).load_state_dict(first.state_dict())
    assert named(caught.value) == {"layers"}


def test_this_state_was_always_the_same():
    """A golden one: a version that changes it cannot go on with the states of those before it."""
    source = sources.Arrays({"a": X, "b": Y}, Y)
    with amalthea.Loader(source, batch_size=4, seed=3, transform=[transform, other_transform], workers=0) as loader:
        for _ in range(2):
            next(iter(loader))
        assert loader.state_dict() == GOLDEN


GOLDEN = {
    "amalthea": 1,
    "seed": 3,
    "epoch": 1,
    "position": 1,
    "stream": {
        "samples": 20,
        "source": "ad6a18da390dce74",
        "batch_size": 4,
        "shuffle": True,
        "drop_remainder": False,
        "bucket_by_length": False,
        "steps_per_epoch": None,
        "on_error": "raise",
        "transform": "358e0b8beb7cb8d4",
        "batch_transform": None,
        "sampling_weights": None,
        "layers": None,
        "quarantine": None,
    },
}
