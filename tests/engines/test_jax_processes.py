"""Two processes of JAX, with two devices each, train one model as one process does."""

import functools
import itertools
import pickle
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from engines import jax_training as training
from engines import side_by_side

PROGRAM = Path(__file__).parent / "jax_process.py"
# Sums are taken in another order. What that comes to here, after two epochs, is 3e-8 in a weight.
CLOSE = {"rtol": 1e-5, "atol": 1e-6}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("processes")


@pytest.fixture(scope="module")
def both(folder):
    """What each of two processes has found."""
    training.stop(folder / "one.keras", None)
    (address,) = side_by_side.free_addresses(1)
    environments = [
        {
            "PYTHONPATH": str(PROGRAM.parents[1]),
            "XLA_FLAGS": "--xla_force_host_platform_device_count=2",
            "KERAS_DISTRIBUTION_JOB_ADDRESSES": address,
            "KERAS_DISTRIBUTION_NUM_PROCESSES": "2",
            "KERAS_DISTRIBUTION_PROCESS_ID": str(index),
        }
        for index in range(2)
    ]
    command = [sys.executable, str(PROGRAM), str(folder)]
    side_by_side.run([command, command], folder, environments=environments)
    return [pickle.loads((folder / f"{index}.pickle").read_bytes()) for index in range(2)]


@functools.cache
def one(samples):
    """What one process has after two epochs: weights, and what `fit` has reported."""
    network, history = training.trained(samples, None)
    return network.get_weights(), history


@functools.cache
def one_epoch():
    """The weights that one process has after an epoch that nobody stopped."""
    network = training.model()
    with training.loader(training.SHORT, None) as data:
        for batch in data:
            network.train_on_batch(*batch)
    return network.get_weights()


@pytest.mark.parametrize("state", ["before", "jax", "auto", "docs"])
def test_auto_is_the_process_before_and_after_jax_is_initialised(both, state):
    assert [found[state] for found in both] == [(0, 2), (1, 2)]


def test_each_sample_is_in_one_process(both):
    with training.loader(training.SHORT, None) as data:
        batches = training.samples_of(data)
    assert sorted(itertools.chain(*batches)) == list(range(training.SHORT))
    parts = zip(both[0]["samples"], both[1]["samples"], strict=True)
    assert [first + second for first, second in parts] == batches


@pytest.mark.parametrize(("name", "samples"), [("whole", training.WHOLE), ("short", training.SHORT)])
def test_weights_and_metrics_are_those_of_one_process(both, name, samples):
    one_weights, history = one(samples)
    for found in both:
        for weights, expected in zip(found[name]["weights"], one_weights, strict=True):
            np.testing.assert_allclose(weights, expected, **CLOSE)
        for metric in ("error", "val_error"):
            np.testing.assert_allclose(found[name]["history"][metric], history[metric], **CLOSE)


def test_both_processes_hold_the_same_weights(both):
    for name in ("whole", "short"):
        for weights, others in zip(*(found[name]["weights"] for found in both), strict=True):
            np.testing.assert_array_equal(weights, others)


def test_a_loss_that_divides_by_the_rows_counts_those_of_weight_zero(both):
    """As docs/distributed.md says: metrics are exact, and the loss is smaller by samples / rows."""
    one = training.evaluated(training.SHORT, None, "sum_over_batch_size")
    rows = training.SHORT + 1
    for found in both:
        np.testing.assert_allclose(found["default loss"]["error"], one["error"], **CLOSE)
        np.testing.assert_allclose(found["default loss"]["loss"], one["loss"] * training.SHORT / rows, **CLOSE)


def test_each_process_predicts_its_rows(both):
    network = training.model()
    network.set_weights(both[0]["short"]["weights"])
    with training.loader(training.WHOLE, None, shuffle=False) as data:
        expected = network.predict(data, verbose=0)  # (64, 1)
    parts = np.stack([found["predictions"].reshape(4, 8) for found in both], axis=1)  # (batches, shards, rows)
    np.testing.assert_allclose(parts.reshape(expected.shape), expected, **CLOSE)


def test_two_processes_go_on_where_one_has_stopped(both):
    for found in both:
        for weights, expected in zip(found["went on"], one_epoch(), strict=True):
            np.testing.assert_allclose(weights, expected, **CLOSE)


@pytest.mark.parametrize("saved", ["two-0.keras", "two-1.keras"])
def test_one_process_goes_on_where_two_have_stopped(both, folder, saved):
    for weights, expected in zip(training.go_on(folder / saved, None), one_epoch(), strict=True):
        np.testing.assert_allclose(weights, expected, **CLOSE)


def test_a_training_in_two_processes_that_was_interrupted_goes_on_bit_for_bit(both):
    for found in both:
        for weights, expected in zip(found["backup"], found["short"]["weights"], strict=True):
            np.testing.assert_array_equal(weights, expected)


def test_processes_that_hold_one_model_together_feed_the_same_rows(both):
    expected = training.evaluated(training.WHOLE, None)
    for shard, found in (found["model parallel"] for found in both):
        assert shard == (0, 1)
        np.testing.assert_allclose(found["error"], expected["error"], **CLOSE)


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        ("no shard", r'ConfigurationError: `shard` is \(0, 1\), but .* shard {index} of 2. Pass `shard="auto"`'),
        ("another shard", r"ConfigurationError: `shard` is \({other}, 2\), but .* shard {index} of 2"),
        ("sequence", r"ConfigurationError: `shard` is \(0, 1\), but .* cannot be used by several processes"),
        ("auto made", r"ConfigurationError: .* `auto_shard_dataset=False` to `DataParallel`"),
        ("auto asked", r"ConfigurationError: .* `auto_shard_dataset=False` to `DataParallel`"),
        ("fit", r"Error: .*auto_shard_dataset"),
    ],
)
def test_the_wrong_rows_are_an_error_before_the_first_step(both, mistake, said):
    for index, found in enumerate(both):
        assert re.match(".*" + said.format(index=index, other=1 - index), found["errors"][mistake])
