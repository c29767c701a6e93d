"""The shard of this process: as given, or `"auto"`, which asks what runs here, then what started it.

shard="auto"
     |    initialised: keras.distribution, torch.distributed, jax.distributed, tf.distribute
     |                         | nothing is
     |                         v
     |    the launcher's environment: Keras, torchrun, TF_CONFIG, Open MPI, SLURM
     v                         | nothing there
Shard(index, count) <----------'  Shard(0, 1)
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from amalthea._checks import check_int
from amalthea.batches import WHOLE, Shard
from amalthea.errors import ConfigurationError
from amalthea.loaders.launchers import shard_in_cluster, shard_of_environment

__all__ = ["check_distribution", "check_one_order", "checked_shard", "shard_in_mesh"]


def checked_shard(shard: Any, environment: Mapping[str, str] = os.environ) -> Shard:
    """Returns the shard that the argument `shard` of a loader stands for.

    Args:
        shard: `None` for all of each batch; `(index, count)`; or `"auto"`.
        environment: Environment variables, which a launcher has set.

    Raises:
        ConfigurationError: If it is none of these, if what `"auto"` reads makes no sense, or if Keras would shard
            what is sharded already.
    """
    if shard is None:
        return WHOLE
    if isinstance(shard, str) and shard == "auto":
        return _found() or shard_of_environment(environment) or WHOLE
    if not isinstance(shard, tuple | list) or len(shard) != 2:
        raise ConfigurationError(
            f'`shard` is {shard!r}; it must be None, (index, count), as (0, 4) for the first of four, or "auto".'
        )
    index, count = check_int("shard[0]", shard[0], minimum=0), check_int("shard[1]", shard[1], minimum=1)
    if index >= count:
        raise ConfigurationError(f"`shard` is {(index, count)}; the index must be one of 0 .. {count - 1}.")
    return Shard(index, count)


def check_distribution(shard: Shard) -> None:
    """Checks, before Keras asks for the first batch, that what it makes of a loader's batches is what they are.

    Under a `keras.distribution` of several processes the batches of all of them, put behind each other, are the global
    batch. Each process must then read its own rows, and Keras must not shard them again.

    Args:
        shard: The loader's.

    Raises:
        ConfigurationError: If the loader's batches are not what this process has to feed.
    """
    distribution = keras.distribution.distribution()
    if not _of_several_processes(distribution):
        return
    _check_not_sharded_again(distribution)
    expected = _shard_of(distribution)
    if shard != expected:
        raise ConfigurationError(
            f"`shard` is {tuple(shard)}, but under the `keras.distribution` in use this process feeds shard "
            f'{expected.index} of {expected.count}. Pass `shard="auto"` to the loader, after the distribution is set. '
            "A loader without that option cannot be used by several processes."
        )


def check_one_order(shard: Shard, *, shuffle: bool, seed: Any) -> None:
    """Checks that all shards are of the same batches.

    Raises:
        ConfigurationError: If each process would draw an order of its own.
    """
    if shard.count > 1 and shuffle and seed is None:
        raise ConfigurationError(
            f"`shard` is {tuple(shard)} and `seed` is None, so each process would draw an order of its own, and what "
            "they read would overlap. Pass the same `seed` in all of them."
        )


def shard_in_mesh(processes: npt.NDArray[Any], process: int) -> Shard:
    """Returns what a process feeds: the part of the batch axis that its devices hold.

    Args:
        processes: The process of each device, int of shape `(batch, model)`: those of a row hold the same samples.
        process: The process.

    Raises:
        ConfigurationError: If its part overlaps with that of another process, but is not the same.

    Example:
    >>> import numpy as np
    >>> shard_in_mesh(np.array([[0, 1], [2, 3]]), process=3)  # two devices to a replica, each in a process of its own
    Shard(index=1, count=2)
    """
    parts = {owner: tuple(np.flatnonzero((processes == owner).any(axis=1))) for owner in np.unique(processes).tolist()}
    distinct = sorted(set(parts.values()))
    if process not in parts or len(distinct) * len(distinct[0]) != len(processes) or len({*map(len, distinct)}) != 1:
        raise ConfigurationError(
            f'`shard="auto"` cannot be told: the parts of the batch of the processes are {parts}, and must be '
            "the same or disjoint, and of one size. Give the device mesh so that each process holds neighbours."
        )
    return Shard(distinct.index(parts[process]), len(distinct))


def _found() -> Shard | None:
    """Returns what is initialised in this process; nothing is imported or initialised for that."""
    ways = (_of_keras, _of_torch, _of_jax, _of_tensorflow)
    return next((shard for shard in (way() for way in ways) if shard is not None), None)


def _of_keras() -> Shard | None:
    distribution = keras.distribution.distribution()
    if not _of_several_processes(distribution):
        return None
    _check_not_sharded_again(distribution)
    return _shard_of(distribution)


def _of_torch() -> Shard | None:
    torch = sys.modules.get("torch")
    if torch is None or not torch.distributed.is_available() or not torch.distributed.is_initialized():
        return None
    return Shard(torch.distributed.get_rank(), torch.distributed.get_world_size())


def _of_jax() -> Shard | None:
    jax = sys.modules.get("jax")
    # `process_index` starts JAX' backend, after which `jax.distributed.initialize` is refused: ask only behind it.
    if jax is None or not jax.distributed.is_initialized():
        return None
    return Shard(jax.process_index(), jax.process_count())


def _of_tensorflow() -> Shard | None:
    tensorflow = sys.modules.get("tensorflow")
    if tensorflow is None or not tensorflow.distribute.has_strategy():
        return None
    resolver = getattr(tensorflow.distribute.get_strategy(), "cluster_resolver", None)
    if resolver is None:  # a strategy of this process alone
        return None
    return shard_in_cluster(resolver.cluster_spec().as_dict(), resolver.task_type, resolver.task_id)


def _of_several_processes(distribution: Any) -> bool:
    # Keras' own question before it takes a dataset; the public `num_processes` is there from 3.15 on.
    return getattr(distribution, "_is_multi_process", False) is True


def _shard_of(distribution: Any) -> Shard:
    if keras.backend.backend() != "jax":
        return Shard(distribution.data_shard_id, min(distribution.num_model_replicas, distribution.num_processes))
    mesh = distribution.device_mesh.backend_mesh
    devices = np.moveaxis(mesh.devices, mesh.axis_names.index(distribution.batch_dim_name), 0)
    owners = np.array([device.process_index for device in devices.flat]).reshape(len(devices), -1)
    return shard_in_mesh(owners, sys.modules["jax"].process_index())


def _check_not_sharded_again(distribution: Any) -> None:
    if distribution.auto_shard_dataset:
        # Keras 3.15 refuses every PyDataset then; later versions give each process other batch numbers.
        raise ConfigurationError(
            "The `keras.distribution` in use has `auto_shard_dataset=True`, so Keras would shard what the loader has "
            f"sharded. Pass `auto_shard_dataset=False` to `{type(distribution).__name__}`."
        )
