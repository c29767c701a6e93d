"""Fingerprints: the same for what decides the same, other ones for all else, and no sample is read for them."""

import functools
import threading
from pathlib import PurePath

import numpy as np
import pytest

from amalthea import sources, transforms
from amalthea.fingerprint import fingerprint
from amalthea.sources.paths import Paths
from numbered import Numbered


def change(value, rng):
    return value


def other_change(value, rng):
    return value


class Described:
    """A source of somebody's that says what decides its samples."""

    def __init__(self, version):
        self.version, self.lock = version, threading.Lock()

    def __len__(self):
        return 3

    def __getitem__(self, index):
        raise AssertionError("no sample is read")

    def recipe(self):
        return {"version": self.version}


class Unknown(Described):
    recipe = None


class Scalar:
    """As a tensor without an axis: it has the method, and no length."""

    def __len__(self):
        raise TypeError("len() of unsized object")


# Each makes the same value twice, and another one.
VALUES = {
    "number": (lambda: 1.5, lambda: 2.5),
    "text": (lambda: "a", lambda: "b"),
    "none": (lambda: None, lambda: 0),
    "list": (lambda: [1, [2, "a"]], lambda: [1, [3, "a"]]),
    "long list": (lambda: list(range(1000)), lambda: list(range(1001))),
    "dict": (lambda: {"a": 1, "b": 2}, lambda: {"a": 1, "b": 3}),
    "names": (lambda: {"a": 1}, lambda: {"b": 1}),
    "array": (lambda: np.arange(6).reshape(2, 3), lambda: np.arange(6).reshape(3, 2)),
    "dtype of an array": (lambda: np.arange(6, dtype="int32"), lambda: np.arange(6, dtype="int64")),
    "values of an array": (lambda: np.arange(6), lambda: np.arange(1, 7)),
    "one value of many": (lambda: np.zeros(1000), lambda: np.eye(1, 1000, 501)[0]),
    "rows of a large array": (lambda: np.zeros((1 << 12, 1 << 8)), lambda: np.ones((1 << 12, 1 << 8))),
    "bytes": (lambda: b"a", lambda: b"b"),
    "range": (lambda: range(3), lambda: range(1, 4)),
    "path": (lambda: PurePath("a"), lambda: PurePath("b")),
    "scalar": (lambda: np.float32(1), lambda: np.float32(2)),
    "array of no axis": (lambda: np.array(3), lambda: np.array(4)),
    "objects": (lambda: np.array(["a", 1], object), lambda: np.array(["b", 1], object)),
    "empty": (lambda: np.zeros((0, 3)), lambda: np.zeros((0, 4))),
    "dtype": (lambda: np.dtype("float32"), lambda: np.dtype("float64")),
    "function": (lambda: change, lambda: other_change),
    "partial": (lambda: functools.partial(change, 1), lambda: functools.partial(change, 2)),
    "paths": (lambda: Paths(["a", "b"]), lambda: Paths(["b", "a"])),
    "borders of paths": (lambda: Paths(["ab", "c"]), lambda: Paths(["a", "bc"])),
    "many paths": (lambda: Paths(map(str, range(3000))), lambda: Paths(map(str, range(1, 3001)))),
    "recipe": (lambda: Described(1), lambda: Described(2)),
    "kind": (lambda: Unknown(1), lambda: sources.Noise(3, 2)),
    "source": (lambda: sources.Noise(3, 2), lambda: sources.Noise(3, 4)),
    "transform": (lambda: transforms.RandomRotation(0.2), lambda: transforms.RandomRotation(0.3)),
    "transforms": (
        lambda: transforms.Compose([transforms.RandomFlip(), transforms.RandomZoom(0.1)]),
        lambda: transforms.Compose([transforms.RandomZoom(0.1), transforms.RandomFlip()]),
    ),
    "part": (lambda: sources.Subset([1.0, 2.0, 3.0], [0, 2]), lambda: sources.Subset([1.0, 2.0, 3.0], [0, 1])),
}


@pytest.mark.parametrize("name", VALUES)
def test_the_same_has_the_same_and_another_one_another(name):
    make, other = VALUES[name]
    assert fingerprint(make()) == fingerprint(make())
    assert fingerprint(make()) != fingerprint(other())
    assert len(fingerprint(make())) == 16


def test_of_what_nothing_is_known_the_kind_and_the_length_tell():
    assert fingerprint(Unknown(1)) == fingerprint(Unknown(2))
    assert fingerprint({"a": object()}) == fingerprint({"a": object()})  # not by its place in memory
    assert fingerprint({3, 1}) == fingerprint({1, 3})
    assert fingerprint(functools.partial(change, Scalar())) == fingerprint(functools.partial(change, Scalar()))


def test_a_cache_around_a_source_changes_nothing(tmp_path):
    for place in ("memory", tmp_path / "cache"):
        assert fingerprint(sources.Cached(Numbered(), place)) == fingerprint(Numbered())


def test_these_were_always_the_same():
    """Golden ones: with others a new version could not go on with the states of those before it."""
    value = {"a": np.arange(3, dtype="float32"), "b": [change, 1.5, None, "ä"], "c": Paths(["x/1.png", "x/2.png"])}
    assert fingerprint(value) == "c056a22f33c6e1a0"
