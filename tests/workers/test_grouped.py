"""Small batches are made many at a time; nobody can tell."""

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amalthea import ArrayLoader, Loader, SampleError


class Rows:
    """Samples that are read several at a time: at most so many; fails at some, and takes its time for each."""

    def __init__(self, size, width=3, broken=(), seconds=0.0):
        self.size, self.width, self.broken, self.seconds, self.most = size, width, set(broken), seconds, 0

    def __len__(self):
        return self.size

    def __getitem__(self, index):
        row = np.empty(self.width, np.int64)
        self.read_rows(np.array([index]), row[np.newaxis])
        return row

    def read_rows(self, indices, rows):
        self.most = max(self.most, len(indices))
        stop = time.perf_counter() + self.seconds * len(indices)
        while time.perf_counter() < stop:
            pass
        if failing := sorted(self.broken & set(indices.tolist())):
            raise ValueError(f"sample {failing[0]} is broken")
        rows[...] = indices[:, np.newaxis]


def ids(batch):
    return batch[:, 0].tolist()


@settings(max_examples=60)
@given(
    size=st.integers(1, 300),
    batch_size=st.integers(1, 9),
    steps=st.none() | st.integers(1, 80),
    shuffle=st.booleans(),
    drop_remainder=st.booleans(),
    workers=st.integers(0, 2),
)
def test_batches_out_of_groups_are_those_that_are_made_alone(size, batch_size, steps, shuffle, drop_remainder, workers):
    options = {"batch_size": min(batch_size, size), "steps_per_epoch": steps, "shuffle": shuffle, "seed": 3}
    options["drop_remainder"] = drop_remainder
    x = np.arange(size)
    with (
        Loader(x.tolist(), workers=0, **options) as alone,
        ArrayLoader(x, workers=workers, **options) as grouped,
    ):
        for _ in range(3):
            assert [batch.tolist() for batch in grouped] == [batch.tolist() for batch in alone]


def test_a_group_is_read_in_one_go_and_a_batch_out_of_turn_alone():
    source = Rows(2000)
    with Loader(source, batch_size=10, shuffle=False, workers=0) as loader:
        assert ids(loader[70]) == list(range(700, 710))
        assert source.most == 10
        loader.on_epoch_begin()
        assert [ids(loader[number])[0] for number in range(150)] == list(range(0, 1500, 10))
        assert source.most == 640
        source.most = 0
        with pytest.warns(UserWarning, match="random order"):
            assert ids(loader[199]) == list(range(1990, 2000))
        assert source.most <= 10


def test_what_is_work_is_left_to_the_workers():
    source = Rows(200, seconds=0.0005)
    with Loader(source, batch_size=2, workers=2) as loader:
        for _ in range(2):
            list(loader)
    assert source.most <= 2


@pytest.mark.parametrize("shape", [(0,), (2, 0, 3)])
def test_samples_of_no_bytes_come_out(shape):
    assert [batch.shape for batch in ArrayLoader(np.zeros((5, *shape)), batch_size=2)] == [(2, *shape)] * 2 + [
        (1, *shape)
    ]


def test_an_empty_part_of_a_sample_stays_one():
    x = {"a": np.arange(300), "none": {}, "pair": (np.arange(300), ())}
    batches = [batch for _ in range(2) for batch in ArrayLoader(x, batch_size=2, shuffle=False)]
    assert len(batches) == 300
    assert all(batch["none"] == {} and batch["pair"][1] == () for batch in batches)
    assert [int(batch["a"][0]) for batch in batches] == 2 * list(range(0, 300, 2))


def test_threads_that_ask_at_once_get_every_batch_once():
    loader = ArrayLoader(np.arange(20_000), batch_size=2, seed=0, workers=0)
    loader.on_epoch_begin()
    with ThreadPoolExecutor(4) as pool:
        batches = list(pool.map(loader.__getitem__, range(len(loader))))
    assert sorted(np.concatenate(batches).tolist()) == list(range(20_000))


@pytest.mark.parametrize("workers", [0, 2])
def test_a_sample_that_fails_ends_its_own_batch_and_no_other(workers):
    with Loader(Rows(100, broken=[37]), batch_size=5, shuffle=False, workers=workers) as loader:
        loader.on_epoch_begin()
        for number in range(20):
            if number == 7:
                with pytest.raises(SampleError, match="sample 37 is broken"):
                    loader[number]
            else:
                assert ids(loader[number]) == list(range(5 * number, 5 * number + 5))


def test_what_is_mended_is_tried_again_in_the_next_epoch():
    source = Rows(100, broken=[37])
    with Loader(source, batch_size=5, shuffle=False, workers=1) as loader:
        with pytest.raises(SampleError, match="sample 37"):
            list(loader)
        source.broken.clear()
        assert [ids(batch)[0] for batch in loader] == list(range(0, 100, 5))


def test_a_batch_that_is_kept_is_not_written_again():
    x = np.arange(60_000).reshape(20_000, 3)
    with ArrayLoader(x, batch_size=7, seed=0, workers=2) as loader:
        kept = [batch for _ in range(2) for batch in loader]
    again = ArrayLoader(x, batch_size=7, seed=0, workers=0)
    assert all(np.array_equal(batch, kept.pop(0)) for _ in range(2) for batch in again)
    assert not kept


def test_what_has_a_place_of_its_own_in_each_batch_is_not_made_in_groups():
    x = np.arange(100)
    loader = ArrayLoader(x, batch_size=10, seed=0, batch_transform=lambda batch, rng: batch[:, np.newaxis])
    assert loader[0].shape == (10, 1)
    big = ArrayLoader(np.zeros((8, 2**18)), batch_size=4, seed=0)
    assert big[0].shape == (4, 2**18)
