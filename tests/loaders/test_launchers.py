"""What the environment of a process that a launcher started says of its shard."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import amalthea
from amalthea.loaders.launchers import shard_in_cluster, shard_of_environment

VARIABLES = {
    "Keras": ("KERAS_DISTRIBUTION_PROCESS_ID", "KERAS_DISTRIBUTION_NUM_PROCESSES"),
    "torchrun": ("RANK", "WORLD_SIZE"),
    "Open MPI": ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
    "srun": ("SLURM_PROCID", "SLURM_STEP_NUM_TASKS"),
}
CLUSTER = {"chief": ["a:1"], "worker": ["b:1", "c:1"], "ps": ["d:1"]}


def tf_config(kind, index, cluster=CLUSTER):
    return {"TF_CONFIG": json.dumps({"cluster": cluster, "task": {"type": kind, "index": index}})}


def test_without_a_launcher_there_is_no_shard():
    assert shard_of_environment({}) is None
    assert shard_of_environment({"HOME": "/", "LOCAL_RANK": "1", "SLURM_NTASKS": "4", "TF_CONFIG": "{}"}) is None


@pytest.mark.parametrize("names", VARIABLES.values(), ids=VARIABLES)
def test_each_launcher_tells_the_process_and_their_number(names):
    assert shard_of_environment(dict(zip(names, ("2", "3"), strict=True))) == (2, 3)


@given(st.integers(1, 64), st.sampled_from(sorted(VARIABLES)))
def test_all_processes_of_a_launcher_are_all_shards(count, launcher):
    index_name, count_name = VARIABLES[launcher]
    told = [shard_of_environment({index_name: str(index), count_name: str(count)}) for index in range(count)]
    assert told == [(index, count) for index in range(count)]


@pytest.mark.parametrize(
    ("index", "count"), [("4", "4"), ("-1", "4"), ("0", "0"), ("one", "4"), ("1", ""), ("0.0", "2")]
)
@pytest.mark.parametrize("names", VARIABLES.values(), ids=VARIABLES)
def test_nonsense_is_an_error_that_quotes_the_variables(names, index, count):
    with pytest.raises(amalthea.ConfigurationError) as error:
        shard_of_environment(dict(zip(names, (index, count), strict=True)))
    assert f"{names[0]} is {index!r}, {names[1]} is {count!r}" in str(error.value)
    assert "shard=(index, count)" in str(error.value)


@pytest.mark.parametrize("launcher", ["Keras", "torchrun", "Open MPI"])
@pytest.mark.parametrize("given_one", [0, 1])
def test_half_of_the_variables_is_an_error_that_names_the_other(launcher, given_one):
    names = VARIABLES[launcher]
    with pytest.raises(amalthea.ConfigurationError, match=f"{names[1 - given_one]} is not set"):
        shard_of_environment({names[given_one]: "0"})


def test_a_launcher_that_another_one_started_is_asked_first():
    """As `srun` starts one `torchrun` on each host, and that one the processes."""
    slurm = {"SLURM_PROCID": "1", "SLURM_STEP_NUM_TASKS": "2", "SLURM_NTASKS": "2"}
    assert shard_of_environment({**slurm, "OMPI_COMM_WORLD_RANK": "3", "OMPI_COMM_WORLD_SIZE": "4"}) == (3, 4)
    assert shard_of_environment({**slurm, **tf_config("worker", 0)}) == (1, 3)
    assert shard_of_environment({**slurm, **tf_config("worker", 0), "RANK": "7", "WORLD_SIZE": "8"}) == (7, 8)


class TestSlurm:
    def test_the_tasks_of_the_step_count_and_not_those_of_the_allocation(self):
        environment = {"SLURM_PROCID": "0", "SLURM_NTASKS": "8", "SLURM_STEP_NUM_TASKS": "2"}
        assert shard_of_environment(environment) == (0, 2)

    def test_a_job_of_one_task_is_one_shard(self):
        assert shard_of_environment({"SLURM_PROCID": "0", "SLURM_NTASKS": "1"}) == (0, 1)

    def test_a_process_that_can_only_be_one_of_several_is_that_one(self):
        assert shard_of_environment({"SLURM_PROCID": "3", "SLURM_NTASKS": "4"}) == (3, 4)

    def test_the_script_of_a_job_does_not_pass_for_the_first_of_its_tasks(self):
        """It would train on its part alone, and nobody on the rest."""
        with pytest.raises(amalthea.ConfigurationError, match="not started by `srun`"):
            shard_of_environment({"SLURM_PROCID": "0", "SLURM_NTASKS": "4"})


class TestTensorFlow:
    def test_the_chief_is_the_first_and_the_workers_follow(self):
        tasks = [("chief", 0), ("worker", 0), ("worker", 1)]
        assert [shard_of_environment(tf_config(*task)) for task in tasks] == [(0, 3), (1, 3), (2, 3)]

    def test_without_a_chief_the_workers_are_the_shards(self):
        cluster = {"worker": ["a:1", "b:1"]}
        assert [shard_of_environment(tf_config("worker", index, cluster)) for index in (0, 1)] == [(0, 2), (1, 2)]

    @pytest.mark.parametrize("kind", ["evaluator", "ps"])
    def test_a_task_that_does_not_train_reads_all(self, kind):
        assert shard_of_environment(tf_config(kind, 0)) == (0, 1)

    def test_a_coordinator_that_feeds_all_workers_reads_all(self):
        assert shard_in_cluster(CLUSTER, None, None) == (0, 1)
        assert shard_in_cluster({}, "coordinator", 0) == (0, 1)

    @pytest.mark.parametrize(
        "config",
        [
            "worker 0",
            "[]",
            json.dumps({"cluster": CLUSTER}),
            json.dumps({"cluster": CLUSTER, "task": {"type": "worker"}}),
            json.dumps({"cluster": CLUSTER, "task": {"type": "worker", "index": 2}}),
            json.dumps({"cluster": CLUSTER, "task": {"type": "worker", "index": -1}}),
            json.dumps({"cluster": {"worker": 2}, "task": {"type": "worker", "index": 0}}),
            json.dumps({"cluster": ["a:1", "b:1"], "task": {"type": "worker", "index": 0}}),
        ],
    )
    def test_nonsense_is_an_error_that_quotes_it(self, config):
        with pytest.raises(amalthea.ConfigurationError, match="TF_CONFIG is") as error:
            shard_of_environment({"TF_CONFIG": config})
        assert config in str(error.value)
