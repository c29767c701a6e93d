"""What runs in a worker process: it fills rows, and imports nothing that they do not need."""

from __future__ import annotations

import dataclasses
import math
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from multiprocessing.connection import Connection
from typing import NamedTuple

import numpy as np

from amalthea._shared import SharedFile, receive_handle, send_handle
from amalthea._trees import map_leaves
from amalthea.batches import Layout, Plan
from amalthea.errors import SampleError
from amalthea.rows import Rows
from amalthea.sources._remote_settings import take_over
from amalthea.sources.contents import forget, reading_for
from amalthea.workers.parcel import Opened, open_parcel
from amalthea.workers.shared import SharedMemory
from amalthea.workers.whole import BatchMaker, reseed

__all__ = ["Done", "Failure", "Fetch", "Forget", "Introduce", "Task", "Trying", "serve"]

PARENT_CHECK_S = 1.0


class Introduce(NamedTuple):
    """Says how the batches of a stream are made; so many handles follow.

    Attributes:
        stream: Its number.
        maker: What makes them, packed.
        handles: How many files belong to the maker.
        layout: Where the rows of a batch lie in its block, whose file comes last; `None` for batches made as a whole.
        remote: How files behind URLs are read, pickled.
    """

    stream: int
    maker: bytes
    handles: int
    layout: Layout | None
    remote: bytes


class Forget(NamedTuple):
    """Says that a stream is gone."""

    stream: int


class Fetch(NamedTuple):
    """Says what will be asked for soon.

    Attributes:
        stream: Of which batches.
        job: Of which batch.
        indices: Samples of rows to come.
    """

    stream: int
    job: int
    indices: list[int]


class Task(NamedTuple):
    """Rows to fill, or a batch to make as a whole: a few numbers.

    Attributes:
        stream: How.
        job: Of which batch; those of a stream come in the order of their numbers.
        epoch: Of the batch.
        indices: Samples of these rows only.
        block: Where, with the rows of the whole batch, the first of these, and the length of x where that differs.
        deadly: Samples not to be tried.
        announce: Whether to say before each sample that it is tried.
    """

    stream: int
    job: int
    epoch: int
    indices: list[int]
    block: tuple[int, int, int, int | None] | None
    deadly: frozenset[int]
    announce: bool


class Trying(NamedTuple):
    """Says that a sample is tried: if nothing more is heard, it is to blame."""

    sample: int


@dataclasses.dataclass(frozen=True)
class Failure:
    """What went wrong with a sample, in a form that can be sent."""

    index: int
    stage: str
    reason: str
    path: str | None
    traceback: str
    cause: bytes | None


class Done(NamedTuple):
    """What came of a task.

    Attributes:
        mended: The errors of samples that others stand in for.
        failure: What went wrong.
        layout: Of a batch that was made as a whole; the handle of its file follows.
    """

    mended: list[SampleError]
    failure: Failure | None = None
    layout: Layout | None = None


def serve(connection: Connection) -> None:
    """Answers messages until the other side is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is for the program, which tells us
    parent = os.getppid()
    threading.Thread(target=_end_with_parent, args=(parent,), daemon=True).start()
    streams: dict[int, _Rowwise | _Wholly] = {}
    while True:
        try:
            message = pickle.loads(connection.recv_bytes())
            if isinstance(message, Introduce):
                handles = [receive_handle(connection) for _ in range(message.handles + (message.layout is not None))]
                _send(connection, _introduced(streams, message, handles))
            elif isinstance(message, Forget):
                if message.stream in streams:
                    streams.pop(message.stream).forget()
            elif isinstance(message, Fetch):
                streams[message.stream].fetch(message)
            else:
                done, file = streams[message.stream].make(message, connection)
                _send(connection, done)
                if file is not None:
                    send_handle(connection, file.handle, parent)
        except (EOFError, ConnectionError):
            return


def _plan(task: Task) -> Plan:
    return Plan(task.epoch, 0, np.array(task.indices, np.int64))  # the batch's number is of no account here


def _send(connection: Connection, message: object) -> None:
    connection.send_bytes(pickle.dumps(message, pickle.HIGHEST_PROTOCOL))


class _Rowwise:
    """Fills rows of blocks."""

    def __init__(self, opened: Opened, layout: Layout, memory: SharedMemory) -> None:
        self._rows: Rows = opened.value
        self._layout, self._memory = layout, memory
        self._fetched: set[int] = set()  # jobs

    def make(self, task: Task, connection: Connection) -> tuple[Done, None]:
        assert task.block is not None
        block, rows, first, length = task.block
        arrays = self._layout.arrays(self._memory.map(block), rows, length)
        span = range(first, first + len(task.indices))
        trying = (lambda index: _send(connection, Trying(index))) if task.announce else None
        self.forget(before=task.job)
        try:
            with reading_for(task.job):
                return Done(self._rows.fill(arrays, _plan(task), span, first, task.deadly, trying)), None
        except SampleError as error:
            return Done([], _failure(error)), None

    def fetch(self, message: Fetch) -> None:
        self._fetched.add(message.job)
        with reading_for(message.job):
            self._rows.fetch(np.array(message.indices, np.int64))

    def forget(self, before: float = math.inf) -> None:
        """Gives up what was fetched for jobs of which no more rows will come."""
        for job in [job for job in self._fetched if job < before]:
            self._fetched.remove(job)
            forget(job)


class _Wholly:
    """Makes batches of whatever size, each in a file of its own."""

    def __init__(self, opened: Opened) -> None:
        self._maker: BatchMaker = opened.value
        self._randoms = opened.randoms

    def fetch(self, message: Fetch) -> None:
        """Has nothing to fetch."""

    def forget(self) -> None:
        """Has fetched nothing."""

    def make(self, task: Task, _: Connection) -> tuple[Done, SharedFile | None]:
        plan = _plan(task)
        reseed(self._maker, plan, self._randoms)
        try:
            batch = self._maker.batch(plan)
        except SampleError as error:
            return Done([], _failure(error)), None
        layout, file = Layout(batch, 1), SharedFile()
        try:
            file.reserve(0, max(layout.block_bytes, 1))
        except OSError as error:
            reason = f"there is no shared memory for its {layout.block_bytes:,} bytes: {error}"
            return Done([], _failure(SampleError(task.indices[0], "memory", reason))), None
        arrays = layout.arrays(file.map(max(layout.block_bytes, 1)).memory, 1)
        map_leaves(lambda array, leaf: np.copyto(array[0, ...], leaf), arrays, batch)
        return Done([], layout=layout), file


def _introduced(streams: dict[int, _Rowwise | _Wholly], message: Introduce, handles: list[int]) -> str | None:
    try:
        take_over(pickle.loads(message.remote))
        opened = open_parcel(message.maker, handles[: message.handles])
    except BaseException:  # whatever the import of somebody's module raises
        return traceback.format_exc()
    if message.layout is None:
        streams[message.stream] = _Wholly(opened)
    else:
        memory = SharedMemory(SharedFile(handles[-1]), message.layout.block_bytes)
        streams[message.stream] = _Rowwise(opened, message.layout, memory)
    return None


def _failure(error: SampleError) -> Failure:
    cause = error.__cause__ or error
    told = "".join(traceback.format_exception(cause))
    if type(cause).__module__ not in sys.modules:  # its class came by value; to import its module here may cost seconds
        return Failure(error.index, error.stage, error.reason, error.path, told, None)
    try:
        pickled = pickle.dumps(cause)
        pickle.loads(pickled)  # an exception whose constructor wants arguments can be pickled, and not be read
    except Exception:  # pickling runs the exception's own code, which may raise anything; its text arrives all the same
        return Failure(error.index, error.stage, error.reason, error.path, told, None)
    return Failure(error.index, error.stage, error.reason, error.path, told, pickled)


def _end_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_CHECK_S)  # no event tells of a parent that was killed while this process is busy
    os._exit(1)
