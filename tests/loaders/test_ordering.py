"""What decides which samples make up a batch: weights, and lengths."""

import numpy as np
import pytest

import amalthea

SIZE = 60


class Varied:
    """Sample i is so many times the number i, with i as its target."""

    def __init__(self, lengths):
        self.lengths = np.array(lengths)

    def __len__(self):
        return len(self.lengths)

    def __getitem__(self, index):
        return np.full(self.lengths[index], index, np.int32), np.int32(index)

    def pad(self, sample, row):
        row[: len(sample)] = sample
        row[len(sample) :] = -1


def varied(size=SIZE):
    return Varied(np.random.default_rng(0).integers(0, 100, size))


def epoch_of(batches):
    return [(x.copy(), y.copy()) for x, y in batches]


@pytest.mark.parametrize("bucket", [False, True])
def test_batches_of_different_lengths_are_the_same_stream_and_each_sample_once(bucket):
    options = {"batch_size": 7, "seed": 2, "bucket_by_length": bucket}
    source = varied()
    with amalthea.Loader(source, workers=0, **options) as batches:
        expected = [epoch_of(batches) for _ in range(2)]
    for epoch in expected:
        assert sorted(index for _, y in epoch for index in y.tolist()) == list(range(SIZE))
        for x, y in epoch:
            assert x.shape[1] >= max(1, source.lengths[y].max())
            for row, index in zip(x, y, strict=True):
                length = source.lengths[index]
                assert row.tolist() == [index] * length + [-1] * (len(row) - length)
    for crew in ({"workers": 2}, {"workers": 2, "use_multiprocessing": True}):
        with amalthea.Loader(source, **crew, **options) as batches:
            for epoch in expected:
                for (x, y), (other_x, other_y) in zip(epoch, epoch_of(batches), strict=True):
                    np.testing.assert_array_equal(x, other_x)
                    np.testing.assert_array_equal(y, other_y)


def test_buckets_have_few_lengths_and_little_padding():
    source = varied(3000)
    with amalthea.Loader(source, batch_size=16, seed=1, bucket_by_length=True) as batches:
        bucketed = [x.shape for x, _ in batches]
    with amalthea.Loader(source, batch_size=16, seed=1) as batches:
        plain = [x.shape for x, _ in batches]
    assert len({length for _, length in bucketed}) <= 16
    numbers = source.lengths.sum()
    assert numbers / sum(rows * length for rows, length in bucketed) > 0.9
    assert numbers / sum(rows * length for rows, length in plain) < 0.6


def test_without_buckets_an_unshuffled_batch_is_as_long_as_its_longest_sample():
    with amalthea.Loader(Varied([2, 5, 1, 0, 3]), batch_size=2, shuffle=False) as batches:
        assert [x.shape for x, _ in batches] == [(2, 5), (2, 1), (1, 3)]


def test_samples_that_are_all_empty_have_one_place_to_be_padded():
    with amalthea.Loader(Varied([0, 0]), batch_size=2, shuffle=False) as batches:
        assert batches[0][0].tolist() == [[-1], [-1]]


def test_samples_are_drawn_by_their_weights_the_same_with_any_workers():
    weights = np.arange(SIZE) % 2
    options = {"batch_size": 7, "seed": 3, "sampling_weights": weights}
    source = [np.int32(i) for i in range(SIZE)]
    with amalthea.Loader(source, workers=0, **options) as batches:
        first, second = ([x.tolist() for x in batches] for _ in range(2))
    assert first != second
    assert all(number % 2 for batch in first + second for number in batch)
    assert sum(map(len, first)) == SIZE
    with amalthea.Loader(source, workers=2, use_multiprocessing=True, **options) as batches:
        assert [[x.tolist() for x in batches] for _ in range(2)] == [first, second]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sampling_weights": [1.0] * SIZE, "shuffle": False}, "it needs `shuffle=True`"),
        ({"sampling_weights": [1.0]}, r"has the shape \(1,\) and dtype float64; it must be one number for each"),
        ({"sampling_weights": ["a"] * SIZE}, "it must be one number for each"),
        ({"sampling_weights": [0.0] * SIZE}, "not all of them 0"),
        ({"sampling_weights": [1.0] * (SIZE - 1) + [-1.0]}, f"holds .*-1.0.* at place {SIZE - 1}"),
        ({"sampling_weights": [1.0] * (SIZE - 1) + [float("nan")]}, "must be finite and 0 or more"),
        ({"bucket_by_length": True, "shuffle": False}, "`bucket_by_length` is True and `shuffle` False"),
    ],
)
def test_what_does_not_go_together_is_an_error_at_once(options, message):
    with pytest.raises(amalthea.ConfigurationError, match=message):
        amalthea.Loader(varied(), **options)


def test_buckets_need_lengths():
    with pytest.raises(amalthea.ConfigurationError, match="it needs an array `source"):
        amalthea.Loader([1.0, 2.0], bucket_by_length=True)
