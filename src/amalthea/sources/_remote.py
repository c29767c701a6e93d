"""Files behind URLs: read whole, several at a time, and again where that helps."""

from __future__ import annotations

import asyncio
import concurrent.futures
import functools
import hashlib
import inspect
import os
from collections.abc import Callable, Coroutine, Hashable, Iterable
from typing import Any, NamedTuple

from amalthea.sources._remote_ahead import EXPIRE_S, Ahead, Sizes
from amalthea.sources._remote_cache import Downloads
from amalthea.sources._remote_pool import Pool
from amalthea.sources._remote_retries import persevere
from amalthea.sources._remote_settings import Settings, settings
from amalthea.sources._remote_systems import CONNECTIONS, at_hand, kind_of, located, used

__all__ = ["asked", "begin", "content", "forget", "stamp", "started", "waited"]

GRACE_S = 60.0

# Of a folder of very many files there is one answer, before which nothing is heard; it takes no longer than this many
# times what another one may.
LISTINGS = 30

# What a file system may say of a file that becomes another one with its content, the surest first.
STAMPS = (
    *("ETag", "etag", "md5Hash", "crc32c", "generation", "blob_id", "sha", "CRC"),
    *("Content-MD5", "Digest", "mtime", "LastModified", "Last-Modified", "last_modified", "modificationTime"),
    *("modify", "created"),
)
UNKNOWN = 0


class _Question(NamedTuple):
    """What is asked of a file.

    Attributes:
        ask: Finds the answer.
        url: The file.
        reader: Who asks. Nobody is given an answer to another one's question: it may be out of date.
    """

    ask: Callable[[_Question], Coroutine[Any, Any, Any]]
    url: str
    reader: Hashable


def content(url: str, reader: Hashable = None) -> bytes:
    """Returns all of a file.

    Args:
        url: Where it is.
        reader: Who asks, as for `begin`.

    Raises:
        OSError: If it cannot be read, at once or after several attempts.
        ConfigurationError: If what reads such URLs is missing.
    """
    data: bytes = _answer(_Question(_read, url, reader))
    return data


def stamp(url: str, reader: Hashable = None) -> tuple[int, ...]:
    """Returns what becomes another one when a file is changed, as far as its file system knows.

    Args:
        url: Where it is.
        reader: Who asks, as for `begin`.

    Raises:
        OSError: As for `content`.
    """
    told: tuple[int, ...] = _answer(_Question(_ask_stamp, url, reader))
    return told


def begin(urls: Iterable[str], reader: Hashable = None, *, stamps: bool = False) -> None:
    """Begins to read files, or to ask for their stamps, that will be asked for soon, each as often as it is named.

    Args:
        urls: The files.
        reader: Who will ask for them.
        stamps: Whether for their stamps.
    """
    ahead, ask = (_stamps, _ask_stamp) if stamps else (_contents, _read)
    ahead.begin([_Question(ask, url, reader) for url in urls])
    _loop().call_soon_threadsafe(_sweep_later)


def forget(reader: Hashable) -> None:
    """Gives up what was begun for a reader that will not ask for it any more."""
    for ahead in (_contents, _stamps):
        if len(ahead):
            ahead.forget(lambda question: question.reader == reader)


def asked(function: Callable[..., Any], *args: Any) -> Any:
    """Returns what a function returns that asks a file system, called again where that helps."""
    attempt, deadline_s = functools.partial(_in_pool, function, *args), settings().deadline_s
    future = started(persevere(attempt, timeout_s=None, deadline_s=deadline_s))
    try:
        return future.result(LISTINGS * deadline_s)
    finally:
        future.cancel()


def _answer(question: _Question) -> Any:
    return waited((_contents if question.ask is _read else _stamps).take(question))


def waited(future: concurrent.futures.Future[Any]) -> Any:
    """Returns a result that comes in time by itself, unless the thread of all connections is gone."""
    return future.result(settings().deadline_s + GRACE_S)


def _started(question: _Question) -> concurrent.futures.Future[Any]:
    kind_of(question.url)  # raises here what the user is to be told
    attempt = functools.partial(question.ask, question)
    return started(persevere(attempt, timeout_s=settings().timeout_s, deadline_s=settings().deadline_s))


async def _read(question: _Question) -> bytes:
    asked = _stamps.known(question._replace(ask=_ask_stamp))
    if asked is not None:  # a stamp must be no younger than the content that it stands for
        await asyncio.gather(asyncio.shield(asyncio.wrap_future(asked)), return_exceptions=True)
    downloads = _downloads(settings())
    return await _fetch(question.url) if downloads is None else await _kept(question, downloads)


async def _kept(question: _Question, downloads: Downloads) -> bytes:
    url = question.url
    found = await _in_pool(downloads.find, url)
    if found is not None and found.checked:
        return bytes(found.data)
    stamp = await _ask_stamp(question)
    if found is not None and found.stamp == stamp and stamp[1] != UNKNOWN:
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
        fs, path = await _placed(url)
        kind: Any = type(fs)
        return bytes(await fs._cat_file(path, **_whole(kind)))


async def _placed(url: str) -> tuple[Any, str]:
    # To make a file system may take a question to another one, whose answer comes through this loop.
    found: tuple[Any, str] = at_hand(url) or await _in_pool(located, url)
    return found


def _read_here(url: str) -> bytes:
    with used(url) as (fs, path):
        return bytes(fs.cat_file(path))


async def _ask_stamp(question: _Question) -> tuple[int, int]:
    url = question.url
    if not kind_of(url).async_impl:
        return _stamp_of(await _in_pool(_info_here, url))
    async with _connections():
        fs, path = await _placed(url)
        return _stamp_of(await fs._info(path))


def _info_here(url: str) -> dict[str, Any]:
    with used(url) as (fs, path):
        return dict(fs.info(path))


def _stamp_of(info: dict[str, Any]) -> tuple[int, int]:
    told = next((info[name] for name in STAMPS if info.get(name) is not None), None)
    digest = b"" if told is None else hashlib.blake2b(repr(told).encode(), digest_size=7).digest()
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
    for ahead in (_contents, _stamps):
        ahead.forget_old()
    if len(_contents) or len(_stamps):
        _sweep_later()


def _reset() -> None:
    """Makes all that belongs to this process: a forked one has none of the threads."""
    global _contents, _stamps, _pool, _sweeping
    _contents, _stamps = Ahead(_started), Ahead(_started, sizes=Sizes(0))
    _pool, _sweeping = Pool(CONNECTIONS), False
    _connections.cache_clear()
    _downloads.cache_clear()


_contents: Ahead
_stamps: Ahead
_pool: Pool
_reset()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset)
