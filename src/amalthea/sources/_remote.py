"""Files behind URLs: read whole, several at a time, and again where that helps."""

from __future__ import annotations

import asyncio
import concurrent.futures
import functools
import hashlib
import inspect
import os
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from amalthea.sources._remote_ahead import EXPIRE_S, Ahead
from amalthea.sources._remote_cache import Downloads
from amalthea.sources._remote_pool import Pool
from amalthea.sources._remote_retries import persevere
from amalthea.sources._remote_settings import Settings, settings
from amalthea.sources._remote_systems import CONNECTIONS, kind_of, located, used

__all__ = ["asked", "begin", "content", "forget", "stamp", "started"]

GRACE_S = 60.0

Question = tuple[Callable[[str], Coroutine[Any, Any, Any]], str]

# What a file system may say of a file that becomes another one with its content, the surest first.
STAMPS = ("ETag", "etag", "md5Hash", "crc32c", "generation", "blob_id", "CRC", "mtime", "LastModified", "created")


def content(url: str) -> bytes:
    """Returns all of a file.

    Raises:
        OSError: If it cannot be read, at once or after several attempts.
        ConfigurationError: If what reads such URLs is missing.
    """
    data: bytes = _answer((_read, url))
    return data


def stamp(url: str) -> tuple[int, ...]:
    """Returns what becomes another one when a file is changed, as far as its file system knows.

    Raises:
        OSError: As for `content`.
    """
    told: tuple[int, ...] = _answer((_ask_stamp, url))
    return told


def begin(urls: Iterable[str], *, stamps: bool = False) -> None:
    """Begins to read files, or to ask for their stamps, that will be asked for soon, each as often as it is named."""
    question = _ask_stamp if stamps else _read
    _ahead.begin([(question, url) for url in urls])
    _loop().call_soon_threadsafe(_sweep_later)


def forget() -> None:
    """Lets go of all that was begun and not asked for."""
    _ahead.forget()


def asked(function: Callable[..., Any], *args: Any) -> Any:
    """Returns what a function returns that asks a file system, called again where that helps."""
    attempt = functools.partial(_in_pool, function, *args)
    return started(persevere(attempt, timeout_s=None, deadline_s=settings().deadline_s)).result()


def _answer(question: Question) -> Any:
    # An answer comes in time by itself, unless the thread of all connections is gone.
    patience_s = settings().deadline_s + GRACE_S
    future, shared = _ahead.take(question)
    if shared and future.exception(patience_s) is not None:
        future = _started(question)  # what was wrong when it was begun for others may be mended since
    return future.result(patience_s)


def _started(question: Question) -> concurrent.futures.Future[Any]:
    ask, url = question
    kind_of(url)  # raises here what the user is to be told
    return started(
        persevere(functools.partial(ask, url), timeout_s=settings().timeout_s, deadline_s=settings().deadline_s)
    )


async def _read(url: str) -> bytes:
    asked = _ahead.known((_ask_stamp, url))
    if asked is not None:  # a stamp must be no younger than the content that it stands for
        await asyncio.wait([asyncio.wrap_future(asked)])
    downloads = _downloads(settings())
    return await _fetch(url) if downloads is None else await _kept(url, downloads)


async def _kept(url: str, downloads: Downloads) -> bytes:
    found = await _in_pool(downloads.find, url)
    if found is not None and found.checked:
        return bytes(found.data)
    stamp = await _ask_stamp(url)
    if found is not None and found.stamp == stamp:
        await _in_pool(downloads.use, url)
        return bytes(found.data)
    data = await _fetch(url)
    await _in_pool(downloads.keep, url, stamp, data)
    return data


@functools.lru_cache(maxsize=1)
def _downloads(settings: Settings) -> Downloads | None:
    return None if settings.cache is None else Downloads(settings.cache, settings.cache_bytes, settings.since_ns)


async def _fetch(url: str) -> bytes:
    if not kind_of(url).async_impl:
        data: bytes = await _in_pool(_read_here, url)
        return data
    async with _connections():
        fs, path = located(url)
        kind: Any = type(fs)
        return bytes(await fs._cat_file(path, **_whole(kind)))


def _read_here(url: str) -> bytes:
    with used(url) as (fs, path):
        return bytes(fs.cat_file(path))


async def _ask_stamp(url: str) -> tuple[int, int]:
    if not kind_of(url).async_impl:
        return _stamp_of(await _in_pool(_info_here, url))
    async with _connections():
        fs, path = located(url)
        return _stamp_of(await fs._info(path))


def _info_here(url: str) -> dict[str, Any]:
    with used(url) as (fs, path):
        return dict(fs.info(path))


def _stamp_of(info: dict[str, Any]) -> tuple[int, int]:
    told = next((info[name] for name in STAMPS if info.get(name) is not None), None)
    digest = hashlib.blake2b(repr(told).encode(), digest_size=7).digest()
    return int(info.get("size") or 0), int.from_bytes(digest, "little")


@functools.cache
def _whole(kind: Any) -> dict[str, Any]:
    """Returns the options of a call that reads a file of this kind in one request."""
    # s3fs asks for the size first, in a request of its own, to read a large file in pieces.
    known = inspect.signature(kind._cat_file).parameters
    return {"max_concurrency": 1} if "max_concurrency" in known else {}


def _in_pool(function: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
    return asyncio.wrap_future(_pool.submit(function, *args))


def started(coroutine: Coroutine[Any, Any, Any]) -> concurrent.futures.Future[Any]:
    """Begins to run in the loop of all connections."""
    return asyncio.run_coroutine_threadsafe(coroutine, _loop())


def _loop() -> asyncio.AbstractEventLoop:
    """Returns the loop that all connections of this process belong to: fsspec's own, in a thread of its own."""
    import fsspec.asyn

    loop: asyncio.AbstractEventLoop = fsspec.asyn.get_loop()
    return loop


@functools.cache
def _connections() -> asyncio.Semaphore:
    return asyncio.Semaphore(CONNECTIONS)


_sweeping = False


def _sweep_later() -> None:
    """Sees to it that what nobody asks for is let go of even when nothing else happens; runs in the loop alone."""
    global _sweeping
    if not _sweeping:
        _sweeping = True
        asyncio.get_running_loop().call_later(EXPIRE_S, _sweep)


def _sweep() -> None:
    global _sweeping
    _sweeping = False
    _ahead.forget_old()
    if len(_ahead):
        _sweep_later()


def _reset() -> None:
    """Makes all that belongs to this process: a forked one has none of the threads."""
    global _ahead, _pool, _sweeping
    _ahead, _pool, _sweeping = Ahead(_started), Pool(CONNECTIONS), False
    _connections.cache_clear()


_ahead: Ahead
_pool: Pool
_reset()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset)
