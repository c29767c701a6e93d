"""What a launcher's environment variables say of this process: its shard, and of how many."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from amalthea.batches import WHOLE, Shard
from amalthea.errors import ConfigurationError

__all__ = ["shard_in_cluster", "shard_of_environment"]

Environment = Mapping[str, str]

WORKERS = ("chief", "worker")  # of TensorFlow's kinds of task

REMEDY = "Start the processes with one launcher, or give `shard=(index, count)` to the loader."


class Launcher(NamedTuple):
    """Two variables: the number of the process, from 0, and how many there are."""

    process: str
    processes: str


KERAS = Launcher("KERAS_DISTRIBUTION_PROCESS_ID", "KERAS_DISTRIBUTION_NUM_PROCESSES")
TORCHRUN = Launcher("RANK", "WORLD_SIZE")
OPEN_MPI = Launcher("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE")
SLURM_STEP = Launcher("SLURM_PROCID", "SLURM_STEP_NUM_TASKS")
SLURM_JOB = Launcher("SLURM_PROCID", "SLURM_NTASKS")


def shard_of_environment(environment: Environment) -> Shard | None:
    """Returns the shard that the variables tell, or `None` if there are none.

    A launcher that another one started is asked first: `srun` may start one `torchrun` on each host.

    Args:
        environment: Environment variables, as `os.environ`.

    Raises:
        ConfigurationError: If variables are missing or make no sense.

    Example:
    >>> shard_of_environment({"RANK": "1", "WORLD_SIZE": "4"})
    Shard(index=1, count=4)
    """
    for launcher in (KERAS, TORCHRUN):
        if launcher.process in environment or launcher.processes in environment:
            return _told_by(launcher, environment)
    told = _told_by_tensorflow(environment.get("TF_CONFIG", "{}"))
    if told is not None:
        return told
    if OPEN_MPI.process in environment or OPEN_MPI.processes in environment:
        return _told_by(OPEN_MPI, environment)
    return _told_by_slurm(environment)


def shard_in_cluster(cluster: Mapping[str, Sequence[Any]], task: str | None, index: int | None) -> Shard:
    """Returns the shard of a task of a TensorFlow cluster; one that takes no part in the training reads all.

    Args:
        cluster: The addresses of each kind of task; the chief is the first worker.
        task: Kind of this task.
        index: Its number among those of its kind.

    Example:
    >>> shard_in_cluster({"chief": ["a:1"], "worker": ["b:1", "c:1"]}, "worker", 0)
    Shard(index=1, count=3)
    """
    chiefs, workers = len(cluster.get("chief", ())), len(cluster.get("worker", ()))
    if task not in WORKERS or index is None:  # an evaluator, or a coordinator that feeds all workers
        return WHOLE
    return Shard(index + (chiefs if task == "worker" else 0), chiefs + workers)


def _told_by(launcher: Launcher, environment: Environment) -> Shard:
    told = {name: environment.get(name) for name in launcher}
    try:
        index, count = (int(value or "") for value in told.values())
    except ValueError:
        index, count = -1, 0
    if not 0 <= index < count:
        said = ", ".join(f"{name} is {'not set' if value is None else repr(value)}" for name, value in told.items())
        raise ConfigurationError(
            f'`shard` is "auto", but {said}; they must be the number of this process, from 0, and the number of '
            f"processes. {REMEDY}"
        )
    return Shard(index, count)


def _told_by_slurm(environment: Environment) -> Shard | None:
    if SLURM_STEP.processes in environment:
        return _told_by(SLURM_STEP, environment)
    if SLURM_JOB.process not in environment:  # the count alone is that of an allocation, not of processes
        return None
    shard = _told_by(SLURM_JOB, environment)
    if shard.index == 0 and shard.count > 1:
        # The script of a job is told the same as the first process of a step, and may be the only one that runs.
        raise ConfigurationError(
            f'`shard` is "auto", and SLURM has {shard.count} tasks, but this process was not started by `srun`. Start '
            "it with `srun`, or, if it is the only one, leave out `shard`."
        )
    return shard


def _told_by_tensorflow(config: str) -> Shard | None:
    try:
        told = json.loads(config)
        if not told.get("cluster"):  # as TensorFlow itself: no cluster, no other workers
            return None
        task, index = str(told["task"]["type"]), int(told["task"]["index"])
        if task in WORKERS and not 0 <= index < len(told["cluster"][task]):
            raise LookupError(index)
        return shard_in_cluster(told["cluster"], task, index)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise ConfigurationError(
            f'`shard` is "auto", but TF_CONFIG is {config!r}; it must be JSON, with the addresses of all workers in '
            f"`cluster`, and one of them as `type` and `index` in `task`. {REMEDY}"
        ) from error
