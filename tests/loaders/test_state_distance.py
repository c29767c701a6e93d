"""To go on at batch 10 million is as much work as to go on at batch 10, and nothing is read to get there."""

import gc
import itertools
import sys

import keras
import numpy as np
import pytest

import amalthea

SIZE, BATCH = 10**9, 4
NEAR, FAR = 10, 10**7


class Virtual:
    """Sample i is `(i, i)`, and as many as one likes; counts what is read."""

    def __init__(self, size=SIZE):
        self.size, self.reads = size, []

    def __len__(self):
        return self.size

    def __getitem__(self, index):
        self.reads.append(index)
        return np.int64(index), np.int64(index)


def virtual(source, **options):
    return amalthea.Loader(source, **{"batch_size": BATCH, "seed": 1, "workers": 0, **options})


def calls(function):
    """Returns how many functions a function calls, itself with all that they call, and what it returns."""
    count = 0

    def tell(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    gc.disable()  # what it calls is no work of the function's
    sys.setprofile(tell)
    try:
        result = function()
    finally:
        sys.setprofile(None)
        gc.enable()
    return count, result


def at(loader, position, epoch=0):
    return {**loader.state_dict(), "epoch": epoch, "position": position}


@pytest.mark.parametrize("shuffle", [False, True])
def test_nothing_is_read_before_the_first_batch_and_then_that_alone(shuffle):
    for position in (NEAR, FAR):
        source = Virtual()
        loader = virtual(source, shuffle=shuffle)
        source.reads.clear()  # sample 0 tells the shapes
        state = at(loader, position, epoch=3)
        loader.load_state_dict(state)
        assert loader.state_dict() == state
        assert loader.epoch == 3
        assert source.reads == []
        x, _ = next(iter(loader))
        assert source.reads == x.tolist()
        assert len(x) == BATCH


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("epoch", [0, 10**6])
def test_the_work_does_not_grow_with_the_position(shuffle, epoch):
    """Functions are counted, not seconds. In a shuffle a place may be drawn once or twice more."""
    counts = []
    for position in (NEAR, FAR):
        source = Virtual()
        loader = virtual(source, shuffle=shuffle)
        state = at(loader, position, epoch)
        loading, _ = calls(lambda loader=loader, state=state: loader.load_state_dict(state))
        asking, (x, _) = calls(lambda loader=loader: next(iter(loader)))
        assert shuffle or x.tolist() == list(range(BATCH * position, BATCH * position + BATCH))
        counts.append((loading, asking))
    (loading, asking), (loading_far, asking_far) = counts
    assert loading_far == loading
    assert asking_far <= 1.2 * asking


@pytest.mark.parametrize("options", [{"sampling_weights": True}, {"bucket_by_length": True}])
def test_weights_and_lengths_are_no_longer_way(options):
    class OfLengths(Virtual):
        lengths = np.random.default_rng(0).integers(1, 9, 10**5)

        def __getitem__(self, index):
            self.reads.append(index)
            return np.full(self.lengths[index], index)

        def pad(self, sample, row):
            row[...] = 0
            row[: len(sample)] = sample

    if "sampling_weights" in options:
        options = {"sampling_weights": np.arange(10**5)}
    counts = []
    for position in (NEAR, 10**5 // BATCH - NEAR):
        source = OfLengths(10**5)
        loader = virtual(source, **options)
        source.reads.clear()
        state = at(loader, position, epoch=5)
        loading, _ = calls(lambda loader=loader, state=state: loader.load_state_dict(state))
        assert source.reads == []
        asking, _ = calls(lambda loader=loader: next(iter(loader)))
        assert len(source.reads) == BATCH
        counts.append((loading, asking))
    assert counts[0][0] == counts[1][0]
    assert counts[1][1] <= 1.2 * counts[0][1]


@pytest.mark.parametrize("workers", [0, 2])
def test_asking_for_the_state_reads_nothing_and_drops_nothing(workers):
    with virtual(Virtual(24), workers=workers) as alone:
        expected = [[x.tolist() for x, _ in alone] for _ in range(2)]
    source = Virtual(24)
    with virtual(source, workers=workers, max_queue_size=3) as loader:
        source.reads.clear()  # sample 0 tells the shapes
        states = []
        for epoch in range(2):
            for place, (x, _) in enumerate(loader):
                states.append(loader.state_dict())
                assert loader.state_dict() == states[-1]
                assert x.tolist() == expected[epoch][place]
        loader.close()
        made = len(source.reads)
        for _ in range(10):
            loader.state_dict()
        assert len(source.reads) == made
    # Each sample once in each of two epochs, and what was made ahead of the third, once.
    assert set(np.bincount(source.reads, minlength=24)) <= {2, 3}
    assert made <= 48 + 3 * BATCH


class Endless(keras.utils.PyDataset):
    """Batch i, for every i."""

    num_batches = None

    def __init__(self):
        super().__init__()
        self.asked = []

    def __getitem__(self, number):
        self.asked.append(number)
        return np.array([[number]], np.float32), np.array([0.0])


@pytest.mark.parametrize("workers", [0, 2])
def test_a_sequence_without_an_end_goes_on_wherever_it_was(workers):
    with (
        amalthea.SequenceLoader(Endless(), workers=workers, seed=1) as first,
        amalthea.SequenceLoader(Endless(), workers=workers, seed=1) as second,
    ):
        assert [x.item() for x, _ in itertools.islice(first, 5)] == [0, 1, 2, 3, 4]
        state = first.state_dict()
        assert (state["epoch"], state["position"]) == (0, 5)
        for position in (5, FAR):
            second.load_state_dict({**state, "position": position})
            assert position - 1 not in second.sequence.asked
            assert [x.item() for x, _ in itertools.islice(second, 3)] == [position, position + 1, position + 2]


def test_fits_after_one_that_went_on_in_a_sequence_without_an_end_begin_at_its_beginning():
    sequence = Endless()
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    with amalthea.SequenceLoader(sequence, workers=0, seed=1) as loader:
        model.fit(loader, steps_per_epoch=2, epochs=1, shuffle=False, verbose=0)
        for first in (5, 0):
            if first:
                loader.load_state_dict({**loader.state_dict(), "epoch": 0, "position": first})
            sequence.asked.clear()
            model.fit(loader, steps_per_epoch=2, epochs=2, shuffle=False, verbose=0)
            assert min(sequence.asked) == first
