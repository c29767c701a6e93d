"""TensorFlow: `fit` over two devices, and a loop written by hand in two processes, train as one device does."""

import json
import pickle
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from engines import side_by_side
from engines.tensorflow_devices import BATCH_SIZE, EPOCHS, EXAMPLE, SAMPLES

HERE = Path(__file__).parent
TESTS = {"PYTHONPATH": str(HERE.parent)}

# As in the tests: all are errors but this one, of TensorFlow's mirrored variables and NumPy 2.
WARNINGS = ["-W", "error", "-W", "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"]

# Sums of float32 in another order: numbers of up to 4 were seen to differ by 1e-6.
ROUNDING = 1e-5


@pytest.fixture(scope="module")
def devices(tmp_path_factory):
    """What a process with two devices has found, with one of them and with both."""
    folder = tmp_path_factory.mktemp("devices")
    command = [sys.executable, *WARNINGS, str(HERE / "tensorflow_devices.py"), str(folder)]
    side_by_side.run([command], folder, environments=[TESTS])
    with np.load(folder / "devices.npz") as found:
        return dict(found)


@pytest.fixture(scope="module")
def workers(tmp_path_factory):
    """What two processes have found."""
    folder = tmp_path_factory.mktemp("workers")
    cluster = {"worker": side_by_side.free_addresses(2)}
    configs = [{"cluster": cluster, "task": {"type": "worker", "index": index}} for index in range(2)]
    environments = [{**TESTS, "TF_CONFIG": json.dumps(config)} for config in configs]
    command = [sys.executable, str(HERE / "tensorflow_worker.py"), str(folder)]
    side_by_side.run([command, command], folder, environments=environments)
    return [pickle.loads((folder / f"worker-{index}.pickle").read_bytes()) for index in range(2)]


@pytest.mark.parametrize("name", ["whole", "dropped"])
def test_two_devices_reach_the_weights_of_one(name, devices):
    np.testing.assert_allclose(devices[f"two {name}"], devices[f"one {name}"], rtol=0, atol=ROUNDING)


def test_building_a_model_for_several_devices_takes_no_batch(devices):
    assert devices["two state"].tolist() == devices["one state"].tolist() == [2 * EPOCHS, 0]


def test_a_training_of_two_devices_that_was_stopped_twice_reaches_the_same_weights_bit_for_bit(devices):
    np.testing.assert_array_equal(devices["resumed"], devices["whole run"])


@pytest.mark.parametrize("name", ["threads", "processes"])
def test_each_sample_is_trained_on_once_in_an_epoch_by_two_devices_also_after_a_stop(name, devices):
    expected = [[float(epoch)] * SAMPLES for epoch in (1, 2, 1, 2)]  # of two fits; the one between them was stopped
    assert devices[f"counts of {name}"].tolist() == expected


def test_predictions_of_two_devices_line_up(devices):
    assert devices["predicted"].tolist() == list(range(2 * BATCH_SIZE + 1))


def test_a_stop_in_the_middle_of_an_epoch_leaves_no_process(devices):
    assert devices["left"] == 0


def test_the_example_says_what_it_did(tmp_path):
    command = [sys.executable, str(EXAMPLE), "--epochs", "1", "--devices", "2"]
    [printed] = side_by_side.run([command], tmp_path)
    assert re.search(r"shard 0 of 1: 64 rows of each batch of 64, 2 devices, loss 0\.\d+, sum of weights \d+", printed)


def test_two_processes_reach_the_weights_of_one_device_in_a_loop_written_by_hand(workers, devices):
    for index, facts in enumerate(workers):
        assert facts["shard"] == (index, 2)
        np.testing.assert_allclose(facts["example"], devices["example"], rtol=0, atol=ROUNDING)


def test_each_sample_weighs_once_over_both_processes(workers):
    batches = [batch for facts in workers for batch in facts["seen"]]
    assert [len(rows) for rows, _ in batches] == [4, 4, 3] * 2
    samples, weights = (np.concatenate(column) for column in zip(*batches, strict=True))
    assert np.bincount(samples.astype(int), weights).tolist() == [1.0] * 21


def test_fit_of_keras_does_not_work_in_several_processes_and_says_so(workers):
    """If this fails, Keras has learnt it, and docs/distributed.md has to say so."""
    for facts in workers:
        assert re.match("ValueError: Attempt to convert a value .PerReplica", facts["fit"])
