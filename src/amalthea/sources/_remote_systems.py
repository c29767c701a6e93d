"""The file systems behind URLs: one for all files of a bucket, a server or an archive, made in each process anew."""

from __future__ import annotations

import contextlib
import importlib
import os
import threading
from collections.abc import Iterator
from typing import Any

from amalthea._urls import parts
from amalthea.errors import ConfigurationError

__all__ = ["CONNECTIONS", "at_hand", "check_installed", "kind_of", "located", "used"]

# For s3fs; what a user has set in `fsspec.config.conf` goes before these.
CONNECTIONS = 128
DEFAULTS: dict[str, dict[str, Any]] = {
    protocol: {"config_kwargs": {"max_pool_connections": CONNECTIONS}} for protocol in ("s3", "s3a")
}

_locks: dict[Any, threading.Lock] = {}
_systems: dict[Any, Any] = {}
_own = threading.local()  # `systems`: those that must not be used by two threads


def check_installed(url: str) -> None:
    """Raises ConfigurationError if what reads a URL is missing, or there is nothing that could."""
    fsspec = _fsspec()
    for part in url.split("::"):
        if "://" in part:
            _checked_kind(fsspec, url, part.partition("://")[0])


def kind_of(url: str) -> Any:
    """Returns the class of the file system of a URL."""
    return _checked_kind(_fsspec(), url, url.partition("::")[0].partition("://")[0])


def located(url: str) -> tuple[Any, str]:
    """Returns the file system of a URL, and the path there.

    Of kinds that know nothing of threads each thread has one of its own; of an archive, which costs memory, there is
    one for all, see `used`.
    """
    head, _ = parts(url)
    if "::" in head:  # as in `simplecache::s3://bucket/key`, where each file has one of its own
        fs, path = _fsspec().core.url_to_fs(url, skip_instance_cache=True)
        return fs, str(path)
    key, known = _place(url)
    if key not in known:
        with _locks.setdefault(key, threading.Lock()) if known is _systems else contextlib.nullcontext():
            if key not in known:
                known[key] = _made(url)
    return known[key], str(kind_of(url)._strip_protocol(head))


def at_hand(url: str) -> tuple[Any, str] | None:
    """Returns what `located` does, if the file system is there already."""
    head, _ = parts(url)
    if "::" in head:
        return None
    key, known = _place(url)
    fs = known.get(key)
    return None if fs is None else (fs, str(kind_of(url)._strip_protocol(head)))


def _place(url: str) -> tuple[Any, dict[Any, Any]]:
    """Returns by what the file system of a URL is known, and where."""
    head, rest = parts(url)
    kind, protocol = kind_of(url), head.partition("://")[0]
    key = kind, protocol, rest, tuple(sorted(kind._get_kwargs_from_urls(head).items()))
    return key, _systems if kind.async_impl or not kind.cachable else _systems_of_thread()


def _systems_of_thread() -> dict[Any, Any]:
    if not hasattr(_own, "systems"):
        _own.systems = {}
    systems: dict[Any, Any] = _own.systems
    return systems


@contextlib.contextmanager
def used(url: str) -> Iterator[tuple[Any, str]]:
    """Gives what `located` does, for one thread at a time where the file system allows no more."""
    fs, path = located(url)
    # All instances of the one in memory share its files, each of which knows where it was read last.
    alone = not type(fs).cachable or "memory" in type(fs).protocol
    with _alone if alone else contextlib.nullcontext():
        yield fs, path


_alone = threading.RLock()


def _made(url: str) -> Any:
    fsspec = _fsspec()
    options = {
        protocol: _with_defaults(fsspec.config.conf, protocol)
        for protocol in DEFAULTS
        if protocol in url and fsspec.get_filesystem_class(protocol).__module__.startswith("s3fs")
    }
    fs, _ = fsspec.core.url_to_fs(url, **options)
    if not type(fs).cachable:
        fs.exists("")  # reads what is in an archive, which two threads must not do at once
    return fs


def _with_defaults(conf: dict[str, Any], protocol: str) -> dict[str, Any]:
    own = conf.get(protocol, {})
    return {name: {**value, **own.get(name, {})} for name, value in DEFAULTS[protocol].items()}


def _checked_kind(fsspec: Any, url: str, protocol: str) -> Any:
    try:
        return fsspec.get_filesystem_class(protocol)
    except (ImportError, ValueError) as error:
        raise ConfigurationError(
            f"The URL {url!r} cannot be read: {str(error).rstrip('.')}. Install the package that reads it, for "
            "instance `s3fs` for s3://, `gcsfs` for gs://, `huggingface_hub` for hf:// and `aiohttp` for https://."
        ) from error


def _fsspec() -> Any:
    try:
        importlib.import_module("fsspec.core")
        return importlib.import_module("fsspec")
    except ImportError as error:
        raise ConfigurationError('URLs are read by `fsspec`: pip install "amalthea[remote]".') from error


def _forget() -> None:
    global _alone, _own
    _alone, _own = threading.RLock(), threading.local()
    _locks.clear()
    _systems.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
