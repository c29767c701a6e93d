"""A state that does not fit says what differs, and changes nothing."""

import json
import re

import keras
import numpy as np
import pytest

import amalthea
from amalthea import ConfigurationError, sources
from every_loader import Threes, Turned, loops
from misfits import X, Y, arrays, named, other_transform, sequences, transform

TEXTS = ["one", "two three", "four five six", "seven", "a much longer text", "nine"]


def texts(max_length=5, **options):
    source = sources.Texts(TEXTS, amalthea.WordTokenizer().fit(TEXTS), max_length, fixed_length=False)
    return amalthea.Loader(source, batch_size=2, seed=1, workers=0, **options)


# What is made, its options, those of the other one, and the fields that are named.
MISFITS = {
    "seed": (arrays, {}, {"seed": 2}, {"seed"}),
    "batch_size": (arrays, {}, {"batch_size": 5}, {"batch_size"}),
    "shuffle": (arrays, {}, {"shuffle": False}, {"shuffle"}),
    "drop_remainder": (arrays, {}, {"drop_remainder": True}, {"drop_remainder"}),
    "steps_per_epoch": (arrays, {}, {"steps_per_epoch": 3}, {"steps_per_epoch"}),
    "another steps_per_epoch": (arrays, {"steps_per_epoch": 4}, {"steps_per_epoch": 3}, {"steps_per_epoch"}),
    "samples": (arrays, {}, {"x": X[:-1], "y": Y[:-1]}, {"samples", "source"}),
    "source": (arrays, {}, {"x": X + 1}, {"source"}),
    "its dtype": (arrays, {}, {"x": X.astype("float32")}, {"source"}),
    "its structure": (arrays, {}, {"x": {"x": X}}, {"source"}),
    "sample_weight": (arrays, {}, {"sample_weight": X}, {"source"}),
    "class_weight": (arrays, {}, {"class_weight": "balanced"}, {"source"}),
    "sampling_weights": (arrays, {}, {"sampling_weights": X}, {"sampling_weights"}),
    "other weights": (arrays, {"sampling_weights": X}, {"sampling_weights": X + 1}, {"sampling_weights"}),
    "transform": (arrays, {}, {"transform": transform}, {"transform"}),
    "another transform": (arrays, {"transform": transform}, {"transform": other_transform}, {"transform"}),
    "batch_transform": (arrays, {}, {"batch_transform": transform}, {"batch_transform"}),
    "augment": (
        lambda **options: arrays(np.zeros((20, 4, 4, 1), "uint8"), **options),
        {"augment": amalthea.transforms.RandomRotation(0.2)},
        {"augment": amalthea.transforms.RandomRotation(0.3)},
        {"transform"},
    ),
    "layers": (arrays, {}, {"layers": keras.layers.Rescaling(2.0)}, {"layers"}),
    "other layers": (
        arrays,
        {"layers": keras.layers.Rescaling(2.0)},
        {"layers": keras.layers.Rescaling(3.0)},
        {"layers"},
    ),
    "on_error": (arrays, {}, {"on_error": "skip"}, {"on_error"}),
    "quarantine": (arrays, {"on_error": "skip"}, {"on_error": "skip", "quarantine": [3]}, {"quarantine"}),
    "bucket_by_length": (texts, {}, {"bucket_by_length": True}, {"bucket_by_length"}),
    "a text's length": (texts, {}, {"max_length": 4}, {"source"}),
    "two things": (arrays, {}, {"batch_size": 5, "shuffle": False}, {"batch_size", "shuffle"}),
    "sequence": (sequences, {}, {"kind": type("Others", (Threes,), {})}, {"sequence"}),
    "shuffled sequence": (sequences, {}, {"shuffle": True}, {"shuffle"}),
    "seed of a sequence": (sequences, {}, {"seed": 2}, {"seed"}),
}


@pytest.mark.parametrize("name", MISFITS)
def test_a_state_of_other_batches_is_an_error_that_names_what_differs(name):
    make, options, others, fields = MISFITS[name]
    for one, other in ((options, others), (others, options)):
        state, loader = json.loads(json.dumps(make(**one).state_dict())), make(**other)
        before = loader.state_dict()
        with pytest.raises(ConfigurationError, match="Make the loader as the other was made") as caught:
            loader.load_state_dict({**state, "position": 1})
        assert named(caught.value) == fields
        assert loader.state_dict() == before


def test_an_error_tells_both_values():
    with pytest.raises(ConfigurationError, match="`batch_size` is 4 there and 5 here") as caught:
        arrays(batch_size=5).load_state_dict(arrays().state_dict())
    assert "may be removed from `state['stream']`" in str(caught.value)
    with pytest.raises(ConfigurationError, match="`seed` is 1 there and 2 here"):
        arrays(seed=2).load_state_dict(arrays().state_dict())


def test_a_field_that_was_removed_is_not_compared():
    state = arrays(transform=transform).state_dict()
    del state["stream"]["transform"]
    loader = arrays(transform=other_transform)
    loader.load_state_dict({**state, "position": 2})
    assert loader.state_dict()["position"] == 2


def test_a_state_of_another_kind_of_loader_is_an_error():
    for one, other in ((arrays, sequences), (sequences, arrays)):
        with pytest.raises(ConfigurationError, match="The state is that of a loader of other batches"):
            one().load_state_dict(other().state_dict())


STATE = arrays().state_dict()


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (None, r"`state` is none; it must be what `loader.state_dict\(\)` has returned.*None"),
        ([1, 2], r"`state` is none; it must be what `loader.state_dict\(\)` has returned.*\[1, 2\]"),
        ("state", r"`state` is none; it must be"),
        (json.dumps(STATE), r"`state` is none; it must be"),
        ({}, r"`state` is none; it must be"),
        ({**STATE, "amalthea": 2}, r"`state` is of the format 2; it must be .*of the format 1"),
        ({**STATE, "amalthea": "1"}, r"`state` is of the format '1'; it must be"),
        ({**STATE, "amalthea": [1]}, r"`state` is of the format \[1\]; it must be"),
        *(
            ({**STATE, name: value}, rf"`state\['{name}'\]` is {re.escape(repr(value))}; it must be an integer of 0 or")
            for name in ("seed", "epoch", "position")
            for value in (-1, 1.0, "1", None, True, [0])
        ),
        *(
            ({key: value for key, value in STATE.items() if key != name}, rf"`state\['{name}'\]` is None; it must be")
            for name in ("seed", "epoch", "position", "stream")
        ),
        ({**STATE, "stream": []}, r"`state\['stream'\]` is \[\]; it must be a dict"),
        ({**STATE, "position": 5}, r"`state\['position'\]` is 5; an epoch has 5 batches"),
        ({**STATE, "position": 10**30}, r"`state\['position'\]` is 10{30}; an epoch has 5 batches"),
        ({**STATE, "stream": {**STATE["stream"], "unknown": 3}}, r"`unknown` is 3 there and None here"),
    ],
)
def test_what_is_no_state_is_an_error_that_says_why(state, message):
    loader = arrays()
    expected = [loops(arrays(), epochs=1)]
    with pytest.raises(ConfigurationError, match=message):
        loader.load_state_dict(state)
    assert [loops(loader, epochs=1)] == expected


@pytest.mark.parametrize("told", [None, [0], [1, 2, None], [2, 0, 0], [1, 0, None], [1, 1, 0], ["1", 0, 0], 3])
def test_what_a_sequence_was_never_told_is_an_error(told):
    loader = sequences(Turned)
    with pytest.raises(ConfigurationError, match=r"`state\['told'\]` is "):
        loader.load_state_dict({**loader.state_dict(), "position": 1, "told": told})
    assert loader.state_dict()["position"] == 0
