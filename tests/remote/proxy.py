"""A proxy before a real server, for all that goes wrong on the way: it stalls, cuts, refuses, and counts."""

import asyncio
import collections
import contextlib
import enum
import threading
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

DEADLINE_S = 60


class Fault(enum.Enum):
    """What becomes of a request instead of its answer."""

    STALL = "no answer, and the connection stays open"
    CUT = "the connection ends in the middle of the answer"
    SLOW_DOWN = "503 SlowDown"
    INTERNAL_ERROR = "500 InternalError"
    FORBIDDEN = "403 AccessDenied"


class Request(NamedTuple):
    """What a plan decides on.

    Attributes:
        method: As `"GET"`.
        path: That of the URL, decoded, without its query.
        number: How often the same was asked for before.
    """

    method: str
    path: str
    number: int


Plan = Callable[[Request], Fault | None]


class Proxy:
    """Hands requests on, each by a connection of its own, unless its plan says otherwise.

        client --> request, counted --> plan --> None:  what the server answers
                                             --> Fault: what that says

    Args:
        server: Host and port of the real server.

    Attributes:
        port: Where it listens, on 127.0.0.1.
        requests: All requests since the last `reset`, in the order in which they came.
        in_flight: How many of them are not answered.
        most_in_flight: The most that there were at once.
    """

    def __init__(self, server: tuple[str, int]) -> None:
        self._server = server
        self._changed = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._thread.start()
        self._tasks: set[asyncio.Task[None]] = set()
        self.in_flight = 0
        self._open = self._released = asyncio.Event()
        self._listening = self._run(asyncio.start_server(self._connected, "127.0.0.1", 0))
        self.port = self._listening.sockets[0].getsockname()[1]
        self.reset()

    def reset(self, plan: Plan = lambda request: None) -> None:
        """Forgets what it has counted, ends what is stalled, and takes another plan."""
        self._set(self._released)
        with self._changed:
            self._plan, self._released, self._open = plan, asyncio.Event(), asyncio.Event()
            self.requests: list[Request] = []
            self._asked: collections.Counter[tuple[str, str]] = collections.Counter()
            self.most_in_flight = self.in_flight
        self._set(self._open)

    @contextlib.contextmanager
    def held(self):
        """Answers nothing before the end of the block."""
        self._open = asyncio.Event()
        try:
            yield
        finally:
            self._set(self._open)

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Waits until something is true of it, which is looked at with each request that comes and goes."""
        with self._changed:
            assert self._changed.wait_for(condition, DEADLINE_S), self.requests

    def asked(self, end: str, method: str = "GET") -> int:
        """Returns how often a path of that end was asked for."""
        return sum(each.method == method and each.path.endswith(end) for each in self.requests)

    def close(self) -> None:
        self._set(self._released)
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(DEADLINE_S)
        self._loop.close()

    def _set(self, event):
        self._loop.call_soon_threadsafe(event.set)

    def _run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(DEADLINE_S)

    async def _end(self):
        self._listening.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _connected(self, reader, writer):
        task = asyncio.current_task()
        self._tasks.add(task)  # asyncio itself forgets one that waits for the server after its client has gone
        try:
            while head := await _head(reader):
                request = self._came(head)
                try:
                    await self._answer(request, head, reader, writer)
                finally:
                    self._went()
        except (ConnectionError, asyncio.CancelledError):
            pass  # the client has gone, or the proxy goes
        finally:
            writer.close()
            self._tasks.discard(task)

    def _came(self, head):
        method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
        path = unquote(urlsplit(target).path)
        with self._changed:
            request = Request(method, path, self._asked[method, target])
            self._asked[method, target] += 1
            self.requests.append(request)
            self.in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight)
            self._changed.notify_all()
        return request

    def _went(self):
        with self._changed:
            self.in_flight -= 1
            self._changed.notify_all()

    async def _answer(self, request, head, reader, writer):
        await _event_or_end(self._open, reader)
        match self._plan(request):
            case None:
                writer.write(await self._asked_of_server(head))
            case Fault.STALL:
                await _event_or_end(self._released, reader)
                writer.transport.abort()
            case Fault.CUT:
                answer = await self._asked_of_server(head)
                writer.write(answer[: (answer.index(b"\r\n\r\n") + 4 + len(answer)) // 2])
                await writer.drain()
                writer.close()
            case fault:
                writer.write(_refusal(request, fault))
        await writer.drain()

    async def _asked_of_server(self, head):
        reader, writer = await asyncio.open_connection(*self._server)
        try:
            writer.write(head.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
            answer = await reader.read()
        finally:
            writer.close()
        return answer.replace(b"Connection: close\r\n", b"", 1)


async def _head(reader):
    """Returns the head of the next request, which has no body; nothing when the client has gone."""
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


async def _event_or_end(event, reader):
    """Waits for the event, unless the client goes before."""
    waits = [asyncio.ensure_future(each) for each in (event.wait(), reader.read(1))]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
    await asyncio.gather(*waits, return_exceptions=True)


def _refusal(request, fault):
    """The answer of an S3 server to what it does not do."""
    status, code = fault.value.split()
    body = f"<Error><Code>{code}</Code><Message>by the plan</Message></Error>" if request.method != "HEAD" else ""
    head = f"HTTP/1.1 {status} {code}\r\nContent-Type: application/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    return (head + body).encode()
