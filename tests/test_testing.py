"""amalthea.testing: each defect is found and named, and nothing is found where there is none."""

import itertools
import os
import pickle
import random
import sys
import threading

import cloudpickle
import numpy as np
import pytest

import amalthea
from amalthea.errors import ConfigurationError
from amalthea.sources import Labelled, Noise, Subset, Zipped
from amalthea.testing import CheckError, Faulty, Racy, check_loader, check_source

# As if it were a script: worker processes cannot import it.
cloudpickle.register_pickle_by_value(sys.modules[__name__])


class Column:
    """Sample i is three times the number i."""

    def __init__(self, size=20):
        self.size = size

    def __len__(self):
        return self.size

    def __getitem__(self, index):
        if index >= 20:
            raise IndexError(index)
        return np.full(3, index, np.float32)


class InPlace(Column):
    def read_into(self, index, row):
        row[...] = self[index]

    def read_rows(self, indices, rows):
        rows[...] = indices[:, None]


class Varied(Column):
    def __init__(self):
        super().__init__()
        self.lengths = np.arange(20)

    def __getitem__(self, index):
        return np.full(index, index, np.int32)

    def pad(self, sample, row):
        row[...] = -1
        row[: len(sample)] = sample


GOOD = {
    "list": [1.0, 2.0, 3.0],
    "array": np.zeros((30, 2), np.float32),
    "plain": Column(),
    "in place": InPlace(),
    "random": Noise(5, 2),
    "varied": Varied(),
    "labelled": Labelled(Varied(), np.arange(20)),
    "zipped": Zipped({"a": InPlace(), "b": Column()}, Column()),
    "nan": [np.float32("nan"), np.float32(1)],
    "one sample": [1.0],
}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_source_has_no_defect(name):
    check_source(GOOD[name], processes=False)


def test_a_good_source_has_none_in_processes_either():
    check_source(GOOD["zipped"])


class WithoutLength:
    def __getitem__(self, index):
        return index


class LengthFails(Column):
    def __len__(self):
        raise RuntimeError("not yet")


class Growing(Column):
    def __init__(self):
        super().__init__()
        self.count = itertools.count(1)

    def __len__(self):
        return next(self.count)


class Unrepeatable(Column):
    def __init__(self):
        super().__init__()
        self.rng = np.random.default_rng(0)

    def __getitem__(self, index):
        return self.rng.random(3, np.float32)


class OneBuffer(Column):
    def __init__(self):
        super().__init__()
        self.buffer = np.zeros(3)

    def __getitem__(self, index):
        self.buffer[...] = index
        return self.buffer


class GlobalSeed(Column):
    def __getitem__(self, index):
        random.seed(index)
        return super().__getitem__(index)


class Misread(InPlace):
    def read_into(self, index, row):
        row[:2] = index  # and leaves the rest of it as it was


class MisreadRows(InPlace):
    def read_rows(self, indices, rows):
        rows[...] = np.sort(indices)[::-1, None]


class MisreadFails(InPlace):
    def read_rows(self, indices, rows):
        raise TypeError("one at a time, please")


class Wilful(Noise):
    def draw(self, index, rng):
        return np.random.default_rng().random(2, np.float32)


class WrongLengths(Varied):
    def __init__(self):
        super().__init__()
        self.lengths = np.full(20, 7)


class FewLengths(Varied):
    def __init__(self):
        super().__init__()
        self.lengths = np.arange(3)


class WithoutPad(Varied):
    pad = None


class Unnamed(Column):
    def name(self, index):
        raise KeyError(index)


class InOneThread(Column):
    """As a database connection is."""

    def __init__(self):
        super().__init__()
        self.thread = threading.get_ident()

    def __getitem__(self, index):
        if threading.get_ident() != self.thread:
            raise RuntimeError("made in another thread")
        return super().__getitem__(index)


BAD = {
    "no length": (WithoutLength(), "It has no length or no index"),
    "no source": (3, "It has no length or no index"),
    "length fails": (LengthFails(), r"`len\(source\)` raises RuntimeError: not yet"),
    "empty": ([], r"`len\(source\)` is 0"),
    "growing": (Growing(), r"`len\(source\)` was 1, then 2"),
    "too long": (Column(25), r"Sample 20 cannot be read, and 4 more.*\n.*let `len\(source\)`, 25, be the number"),
    "broken": (Faulty(Column(), {7: ValueError("too dark")}), r"Sample 7 cannot be read: ValueError: too dark"),
    "shape": (Faulty(Column(), {7: np.zeros(4, "f")}), r"Sample 7 is float32 \(4,\), sample 0 is float32 \(3,\)"),
    "dtype": (Faulty(Column(), {7: np.zeros(3)}), r"Sample 7 is float64 \(3,\)"),
    "keys": (Faulty([{"a": 1}] * 9, {7: {"b": 1}}), r"Sample 7 is \{'b': 'int64 \(\)'\}, sample 0 is \{'a'"),
    "text": (["one", "two"], "Sample 0: .*'one' of type str"),
    "four parts": ([(1, 2, 3, 4)], "Sample 0: .*tuple of 4"),
    "not deterministic": (Unrepeatable(), r"not deterministic: `source\[i\]` gives another sample 0 \(the values\)"),
    "one buffer": (OneBuffer(), r"changes when others are read: `source\[i\]` gave another sample 1"),
    "global seed": (GlobalSeed(), "changes the global random state"),
    "not thread-safe": (Racy(Column()), r"not thread-safe: `source\[i\]` gives another sample"),
    "one thread": (InOneThread(), r"not thread-safe: `source\[i\]` gives no sample \d+ but an error"),
    "read_into": (Misread(), r"`read_into` gives another sample 0 \(the values\) than `source\[i\]`"),
    "read_rows": (MisreadRows(), r"`read_rows` gives another sample 1 \(the values\) than `source\[i\]`"),
    "read_rows fails": (MisreadFails(), r"`read_rows` fails for sample 0, .*TypeError: one at a time"),
    "draw": (Wilful(5, 2), "not deterministic: `draw` gives another sample 0"),
    "lengths": (WrongLengths(), r"Sample 0 is 0 long, `source.lengths\[0\]` is 7"),
    "few lengths": (FewLengths(), r"`source.lengths` has the shape \(3,\)"),
    "no pad": (WithoutPad(), r"no `source.pad\(sample, row\)`"),
    "name": (Unnamed(), r"`source.name\(0\)` raises KeyError"),
}


@pytest.mark.parametrize("name", BAD)
def test_each_defect_is_named_with_a_remedy(name):
    source, message = BAD[name]
    with pytest.raises(CheckError, match=message) as caught:
        check_source(source, processes=False)
    assert isinstance(caught.value, AssertionError)
    assert all(finding.remedy in str(caught.value) for finding in caught.value.findings)


def test_all_defects_are_in_one_error():
    class Both(Misread):
        read_rows = MisreadRows.read_rows

    with pytest.raises(CheckError, match=r"(?s)Both has 2 defects:.*`read_into`.*`read_rows`") as caught:
        check_source(Both(), processes=False)
    assert len(caught.value.findings) == 2


def test_the_error_survives_a_process():
    with pytest.raises(CheckError) as caught:
        check_source([])
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


class Locked(Column):
    def __init__(self):
        super().__init__()
        self.lock = threading.Lock()


class OfItsProcess(Column):
    def __getitem__(self, index):
        return np.full(3, os.getpid(), np.int64)


class NotInProcesses(Column):
    def __init__(self):
        super().__init__()
        self.home = os.getpid()

    def __getitem__(self, index):
        if os.getpid() != self.home:
            raise OSError("no such handle")
        return super().__getitem__(index)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (Locked(), "cannot be sent to a worker process, because of its attribute `lock`: TypeError"),
        (OfItsProcess(), "A worker process reads other samples: the values"),
        (NotInProcesses(), "cannot be read in a worker process: .*no such handle"),
    ],
)
def test_what_goes_wrong_in_a_process_is_named(source, message):
    check_source(source, processes=False)
    with pytest.raises(CheckError, match=message):
        check_source(source)


def test_of_a_large_source_some_samples_are_read_the_last_one_too():
    class Large(Column):
        def __init__(self):
            self.read = set()

        def __len__(self):
            return 1_000_000

        def __getitem__(self, index):
            self.read.add(index)
            return float(index)

    source = Large()
    check_source(source, processes=False, max_samples=5)
    assert source.read == {0, 249_999, 499_999, 749_999, 999_999}


def shifted(sample, rng):
    return sample + rng.random(3, np.float32)


GOOD_LOADERS = {
    "plain": (Column(), {"transform": shifted}),
    "unshuffled": (Column(), {"shuffle": False}),
    "one batch": (Column(), {"batch_size": 20}),
    "larger batch": (Column(), {"batch_size": 50}),
    "remainder": (Column(), {"drop_remainder": True}),
    "steps": (Column(), {"steps_per_epoch": 7}),
    "fewer steps": (Column(), {"steps_per_epoch": 2}),
    "weights": (Column(), {"sampling_weights": np.arange(20)}),
    "varied": (Varied(), {}),
    "buckets": (Varied(), {"bucket_by_length": True}),
    "skip": (Faulty(Column(), {7: ValueError("dark")}), {"on_error": "skip", "quarantine": [7]}),
    "random": (Noise(20, 2), {}),
    "batch transform": (Column(), {"batch_transform": lambda batch, rng: batch * rng.random(dtype=np.float32)}),
}


@pytest.mark.parametrize("name", GOOD_LOADERS)
def test_a_good_loader_has_no_defect(name):
    source, options = GOOD_LOADERS[name]
    check_loader(amalthea.Loader(source, **{"batch_size": 6, "seed": 1, **options}), processes=False)


def test_a_good_loader_has_none_with_processes_either():
    loader = amalthea.Loader(Labelled(Column(), np.arange(20)), batch_size=6)
    check_loader(loader)
    assert loader.epoch == 0


def by_itself(sample, rng):
    return sample + np.random.default_rng().random(3, np.float32)


def of_its_process(sample, rng):
    return sample + np.float32(os.getpid())


LOCK = threading.Lock()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"transform": by_itself}, "With one thread, batch 0 of epoch 0 is another than with none: the values"),
        ({"transform": by_itself}, "In `fit` batch 0 is another than in a loop: the values"),
        ({"batch_transform": lambda batch, rng: batch[:3]}, r"Batch 0 of epoch 0 has arrays of \[3\] rows"),
        ({"batch_transform": lambda batch, rng: (batch, batch[:1])}, r"arrays of \[1, 6\] rows"),
        ({"batch_transform": lambda batch, rng: None}, "Its batches cannot be made: .*'batch_transform'"),
    ],
)
def test_each_defect_of_a_loader_is_named(options, message):
    loader = amalthea.Loader(Column(), batch_size=6, seed=1, **options)
    with pytest.raises(CheckError, match=message):
        check_loader(loader, processes=False)


def test_a_source_that_is_not_thread_safe_is_seen_in_its_loader():
    loader = amalthea.Loader(Racy(Column()), batch_size=6)
    with pytest.raises(CheckError, match=r"With three threads, batch . of epoch . is another than with none"):
        check_loader(loader, processes=False)


@pytest.mark.parametrize(
    ("transform", "message"),
    [
        (of_its_process, "With two processes, batch 0 of epoch 0 is another than with none"),
        (lambda sample, rng, lock=LOCK: sample, "With two processes its batches cannot be made: WorkerError: .*lock"),
    ],
)
def test_what_goes_wrong_with_processes_is_named(transform, message):
    with pytest.raises(CheckError, match=message) as caught:
        check_loader(amalthea.Loader(Column(), batch_size=6, transform=transform))
    assert len(caught.value.findings) == 1


def test_what_is_no_such_loader_is_an_error():
    with pytest.raises(ConfigurationError, match="`loader` is of type list"):
        check_loader([1, 2])


def test_a_faulty_source_fails_where_it_is_told_to():
    source = Faulty(Column(), {3: OSError("gone"), 4: "other"})
    assert (len(source), source[4]) == (20, "other")
    np.testing.assert_array_equal(source[2], Column()[2])
    with pytest.raises(OSError, match="gone"):
        source[3]
    loader = amalthea.Loader(Subset(source, [0, 3]), batch_size=2)
    with pytest.raises(amalthea.SampleError, match="gone"):
        loader[0]


def test_what_is_no_source_is_said_so():
    with pytest.raises(ConfigurationError, match="is the class list; pass an instance"):
        check_source(list)
    with pytest.raises(ConfigurationError, match="For a loader there is `check_loader`"):
        check_source(amalthea.Loader([1.0, 2.0]))
