"""PyTorch: two processes train as one does with DistributedDataParallel, and either goes on where the other stopped."""

import contextlib
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import torch
from torch import distributed

import amalthea
from engines import side_by_side, torch_process
from engines.torch_process import BATCH_SIZE, EPOCHS, OPTIONS, SAMPLES

PROGRAM = Path(torch_process.__file__)
STOP = 23  # of 32 batches in two epochs: in the middle of the second

# Sums of float32 in another order: weights of up to 0.6 were seen to differ by 1.2e-7.
ROUNDING = 1e-6


@contextlib.contextmanager
def alone():
    """This process is the only one of a process group."""
    distributed.init_process_group("gloo", store=distributed.HashStore(), rank=0, world_size=1)
    try:
        yield
    finally:
        distributed.destroy_process_group()


def train_alone(folder, **options):
    """Returns the weights after the example was run in this process alone."""
    with alone():
        model, _ = torch_process.example().train(folder, EPOCHS, **options)
    return model.get_weights()


@pytest.fixture(scope="module")
def reference():
    """The weights of a plain loop over whole batches: no process group, no shards, the mean as Keras takes it."""
    example = torch_process.example()
    keras.utils.set_random_seed(0)
    model = example.build_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    loss_of = keras.losses.MeanSquaredError()
    loader = amalthea.ArrayLoader(*example.data(), batch_size=example.GLOBAL_BATCH, seed=0, workers=0)
    for x, y in (batch for _ in range(EPOCHS) for batch in loader):
        optimizer.zero_grad()
        loss_of(y, model(x)).backward()
        optimizer.step()
    return model.get_weights()


@pytest.fixture(scope="module")
def processes(tmp_path_factory):
    """What two processes have seen and made; their training began where one process had stopped."""
    folder = tmp_path_factory.mktemp("together")
    train_alone(folder / "run", stop_after=STOP)
    host, port = side_by_side.free_addresses(1)[0].split(":")
    of_both = {"MASTER_ADDR": host, "MASTER_PORT": port, "WORLD_SIZE": "2", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(PROGRAM), str(folder)]
    side_by_side.run([command] * 2, folder, environments=[{**of_both, "RANK": str(rank)} for rank in range(2)])
    with np.load(folder / "0.npz") as first, np.load(folder / "1.npz") as second:
        return dict(first), dict(second)


def assert_same(weights, reference):
    for ours, expected in zip(weights, reference, strict=True):
        np.testing.assert_allclose(ours, expected, rtol=0, atol=ROUNDING)


def test_one_process_of_the_example_is_the_plain_loop(tmp_path, reference):
    assert_same(train_alone(tmp_path), reference)


def test_what_one_process_began_two_finish_with_the_same_weights(processes, reference):
    for facts in processes:
        assert_same([facts[f"weights {number}"] for number in range(len(reference))], reference)


def test_what_two_processes_of_torchrun_began_one_finishes_with_the_same_weights(tmp_path, reference):
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"]
    options = [f"--folder={tmp_path}", f"--epochs={EPOCHS}", f"--stop-after={STOP}"]
    [printed] = side_by_side.run([[*launcher, str(torch_process.EXAMPLE), *options]], tmp_path)
    for rank in range(2):
        assert f"shard {rank} of 2: 32 rows of each batch of 64, loss " in printed
    assert torch.load(tmp_path / "checkpoint.pt")["loader"]["position"] == STOP - 16
    assert_same(train_alone(tmp_path), reference)


def test_the_program_of_the_docs_trains_both_processes_alike(processes):
    first, second = processes
    assert [first["docs shard"].tolist(), second["docs shard"].tolist()] == [[0, 2], [1, 2]]
    np.testing.assert_array_equal(first["docs weights"], second["docs weights"])


@pytest.mark.parametrize("name", ["threads", "processes"])
def test_each_sample_weighs_once_in_an_epoch_over_both_processes(name, processes):
    first, second = (facts[name] for facts in processes)
    assert len(first) == len(second) == EPOCHS * -(-SAMPLES // BATCH_SIZE)
    for epoch in np.split(np.concatenate([first, second], axis=1), EPOCHS):
        samples, weights = epoch.reshape(-1, 2).T
        there = samples >= 0
        totals = np.bincount(samples[there].astype(int), weights[there], minlength=SAMPLES)
        assert totals.tolist() == [1.0] * SAMPLES


def test_without_the_remainder_no_process_has_a_sample_twice(processes):
    first, second = (facts["dropped"] for facts in processes)
    whole = SAMPLES // BATCH_SIZE * BATCH_SIZE
    for epoch in np.split(np.concatenate([first, second], axis=1), EPOCHS):
        samples, weights = epoch.reshape(-1, 2).T
        assert len(np.unique(samples)) == len(samples) == whole
        assert weights.tolist() == [1.0] * whole


def test_the_batches_of_threads_and_of_processes_are_the_same(processes):
    assert set(OPTIONS) <= set(processes[0])
    for facts in processes:
        np.testing.assert_array_equal(facts["threads"], facts["processes"])


def test_fit_of_keras_does_not_train_together_on_pytorch(processes):
    """If this fails, Keras has learnt it, and docs/distributed.md has to say so."""
    first, second = (facts["fitted"] for facts in processes)
    assert not np.array_equal(first, second)
