"""The order of the samples: a bijection, drawn anew for each epoch, in no memory, and pinned."""

import itertools
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amalthea.order import Bucketed, Sampled, Shuffled

seeds = st.integers(0, 2**63)
epochs = st.integers(0, 2**40)


@given(size=st.integers(1, 3000), seed=seeds, epoch=epochs)
def test_every_index_stands_at_exactly_one_place(size, seed, epoch):
    indices = Shuffled(size, seed=seed, shuffle=True).indices(epoch, 0, size)
    assert indices.dtype == np.int64
    assert sorted(indices.tolist()) == list(range(size))


@given(size=st.integers(1, 2000), seed=seeds, epoch=epochs, data=st.data())
def test_a_part_of_the_order_is_that_part_of_the_whole(size, seed, epoch, data):
    start = data.draw(st.integers(0, size))
    stop = data.draw(st.integers(start, size))
    order = Shuffled(size, seed=seed, shuffle=True)
    assert order.indices(epoch, start, stop).tolist() == order.indices(epoch, 0, size)[start:stop].tolist()


def test_another_epoch_and_another_seed_are_another_order():
    orders = {
        (seed, epoch): tuple(Shuffled(50, seed=seed, shuffle=True).indices(epoch, 0, 50).tolist())
        for seed, epoch in itertools.product(range(20), range(20))
    }
    assert len(set(orders.values())) == len(orders)  # in particular seed 0, epoch 1 is not seed 1, epoch 0


def test_unshuffled_is_the_order_of_the_source():
    assert Shuffled(9, seed=3, shuffle=False).indices(7, 2, 6).tolist() == [2, 3, 4, 5]


@pytest.mark.parametrize("size", [2, 3, 4, 5])
def test_all_permutations_are_about_equally_frequent(size):
    """Chi-square over all permutations; a generator that only makes even ones would fail by far."""
    order, draws = Shuffled(size, seed=0, shuffle=True), 1500
    seen = Counter(tuple(order.indices(epoch, 0, size).tolist()) for epoch in range(draws))
    permutations = list(itertools.permutations(range(size)))
    expected = draws / len(permutations)
    chi_square = sum((seen[each] - expected) ** 2 / expected for each in permutations)
    freedom = len(permutations) - 1
    assert chi_square < freedom + 5 * (2 * freedom) ** 0.5 + 5


def test_neighbours_are_scattered():
    """Samples that lie beside each other in the source do not stay together: no correlation of place and index."""
    size = 4096
    indices = Shuffled(size, seed=1, shuffle=True).indices(0, 0, size)
    assert abs(np.corrcoef(np.arange(size), indices)[0, 1]) < 0.06
    assert abs(np.corrcoef(indices[:-1], indices[1:])[0, 1]) < 0.06
    assert np.mean(np.abs(np.diff(indices)) == 1) < 0.005


# A program of its own: what other threads take meanwhile is counted too.
BILLION = """
import time, tracemalloc
from amalthea.order import Shuffled

order = Shuffled(10**9, seed=0, shuffle=True)
tracemalloc.start()
start = time.thread_time()  # a machine that is busy with other things costs none of it
indices = order.indices(5, 999_999_000, 10**9)
print(len(set(indices.tolist())), time.thread_time() - start, tracemalloc.get_traced_memory()[1])
"""


def test_an_epoch_over_a_billion_samples_costs_neither_time_nor_memory():
    done = subprocess.run([sys.executable, "-c", BILLION], capture_output=True, text=True, check=True, timeout=100)
    different, seconds, peak = map(float, done.stdout.split())
    assert different == 1000
    assert seconds < 0.1
    assert peak < 2**20


def test_the_golden_order_never_changes():
    """Trainings are reproduced from their seed: a new version must not draw another order."""
    order = Shuffled(12, seed=42, shuffle=True)
    assert [order.indices(epoch, 0, 12).tolist() for epoch in range(3)] == GOLDEN_12
    assert Shuffled(10**9, seed=7, shuffle=True).indices(0, 0, 4).tolist() == GOLDEN_BILLION


GOLDEN_12 = [
    [0, 8, 9, 7, 5, 2, 1, 4, 11, 3, 6, 10],
    [6, 0, 11, 10, 4, 1, 3, 5, 7, 2, 8, 9],
    [3, 7, 9, 4, 5, 11, 2, 10, 8, 1, 0, 6],
]
GOLDEN_BILLION = [285028166, 681454412, 704031018, 675763507]


@given(
    weights=st.lists(st.floats(0, 1e6), min_size=1, max_size=50).filter(lambda each: any(w > 1e-9 for w in each)),
    seed=seeds,
    epoch=epochs,
    data=st.data(),
)
def test_sampling_draws_what_has_a_weight_and_a_part_is_that_part_of_the_whole(weights, seed, epoch, data):
    order = Sampled(np.array(weights), seed=seed)
    drawn = order.indices(epoch, 0, order.size)
    assert drawn.dtype == np.int64
    assert all(weights[index] > 0 for index in drawn)
    start = data.draw(st.integers(0, order.size))
    stop = data.draw(st.integers(start, order.size))
    assert order.indices(epoch, start, stop).tolist() == drawn[start:stop].tolist()


def test_sampling_is_by_the_weights_and_anew_in_each_epoch():
    weights = np.array([0.0, 1.0, 2.0, 5.0] * 2000)
    order = Sampled(weights, seed=0)
    first, second = order.indices(0, 0, 8000), order.indices(1, 0, 8000)
    assert not np.array_equal(first, second)
    shares = np.bincount(first % 4, minlength=4) / 8000
    # Five standard deviations of a share of 8,000 draws are 0.028 at most.
    np.testing.assert_allclose(shares, [0, 1 / 8, 2 / 8, 5 / 8], atol=0.028)
    chi_square = ((np.bincount(first // 4, minlength=2000) - 4) ** 2 / 4).sum()
    assert abs(chi_square - 1999) < 5 * (2 * 1999) ** 0.5


def test_the_order_of_sampling_is_pinned():
    assert Sampled(np.arange(10.0), seed=7).indices(3, 0, 8).tolist() == [9, 7, 9, 4, 9, 6, 8, 7]


@given(
    lengths=st.lists(st.integers(0, 30), min_size=1, max_size=400),
    batch_size=st.integers(1, 5),
    seed=seeds,
    epoch=st.integers(0, 9),
    data=st.data(),
)
def test_bucketing_is_still_every_index_at_exactly_one_place(lengths, batch_size, seed, epoch, data):
    size = len(lengths)
    drawn = Shuffled(size, seed=seed, shuffle=True)
    order = Bucketed(drawn, np.array(lengths), batch_size=batch_size, seed=seed)
    whole = order.indices(epoch, 0, size)
    assert sorted(whole.tolist()) == list(range(size))
    start = data.draw(st.integers(0, size))
    stop = data.draw(st.integers(start, size))
    assert order.indices(epoch, start, stop).tolist() == whole[start:stop].tolist()
    rest = size % batch_size
    assert whole[size - rest :].tolist() == drawn.indices(epoch, size - rest, size).tolist()


def test_bucketing_pads_little():
    lengths = np.random.default_rng(0).integers(1, 200, 5000)
    drawn = Shuffled(5000, seed=1, shuffle=True)
    order = Bucketed(drawn, lengths, batch_size=32, seed=1)

    def padding(indices):
        batches = lengths[indices[:4992]].reshape(-1, 32)
        return 1 - batches.sum() / (32 * batches.max(axis=1).sum())

    assert padding(drawn.indices(0, 0, 5000)) > 0.45
    assert padding(order.indices(0, 0, 5000)) < 0.02
    assert not np.array_equal(order.indices(0, 0, 5000), order.indices(1, 0, 5000))
