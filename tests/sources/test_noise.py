"""Noise: a random array for each sample, from the sample's own generator."""

import numpy as np
import pytest

import amalthea
from amalthea.errors import ConfigurationError
from amalthea.sources import Noise


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize(("distribution", "mean", "deviation"), [("normal", 0, 1), ("uniform", 0.5, 12**-0.5)])
def test_it_is_distributed_as_it_says(dtype, distribution, mean, deviation):
    sample = Noise(2, (200, 200), distribution, dtype)[0]
    assert (sample.shape, sample.dtype) == ((200, 200), dtype)
    # Five standard errors of a mean and a deviation of 40,000 numbers.
    assert abs(sample.astype(float).mean() - mean) < 5 * deviation / 200
    assert abs(sample.astype(float).std() - deviation) < 5 * deviation / 200


def test_a_sample_is_drawn_from_its_generator_alone():
    source = Noise(5, 3)
    np.testing.assert_array_equal(source.draw(0, np.random.default_rng(4)), source.draw(3, np.random.default_rng(4)))
    np.testing.assert_array_equal(source[2], source.draw(2, np.random.default_rng([0, 2])))
    assert not np.array_equal(source[2], source[3])
    assert [len(source), len(list(source))] == [5, 5]


def test_a_loader_draws_anew_in_each_epoch_by_its_seed():
    loader = amalthea.Loader(Noise(4, 3), batch_size=4, shuffle=False, seed=9)
    first, second = (next(iter(loader)).copy() for _ in range(2))
    for epoch, batch in enumerate((first, second)):
        expected = [np.random.default_rng([9, epoch, i]).standard_normal(3, np.float32) for i in range(4)]
        np.testing.assert_array_equal(batch, np.stack(expected))


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((0, 3), "num_samples"),
        ((2, -1), "shape"),
        ((2, (3, 1.5)), "shape"),
        ((2, 3, "gamma"), "distribution"),
        ((2, 3, "normal", "int32"), "dtype"),
    ],
)
def test_what_cannot_be_drawn_is_an_error(arguments, named):
    with pytest.raises(ConfigurationError, match=f"`{named}`"):
        Noise(*arguments)
