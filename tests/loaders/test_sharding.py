"""`shard` as it is given, found, and compared with what Keras makes of it."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import amalthea
from amalthea.loaders.sharding import checked_shard, shard_in_mesh


def test_nothing_is_the_whole_batch():
    assert checked_shard(None) == (0, 1)


@pytest.mark.parametrize("shard", [(0, 1), (1, 2), [3, 4], (np.int64(1), np.int32(3))])
def test_a_shard_is_taken_as_it_is_given(shard):
    checked = checked_shard(shard)
    assert checked == tuple(shard)
    assert [type(number) for number in checked] == [int, int]


@pytest.mark.parametrize("shard", [1, "all", (1,), (0, 1, 2), (2, 2), (-1, 2), (0, 0), (0.0, 2), (True, 2), {0: 2}])
def test_what_is_no_shard_is_an_error_that_names_the_argument(shard):
    with pytest.raises(amalthea.ConfigurationError, match="`shard"):
        checked_shard(shard)


def test_auto_in_a_process_on_its_own_is_the_whole_batch():
    assert checked_shard("auto", environment={}) == (0, 1)


def test_auto_is_what_a_launcher_says_of_a_process_that_has_initialised_nothing():
    assert checked_shard("auto", environment={"RANK": "1", "WORLD_SIZE": "2"}) == (1, 2)
    with pytest.raises(amalthea.ConfigurationError, match="WORLD_SIZE is not set"):
        checked_shard("auto", environment={"RANK": "1"})


def test_shards_of_a_shuffled_loader_need_the_seed_that_they_share():
    with pytest.raises(amalthea.ConfigurationError, match="`seed` is None"):
        amalthea.Loader([0.0, 1.0], shard=(0, 2))
    assert amalthea.Loader([0.0, 1.0], shard=(0, 2), seed=1, workers=0).shard == (0, 2)
    assert amalthea.Loader([0.0, 1.0], shard=(0, 2), shuffle=False, workers=0).shard == (0, 2)
    assert amalthea.Loader([0.0, 1.0], shard=(0, 1), workers=0).shard == (0, 1)


# A loader of the shard that a launcher has told, made before anything else is done in the process.
PROGRAM = """
import sys
import amalthea

loader = amalthea.Loader([0.0, 1.0, 2.0, 3.0], batch_size=4, shuffle=False, shard="auto")
jax, torch = sys.modules.get("jax"), sys.modules.get("torch")
print(loader.shard, bool(jax and jax._src.xla_bridge.backends_are_initialized()))
print(bool(torch and torch.distributed.is_initialized()), "tensorflow" in sys.modules)
"""


def test_auto_initialises_nothing():
    """What a backend has begun by itself can no longer be joined with other processes."""
    environment = {**os.environ, "RANK": "1", "WORLD_SIZE": "2"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:2] == [
        "Shard(index=1, count=2) False",
        f"False {keras.backend.backend() == 'tensorflow'}",
    ]


class TestMesh:
    """A batch over the devices of a mesh: which rows a process has to feed."""

    @given(st.integers(1, 8), st.integers(1, 4))
    def test_with_data_parallelism_each_process_feeds_its_part(self, processes, devices):
        mesh = np.repeat(np.arange(processes), devices)[:, np.newaxis]
        assert [shard_in_mesh(mesh, each) for each in range(processes)] == [
            (each, processes) for each in range(processes)
        ]

    @given(st.integers(1, 4), st.integers(1, 4))
    def test_processes_that_hold_one_replica_together_feed_the_same(self, replicas, to_each):
        mesh = np.arange(replicas * to_each).reshape(replicas, to_each)
        told = [shard_in_mesh(mesh, each) for each in range(mesh.size)]
        assert told == [(each // to_each, replicas) for each in range(mesh.size)]

    def test_a_process_with_devices_of_all_replicas_feeds_whole_batches(self):
        mesh = np.array([[0, 1], [0, 1]])
        assert [shard_in_mesh(mesh, each) for each in (0, 1)] == [(0, 1), (0, 1)]

    def test_processes_that_take_turns_along_the_batch_feed_their_parts(self):
        mesh = np.array([[0], [1], [0], [1]])
        assert [shard_in_mesh(mesh, each) for each in (0, 1)] == [(0, 2), (1, 2)]

    @pytest.mark.parametrize("mesh", [[[0], [0], [0], [1]], [[0, 0], [0, 1], [1, 1]]])
    def test_parts_that_cannot_be_fed_are_an_error(self, mesh):
        with pytest.raises(amalthea.ConfigurationError, match="cannot be told"):
            shard_in_mesh(np.array(mesh), 0)

    def test_a_process_without_a_device_in_the_mesh_is_an_error(self):
        with pytest.raises(amalthea.ConfigurationError, match="cannot be told"):
            shard_in_mesh(np.array([[0], [1]]), 2)
