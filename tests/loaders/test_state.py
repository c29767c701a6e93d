"""Stop anywhere, go on anywhere: a state saved after any batch of any loader goes on with the very next one, in this
program, in another one, and in whatever way batches are made."""

import contextlib
import json
import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import amalthea
import every_loader
from amalthea import ConfigurationError
from every_loader import EPOCHS, LOADERS, WORKERS, digest, loops, make
from streams import Identified, mark

SAVED_EPOCHS = 2

pytestmark = pytest.mark.filterwarnings("ignore:Sample . could not be made")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("files")
    every_loader.write_files(root)
    return root


@contextlib.contextmanager
def processes():
    """Two worker processes, which all loaders share."""
    with amalthea.Loader([0.0], **WORKERS["processes"]) as loader:
        loader.peek()
        yield


def saved_at_every_step(loader):
    """Returns the state before each batch of two epochs, and behind the last one, as JSON brings it back; and the
    batches."""
    states, batches = [loader.state_dict()], []
    for _ in range(SAVED_EPOCHS):
        batches.append([])
        for batch in loader:
            states.append(loader.state_dict())
            batches[-1].append(digest(batch))
    return json.loads(json.dumps(states)), batches + loops(loader)


@pytest.fixture(scope="module")
def saved(folder):
    """`{loader: {workers: (states, epochs of batches)}}`."""
    found = {name: {} for name in LOADERS}
    with processes():
        for name, by_workers in found.items():
            for workers in WORKERS:
                with make(folder, name, workers) as loader:
                    by_workers[workers] = saved_at_every_step(loader)
    return found


@pytest.fixture(scope="module")
def resumed(folder, saved, tmp_path_factory):
    """What followed each state in another program, in another folder, whose strings have other hashes."""
    states = {name: {workers: saved[name][workers][0] for workers in WORKERS} for name in LOADERS}
    done = subprocess.run(
        [sys.executable, every_loader.__file__],
        input=json.dumps({"folder": str(folder), "states": states}),
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
        cwd=tmp_path_factory.mktemp("elsewhere"),
        env={**os.environ, "PYTHONHASHSEED": "7"},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def following(epochs):
    """What follows each state of the first two epochs: the rest of the epoch, then whole ones."""
    for number in range(SAVED_EPOCHS):
        for place in range(len(epochs[number])):
            yield [epochs[number][place:], *epochs[number + 1 :]]
    yield epochs[SAVED_EPOCHS:]


@pytest.mark.parametrize("workers", WORKERS)
@pytest.mark.parametrize("name", LOADERS)
def test_another_program_goes_on_after_every_step(saved, resumed, name, workers):
    states, epochs = saved[name][workers]
    assert len(epochs) == EPOCHS
    assert len(resumed[name][workers]) == len(states) == sum(map(len, epochs[:SAVED_EPOCHS])) + 1
    for found, expected in zip(resumed[name][workers], following(epochs), strict=True):
        assert found == expected


@pytest.mark.parametrize("name", LOADERS)
def test_states_and_batches_are_the_same_by_threads_by_processes_and_without(saved, name):
    assert saved[name]["threads"] == saved[name]["none"]
    assert saved[name]["processes"] == saved[name]["none"]


def test_the_epochs_of_a_loader_that_shuffles_differ(saved):
    """Otherwise a state that goes to another epoch would not be seen."""
    unshuffled = {"Loader, fewer steps", "ImageLoader of validation", "TimeSeriesLoader", "SequenceLoader"}
    unshuffled |= {name for name in LOADERS if "unshuffled" in name}
    for name in LOADERS.keys() - unshuffled:
        _, epochs = saved[name]["none"]
        assert epochs[0] != epochs[1] != epochs[2], name


@pytest.mark.parametrize("name", LOADERS)
def test_a_state_is_small_and_json(saved, name):
    for state in saved[name]["none"][0]:
        assert len(json.dumps(state)) < 2000
        assert state["amalthea"] == 1
        assert state["seed"] == 5
        assert (type(state["epoch"]), type(state["position"])) == (int, int)


@pytest.mark.parametrize("name", LOADERS)
def test_a_state_tells_the_epoch_and_the_batch_that_comes_next(saved, name):
    states, epochs = saved[name]["none"]
    length = len(epochs[0])
    assert [(each["epoch"], each["position"]) for each in states] == [
        divmod(batch, length) for batch in range(SAVED_EPOCHS * length + 1)
    ]
    assert all(each["stream"] == states[0]["stream"] for each in states)


TOLD = {name for name in LOADERS if "told" in name}  # their sequences cannot go back


def first_of(epochs):
    return next(batch for epoch in epochs for batch in epoch)


@pytest.mark.parametrize("workers", WORKERS)
def test_nothing_that_was_made_ahead_of_another_state_is_given(folder, saved, workers):
    """States loaded into a loader that is in use: to and fro, twice, in mid-epoch, while its workers are ahead."""
    with processes():
        for name in LOADERS.keys() - TOLD:
            states, epochs = saved[name]["none"]
            expected = list(following(epochs))
            with make(folder, name, workers, max_queue_size=4) as loader:
                for place in (len(states) - 2, 1, 1, len(states) - 1, 0):
                    for _ in range(2):
                        loader.load_state_dict(states[place])
                        assert digest(next(iter(loader))) == first_of(expected[place]), name
                    loader.load_state_dict(states[place])
                    loader.load_state_dict(states[place])
                    assert loader.state_dict() == states[place], name
                    assert loops(loader) == expected[place], name


@pytest.mark.parametrize("workers", WORKERS)
def test_what_a_loader_has_done_does_not_show_in_its_state(folder, saved, workers):
    """Asked for the first time after an epoch, when sources have files open and know what they have read."""
    with processes():
        for name in LOADERS:
            with make(folder, name, workers) as loader:
                (first,) = loops(loader, epochs=1)
                assert loader.state_dict()["stream"] == saved[name]["none"][0][len(first)]["stream"], name


def test_a_sequence_that_is_told_of_epochs_cannot_go_back_and_goes_on(folder, saved):
    for name in TOLD:
        states, epochs = saved[name]["none"]
        expected = list(following(epochs))
        with make(folder, name, "threads") as loader:
            for place in (1, 1, 2, 4, 4, 5):
                loader.load_state_dict(states[place])
                assert digest(next(iter(loader))) == first_of(expected[place]), name
                loader.load_state_dict(states[place])
            assert loops(loader) == expected[5]
            with pytest.raises(ConfigurationError, match="cannot go back: make it and its loader anew"):
                loader.load_state_dict(states[1])


options_of_a_loader = st.fixed_dictionaries(
    {
        "batch_size": st.integers(1, 12),
        "shuffle": st.booleans(),
        "steps_per_epoch": st.none() | st.integers(1, 12),
        "workers": st.sampled_from([0, 2]),
        "max_queue_size": st.integers(0, 3),
    }
)


@settings(max_examples=50)
@given(size=st.integers(1, 40), options=options_of_a_loader, drop_remainder=st.booleans(), data=st.data())
def test_a_state_of_a_loader_of_any_size_goes_on(size, options, drop_remainder, data):
    options["drop_remainder"] = drop_remainder and options["batch_size"] <= size

    def loader():
        return amalthea.Loader(Identified(size), transform=mark, seed=3, **options)

    with loader() as first, loader() as second:
        taken = data.draw(st.integers(0, 2 * len(first)))
        batches = (digest(batch) for _ in range(4) for batch in first)
        for _ in range(taken):
            next(batches)
        second.load_state_dict(first.state_dict())
        followed = [digest(batch) for _ in range(2) for batch in second]
        assert len(followed) == 2 * len(first) - taken % len(first)
        assert followed == [next(batches) for _ in followed]
