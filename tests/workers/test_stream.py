"""Batches made ahead: bounded, never twice, never lost, never shared."""

import threading

import numpy as np
import pytest

from amalthea.batches import Batches, Layout
from amalthea.errors import SampleError
from amalthea.order import Shuffled
from amalthea.rows import Rows
from amalthea.workers.inline import Inline
from amalthea.workers.rowwise import RowByRow
from amalthea.workers.stream import Stream
from amalthea.workers.threads import Threads


class Counted:
    """A source that counts how often each sample is read."""

    def __init__(self, size=40):
        self.reads = [0] * size
        self.read = threading.Condition()

    def __len__(self):
        return len(self.reads)

    def __getitem__(self, index):
        with self.read:
            self.reads[index] += 1
            self.read.notify_all()
        return np.full(8, index, np.int64)

    def wait_for(self, count):
        with self.read:
            assert self.read.wait_for(lambda: sum(self.reads) >= count, timeout=20)


def stream_of(source, workers, *, max_queue_size=2, batch_size=4, seed=0, **options):
    order = Shuffled(len(source), seed=0, shuffle=False)
    batches = Batches(order, batch_size, drop_remainder=False)
    layout = Layout(np.zeros(8, np.int64), batch_size)
    recipe = RowByRow(Rows(source, seed=seed), layout, workers, max_queue_size=max_queue_size, **options)
    return Stream(batches, recipe, workers, max_queue_size=max_queue_size)


def first_rows(batch):
    return batch[:, 0].tolist()


@pytest.mark.parametrize("max_queue_size", [0, 1, 2, 5])
def test_as_many_batches_are_made_ahead_as_said_and_no_more(max_queue_size):
    source, workers = Counted(), Threads(3)
    stream = stream_of(source, workers, max_queue_size=max_queue_size)
    batch = stream.get(0, upcoming=1)
    source.wait_for(4 * (1 + max_queue_size))
    assert first_rows(batch) == [0, 1, 2, 3]
    workers.close()
    assert sum(source.reads) == 4 * (1 + max_queue_size)


def test_without_workers_nothing_is_made_before_it_is_asked_for():
    source = Counted()
    stream_of(source, Inline()).get(0, upcoming=1)
    assert sum(source.reads) == 4


def test_what_was_looked_at_is_not_made_twice_and_not_shared():
    source, workers = Counted(), Threads(2)
    stream = stream_of(source, workers)
    look = stream.get(0, upcoming=0, keep=True)
    look[...] = -1
    assert first_rows(stream.get(0, upcoming=1)) == [0, 1, 2, 3]
    assert first_rows(stream.get(1, upcoming=2)) == [4, 5, 6, 7]
    workers.close()
    assert source.reads[:8] == [1] * 8


def test_a_batch_that_is_waited_for_survives_somebody_who_asks_for_another():
    entered, leave = threading.Event(), threading.Event()

    class Slow(Counted):
        def __getitem__(self, index):
            if index == 0:
                entered.set()
                assert leave.wait(20)
            return super().__getitem__(index)

    stream, got = stream_of(Slow(), Threads(2)), []
    waiting = threading.Thread(target=lambda: got.append(first_rows(stream.get(0, upcoming=1))))
    waiting.start()
    assert entered.wait(20)
    assert first_rows(stream.get(7, upcoming=8)) == [28, 29, 30, 31]
    leave.set()
    waiting.join(20)
    assert got == [[0, 1, 2, 3]]
    stream.close()


def test_after_an_error_the_same_batch_can_be_asked_for_again():
    class Repaired(Counted):
        broken = True

        def __getitem__(self, index):
            if self.broken and index == 2:
                raise OSError("gone")
            return super().__getitem__(index)

    source = Repaired()
    stream = stream_of(source, Threads(2))
    for _ in range(3):
        with pytest.raises(SampleError, match=r"sample 2.*gone"):
            stream.get(0, upcoming=1)
    source.broken = False
    assert first_rows(stream.get(0, upcoming=1)) == [0, 1, 2, 3]
    stream.close()


def test_who_keeps_every_batch_gets_right_ones_and_no_deadlock():
    stream = stream_of(Counted(), Threads(2), max_queue_size=2)
    kept = [stream.get(number, upcoming=number + 1) for number in range(10)]
    assert [first_rows(batch) for batch in kept] == [list(range(4 * n, 4 * n + 4)) for n in range(10)]
    stream.close()


def test_no_more_blocks_than_promised_are_in_memory():
    stream = stream_of(Counted(400), Threads(4), max_queue_size=3)
    batch, most = None, 0
    for number in range(100):
        batch = stream.get(number, upcoming=number + 1)
        most = max(most, stream._recipe.in_use)
    del batch
    assert most <= 3 + 2
    stream.close()


def test_the_batch_transform_draws_by_seed_epoch_and_place():
    def add_noise(batch, rng):
        return batch + rng.integers(0, 10**6)

    def noise_of(seed, workers):
        stream = stream_of(Counted(), workers, batch_transform=add_noise, seed=seed)
        noise = [int(stream.get(number, upcoming=None)[0, 0]) for number in (0, 1, 10, 11)]
        stream.close()
        return noise

    assert noise_of(1, Inline()) == noise_of(1, Threads(3))
    assert len(set(noise_of(1, Inline()) + noise_of(2, Inline()))) == 8


def test_an_error_of_the_batch_transform_says_so():
    def fail(batch, rng):
        raise ValueError("no labels")

    with pytest.raises(SampleError, match=r"batch_transform.*no labels"):
        stream_of(Counted(), Inline(), batch_transform=fail).get(0, upcoming=None)


def test_for_somebody_who_keeps_batches_no_more_are_made_ahead():
    stream, kept = stream_of(Counted(400), Threads(2), max_queue_size=2), []
    for number in range(8):
        kept.append(stream.get(number, upcoming=number + 1))
        assert stream._recipe.in_use <= max(2 + 2, len(kept))
    stream.close()
