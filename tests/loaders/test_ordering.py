"""What decides which samples make up a batch: weights, and lengths."""

import sys

import cloudpickle
import keras
import numpy as np
import pytest

import amalthea

# As if it were a script: a worker process that imported this module would import Keras.
cloudpickle.register_pickle_by_value(sys.modules[__name__])

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


def test_weights_as_large_as_there_are_draw_all_alike():
    with amalthea.Loader(list(range(SIZE)), sampling_weights=[1e308] * SIZE, batch_size=SIZE, seed=0) as batches:
        assert len(set(batches[0].tolist())) > SIZE / 2


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


class Counting(keras.Model):
    """Counts what it is trained on, whatever its length."""

    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(1)
        self.numbers = self.add_weight(shape=(), initializer="zeros", trainable=False)

    def call(self, x, training=False):
        if training:
            self.numbers.assign(self.numbers + keras.ops.sum(keras.ops.cast(x >= 0, "float32")))
        return self.dense(keras.ops.mean(keras.ops.cast(x, "float32"), axis=1, keepdims=True) * 0)


@pytest.mark.parametrize(
    ("lengths", "options"),
    [
        ([3, 3, 3, 3, 1, 1, 2, 2], {"shuffle": False}),  # Keras looks at two batches, which are of one length here
        ([3, 1, 5, 3, 1, 1, 2, 7], {"shuffle": True, "steps_per_epoch": 1}),  # and here at one
        ([3, 1, 5, 3, 1, 1, 2, 7], {"shuffle": True, "drop_remainder": True, "batch_size": 5}),
    ],
)
def test_a_fit_takes_batches_of_any_length(lengths, options):
    options = {"batch_size": 2, "seed": 0, **options}
    shuffle = options["shuffle"]
    with amalthea.Loader(Varied(lengths), workers=0, **options) as batches:
        expected = sum(int((x >= 0).sum()) for _ in range(3) for x, _ in batches)
    with amalthea.Loader(Varied(lengths), **options) as batches:
        model = Counting()
        model.compile("sgd", "mse")
        model.fit(batches, epochs=3, verbose=0, shuffle=shuffle)
        model.evaluate(batches, verbose=0)
    assert float(keras.ops.convert_to_numpy(model.numbers.value)) == expected


@pytest.mark.filterwarnings("ignore:.*`loader.errors` lists all such samples")
@pytest.mark.parametrize("inputs", [dict, tuple])
def test_what_stands_in_is_cut_in_the_first_of_several_inputs(inputs):
    class Broken(Varied):
        def __getitem__(self, index):
            if index == 0:
                raise ValueError("broken")
            return super().__getitem__(index)[0]

    parts = {"a": Broken([1, 9, 9, 9, 1]), "b": np.arange(5.0)}
    loader = amalthea.MultiInputLoader(
        parts if inputs is dict else tuple(parts.values()),
        np.arange(5),
        batch_size=1,
        shuffle=False,
        on_error="skip",
        max_errors=1,
        seed=0,
    )
    x, y = loader[0]
    first, second = x.values() if inputs is dict else x
    assert first.shape == (1, 1)
    assert first[0, 0] == second[0] == y[0] > 0
    assert [error.index for error in loader.errors] == [0]


@pytest.mark.parametrize("lengths", [[1, 2, 3], np.array([1.0, 2.0, 3.0]), np.array([1, 2])])
def test_lengths_that_are_none_are_an_error_at_once(lengths):
    source = Varied([1, 2, 3])
    source.lengths = lengths
    if len(lengths) == 2:
        source = amalthea.sources.Mapped([1, 2, 3], abs)
        source.lengths, source.pad = lengths, print
    with pytest.raises(amalthea.ConfigurationError, match=r"it must be an array of integers, one for each of the 3"):
        amalthea.Loader(source)


def test_a_transform_must_not_make_x_longer():
    with pytest.raises(amalthea.SampleError, match="x has 6 steps, more than the 3 of its batch"):
        loader = amalthea.Loader(Varied([3, 3]), transform=lambda sample, rng: (np.append(sample[0], sample[0]), 0))
        loader[0]


def test_buckets_need_lengths():
    with pytest.raises(amalthea.ConfigurationError, match="it needs an array `source"):
        amalthea.Loader([1.0, 2.0], bucket_by_length=True)
