"""What the arguments of a loader stand for, checked where the user wrote them."""

from __future__ import annotations

import math
from typing import Any

import loky
import numpy as np

from amalthea._checks import check_int
from amalthea.batches import Shard
from amalthea.errors import ConfigurationError, SampleError
from amalthea.quarantine import Quarantine
from amalthea.workers.inline import Inline
from amalthea.workers.processes import Processes
from amalthea.workers.stream import Workers
from amalthea.workers.threads import Threads

__all__ = ["batches_of", "check_quarantine", "check_weighted", "samples_of", "workers_of"]


def workers_of(count: int | None, use_multiprocessing: bool, timeout_s: float | None) -> Workers:
    """Returns the workers that a loader's arguments ask for.

    Raises:
        ConfigurationError: If they cannot be used.
    """
    if count is None:
        count = loky.cpu_count()  # what this process may use: its affinity and its container's share
    if timeout_s is not None and (not isinstance(timeout_s, int | float) or not timeout_s > 0):
        raise ConfigurationError(f"`timeout_s` is {timeout_s!r}; it must be a positive number of seconds, or None.")
    if timeout_s is not None and not use_multiprocessing:
        raise ConfigurationError(
            f"`timeout_s` is {timeout_s!r}, but a thread cannot be ended: "
            "pass `use_multiprocessing=True`, or leave it out."
        )
    if not check_int("workers", count, minimum=0):
        return Inline()
    return Processes(count, timeout_s=timeout_s) if use_multiprocessing else Threads(count)


def samples_of(source: Any) -> int:
    """Returns how many samples a source has.

    Raises:
        ConfigurationError: If it is no source, or has none.
    """
    if not hasattr(source, "__getitem__") or not hasattr(source, "__len__"):
        raise ConfigurationError(
            f"`source` is of type {type(source).__name__}; a source has `len(source)` and `source[i]`, "
            "as a list has. Put the samples of a generator into a list, or write a class with those two methods."
        )
    if not len(source):
        raise ConfigurationError("`source` is empty: it has no sample to make a batch of.")
    if isinstance(source, tuple) and all(isinstance(column, np.ndarray) for column in source):
        raise ConfigurationError(
            "`source` is a tuple of arrays, which would be a source of as many samples as it has arrays. "
            "For x and y that belong together there is `ArrayLoader(x, y)`."
        )
    return len(source)


def batches_of(size: int, batch_size: int, drop_remainder: bool) -> int:
    """Returns how many batches so many samples make.

    Raises:
        ConfigurationError: If there is none.
    """
    count = size // batch_size if drop_remainder else math.ceil(size / batch_size)
    if not count:
        raise ConfigurationError(
            f"No batch is left: `drop_remainder=True`, `batch_size` is {batch_size} and the source has "
            f"{size} samples. Make `batch_size` smaller or keep the remainder."
        )
    return count


def check_quarantine(known: Quarantine, samples: list[SampleError], on_error: str, num_samples: int) -> None:
    """Raises ConfigurationError if samples in quarantine are no samples, or nothing can stand in for them."""
    if samples and on_error == "raise":
        raise ConfigurationError(
            "`quarantine` is given with `on_error='raise'`, which leaves nothing to stand in for a sample. Pass "
            "`on_error='skip'`; with `max_errors=0` a broken sample that is not in quarantine is still an error."
        )
    for index in known.indices:
        if not 0 <= index < num_samples:
            raise ConfigurationError(
                f"`quarantine` names sample {index}; the samples are those of 0 .. {num_samples - 1}."
            )


def check_weighted(sample: Any, batch_size: int, shard: Shard) -> None:
    """Raises ConfigurationError if there is no place for the weights of samples that are repeated."""
    if isinstance(sample, tuple) and len(sample) == 3:
        return
    raise ConfigurationError(
        f"`shard` is {tuple(shard)}, and not all batches are of {shard.count} equal parts: to fill them up, samples "
        "are repeated with a sample weight of zero, for which a sample of x alone has no place. Give y as well, choose "
        f"a `batch_size` (it is {batch_size}) and a number of samples that can be divided by {shard.count}, or pass "
        "`drop_remainder=True`."
    )
