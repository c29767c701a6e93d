"""Which errors pass by themselves, and how long they are waited for."""

from __future__ import annotations

import asyncio
import errno
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

__all__ = ["passes", "persevere"]

Answer = TypeVar("Answer")

FIRST_WAIT_S, LONGEST_WAIT_S = 0.1, 5.0

# Answers of a server that is busy, restarting or limits requests; any other of 400 and more is final.
PASSING_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})

PASSING_ERRNO = frozenset(
    getattr(errno, name)
    for name in (
        *("EAGAIN", "EBUSY", "ECONNABORTED", "ECONNREFUSED", "ECONNRESET", "EHOSTUNREACH", "EIO", "ENETDOWN"),
        *("ENETRESET", "ENETUNREACH", "ENOBUFS", "EPIPE", "EREMOTEIO", "ETIMEDOUT"),
    )
    if hasattr(errno, name)
)

# Of libraries that are not imported for it: connections that could not be made or were cut, and short reads.
PASSING_NAMES = frozenset(
    {
        "ClientConnectionError",  # aiohttp
        "ClientPayloadError",
        "HTTPClientError",  # botocore
        "IncompleteReadError",
        "ResponseParserError",
        "ResponseStreamingError",
        "ConnectionError",  # requests
        "ChunkedEncodingError",
        "IncompleteRead",  # http.client
        "ProtocolError",  # urllib3
        "TransportError",  # httpx
    }
)

# Two programs that are told to slow down must not come back in step; nobody's random numbers depend on this.
_random = random.Random()


def passes(error: BaseException | None) -> bool:
    """Returns whether another attempt may do what this one could not."""
    seen = 0
    while error is not None and seen < 5:  # what a library makes of an answer has the answer as its cause
        status = _status(error)
        if status is not None:
            return status in PASSING_STATUS
        if isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError | NotADirectoryError):
            return False
        if isinstance(error, TimeoutError | ConnectionError | EOFError) or _by_name(error):
            return True
        if isinstance(error, OSError) and error.errno in PASSING_ERRNO:
            return True
        error, seen = error.__cause__, seen + 1
    return False


async def persevere(attempt: Callable[[], Awaitable[Answer]], *, timeout_s: float | None, deadline_s: float) -> Answer:
    """Returns what an attempt returns, the first or one of those that follow.

    Args:
        attempt: Begins an attempt.
        timeout_s: Seconds that the first attempt may take; each that follows has twice as long.
        deadline_s: Seconds after which there is no further attempt.

    Raises:
        OSError: What the last attempt has raised.
    """
    start = time.monotonic()
    for tried, wait_s in enumerate(_waits(), start=1):
        left_s = deadline_s - (time.monotonic() - start)
        limit_s = None if timeout_s is None else min(timeout_s * 2 ** (tried - 1), max(left_s, 1e-3))
        try:
            async with asyncio.timeout(limit_s):
                return await attempt()
        except Exception as error:  # file systems raise whatever their libraries do
            took_s = time.monotonic() - start
            if not passes(error) or took_s + wait_s >= deadline_s:
                raise _told(error, tried, took_s) from error
        await asyncio.sleep(wait_s)
    raise AssertionError("there is always another wait")


def _waits() -> Iterator[float]:
    wait_s = FIRST_WAIT_S
    while True:
        yield wait_s * _random.uniform(0.5, 1.0)
        wait_s = min(2 * wait_s, LONGEST_WAIT_S)


def _told(error: Exception, tried: int, took_s: float) -> OSError:
    """Returns the error to raise: the one that was met, where that says what is wrong by itself."""
    if isinstance(error, OSError) and not passes(error):
        return error
    what = str(error) or ("no answer in time" if isinstance(error, TimeoutError) else "")
    text = f"{type(error).__name__}: {what}"
    return OSError(f"{text}; given up after {tried} attempts in {took_s:.1f} s" if passes(error) else text)


def _status(error: BaseException) -> int | None:
    """Returns the status of HTTP that an error stands for, as aiohttp, botocore, gcsfs and requests have it."""
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        found = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    else:
        found = getattr(response, "status_code", None) or getattr(error, "status", None) or getattr(error, "code", None)
    return found if isinstance(found, int) and 300 <= found < 600 else None


def _by_name(error: BaseException) -> bool:
    return not PASSING_NAMES.isdisjoint(each.__name__ for each in type(error).__mro__)
