"""How files behind URLs are read: set in one place, for the program and its worker processes."""

from __future__ import annotations

import dataclasses
import os
import pickle
import sys
import time
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import cloudpickle

from amalthea._checks import check_int
from amalthea.errors import ConfigurationError
from amalthea.sources._remote_ahead import sizes
from amalthea.sources._remote_kinds import register, registered

__all__ = ["Handed", "Settings", "configure_remote", "handed_on", "settings", "take_over"]


@dataclasses.dataclass(frozen=True)
class Settings:
    """What `configure_remote` sets, and when it did."""

    timeout_s: float = 15.0
    deadline_s: float = 120.0
    cache: str | None = None
    cache_bytes: int = 10_000_000_000
    since_ns: int = 0


# Settings, how large files are, and of fsspec its configuration, pickled, by protocol, and what is registered there.
Handed = tuple[Settings, float | None, dict[str, bytes], dict[str, bytes]]

_settings = Settings()


def settings() -> Settings:
    """Returns what holds in this process."""
    return _settings


def configure_remote(
    *,
    timeout_s: float = 15.0,
    deadline_s: float = 120.0,
    cache: str | os.PathLike[str] | None = None,
    cache_bytes: int = 10_000_000_000,
) -> None:
    """Sets how files behind URLs are read, in this program and in the worker processes that it starts from then on.

    What is left out gets its default. Credentials and endpoints are set in `fsspec.config.conf`, which worker
    processes are given as well.

    Args:
        timeout_s: Seconds that the first attempt to read a file may take; each that follows has twice as long.
        deadline_s: Seconds after which there is no further attempt.
        cache: A folder on a local disk that keeps files as they were read, for later epochs and runs; it is made if
            there is none. `None` keeps nothing.
        cache_bytes: How much it keeps; the files that were used longest ago make room for others.

    Raises:
        ConfigurationError: If an argument cannot be used.

    Example:
    >>> configure_remote(timeout_s=5.0, deadline_s=60.0)
    >>> configure_remote()
    """
    global _settings
    folder = None if cache is None else os.fspath(cache)
    if folder is not None and (not isinstance(folder, str) or not folder or "://" in folder):
        raise ConfigurationError(f"`cache` is {cache!r}; it must be a folder on a local disk, or None.")
    _settings = Settings(
        _seconds("timeout_s", timeout_s),
        _seconds("deadline_s", deadline_s),
        None if folder is None else str(Path(folder).absolute()),
        check_int("cache_bytes", cache_bytes, minimum=0),
        time.time_ns(),
    )


def handed_on() -> Handed:
    """Returns what a worker process must know of this one."""
    config = sys.modules.get("fsspec.config")
    size = sizes.mean if sizes.known else None
    return _settings, size, {} if config is None else dict(_pickled(config.conf)), registered()


def take_over(handed: Handed) -> None:
    """Sets all as in the program that has started this worker process."""
    global _settings
    _settings, size, conf, kinds = handed
    if size is not None:
        sizes.add(size)
    if conf:
        import fsspec.config

        fsspec.config.conf.update({protocol: pickle.loads(data) for protocol, data in conf.items()})
    register(kinds)


def _pickled(conf: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    for protocol, options in list(conf.items()):  # another thread may set some meanwhile
        try:
            yield protocol, cloudpickle.dumps(options)
        except Exception as error:  # pickling runs the objects' own code, which may raise anything
            warnings.warn(
                f"`fsspec.config.conf[{protocol!r}]` cannot be sent to worker processes, which go without it: {error}",
                stacklevel=2,
            )


def _seconds(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
        raise ConfigurationError(f"`{name}` is {value!r}; it must be a number of seconds, more than 0.")
    return float(value)
