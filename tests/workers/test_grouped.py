"""Small batches are made many at a time; nobody can tell."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amalthea import ArrayLoader, Loader, SampleError


class Rows:
    """Samples that are read several at a time; counts them, and fails at some."""

    def __init__(self, size, width=3, broken=()):
        self.size, self.width, self.broken, self.read = size, width, set(broken), 0

    def __len__(self):
        return self.size

    def __getitem__(self, index):
        row = np.empty(self.width, np.int64)
        self.read_rows(np.array([index]), row[np.newaxis])
        return row

    def read_rows(self, indices, rows):
        self.read += len(indices)
        if failing := sorted(self.broken & set(indices.tolist())):
            raise ValueError(f"sample {failing[0]} is broken")
        rows[...] = indices[:, np.newaxis]


def ids(batch):
    return batch[:, 0].tolist()


@settings(deadline=None, max_examples=60)
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
    source = Rows(1000)
    with Loader(source, batch_size=10, shuffle=False, workers=0) as loader:
        before = source.read
        assert ids(loader[70]) == list(range(700, 710))
        assert source.read == before + 10
        loader.on_epoch_begin()
        assert [ids(loader[number])[0] for number in range(20)] == list(range(0, 200, 10))
        assert source.read > before + 10 + 200


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


def test_groups_ahead_take_little_memory():
    with ArrayLoader(np.zeros((100_000, 32), np.float32), batch_size=32, workers=2) as loader:
        most = 0
        for _ in loader:
            most = max(most, loader._stream._stream._recipe.in_use)
        assert most <= loader.max_queue_size + 2


def test_what_has_a_place_of_its_own_in_each_batch_is_not_made_in_groups():
    x = np.arange(100)
    loader = ArrayLoader(x, batch_size=10, seed=0, batch_transform=lambda batch, rng: batch[:, np.newaxis])
    assert loader[0].shape == (10, 1)
    big = ArrayLoader(np.zeros((8, 2**18)), batch_size=4, seed=0)
    assert big[0].shape == (4, 2**18)
