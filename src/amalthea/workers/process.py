"""One worker process as the program sees it: told of a stream once, given rows, replaced when it dies."""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import pickle
import selectors
import signal
import threading
import time
import warnings
import weakref
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Any, Self

import cloudpickle
import numpy as np
from loky.backend import get_context

from amalthea._shared import Mapping, SharedFile, receive_handle, send_handle
from amalthea._trees import map_leaves
from amalthea.batches import Layout
from amalthea.errors import SampleError, WorkerError
from amalthea.sources._remote_settings import handed_on
from amalthea.workers.child import Done, Failure, Fetch, Forget, Introduce, Task, Trying, serve
from amalthea.workers.jobs import Job, Origin
from amalthea.workers.parcel import Parcel, pack
from amalthea.workers.shared import Arena

__all__ = ["Process"]

# A sample that ends its worker so often is to blame for it.
DEATHS = 3
# What a worker may take to end when it is not needed any more.
GRACE_S = 1.0
# What a worker may take to start and to import what the source needs.
START_S = 120.0
# So many batches of sequences are given out as they came; who keeps more of them gets copies.
MAPPED_BATCHES = 32
# How often a thread that waits for its worker looks whether it is still wanted.
CHECK_S = 0.2

# A worker sees no accelerator, and computes with one thread: the workers are the parallelism.
ENVIRONMENT = {
    "CUDA_VISIBLE_DEVICES": "",
    "HIP_VISIBLE_DEVICES": "",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OPENCV_FOR_THREADS_NUM": "1",
}


class _DeathError(Exception):
    """The process ended, or had to be ended, before it answered."""


class Process:
    """One worker process, used by one thread, to which it is a context that says how rows are filled.

    Args:
        timeout_s: Seconds that it may take for the rows that it is given at a time, or `None`.
        closed: Tells whether the thread is to end.
    """

    _names = itertools.count()

    def __init__(self, timeout_s: float | None, closed: Callable[[], bool]) -> None:
        self._timeout_s, self._closed = timeout_s, closed
        self._process: Any = None
        self._connection: Connection | None = None
        self._known: dict[int, weakref.ref[Any]] = {}
        self._trying = -1  # the sample that it is at, as far as it has said

    def __enter__(self) -> Self:
        return self  # `fill` starts the process, so that what goes wrong with it arrives as the error of a batch

    def __exit__(self, *exception: object) -> None:
        self._end()

    def fill(self, job: Job, rows: range) -> list[SampleError]:
        """Lets the process make these rows; what is lost with it is made again by the next one."""
        assert job.origin is not None
        maker = job.origin.maker
        for deaths in range(DEATHS):
            if self._process is None:
                self._start()
            known = frozenset(maker.deadly)
            try:
                return self._fill_once(job, job.origin, rows, known)
            except _DeathError as death:
                self._end()
                _warn_of(death)
            if deaths == 0 and len(rows) > 1:  # one by one, to see which sample it is
                return [error for row in rows for error in self.fill(job, range(row, row + 1))]
        if maker.mends and self._trying not in known:
            maker.deadly.add(self._trying)
            return self.fill(job, rows)
        raise WorkerError(
            f"{maker.unit} {self._trying} has ended its worker process or been stuck in it {DEATHS} times: "
            "it is given up."
        )

    def fetch(self, job: Job, rows: range) -> None:
        """Has the process begin to fetch what rows are made from, which it is given later."""
        assert job.origin is not None
        with contextlib.suppress(Exception):  # `fill` meets it again
            if self._process is None:
                self._start()
            stream = self._introduce(job.origin)
            self._send(Fetch(stream, job.number, job.origin.plan.indices[rows.start : rows.stop].tolist()))

    def _fill_once(self, job: Job, origin: Origin, rows: range, deadly: frozenset[int]) -> list[SampleError]:
        stream = self._introduce(origin)
        indices = origin.plan.indices[rows.start : rows.stop].tolist()
        block = None if origin.place is None else (origin.place.block, job.rows, rows.start, origin.plan.length)
        self._trying = indices[0]
        self._send(
            Task(
                stream,
                job.number,
                origin.plan.epoch,
                indices,
                block,
                deadly,
                announce=origin.maker.mends and len(rows) == 1,
            )
        )
        done: Done = self._answer(self._timeout_s)
        if done.failure is not None:
            raise _error_of(done.failure)
        if done.layout is not None:
            job.arrays = [self._received(done.layout)]
        return done.mended

    def _introduce(self, origin: Origin) -> int:
        """Tells the process of a stream once, and of those that are gone."""
        for stream in [stream for stream, owner in self._known.items() if owner() is None]:
            del self._known[stream]
            self._send(Forget(stream))
        owner = origin.maker if origin.place is None else origin.place.memory
        stream = id(owner)
        if stream not in self._known:
            parcel, place = _parcel_of(origin.maker), origin.place
            handles = [file.handle for file in parcel.files]
            if place is not None:
                assert isinstance(place.memory, Arena)
                handles.append(place.memory.file.handle)
            layout = None if place is None else place.layout
            remote = cloudpickle.dumps(handed_on())
            self._send(Introduce(stream, parcel.data, len(parcel.files), layout, remote), handles)
            problem = self._answer(START_S)
            if problem is not None:
                raise WorkerError(f"The source or its transform cannot be brought into a worker process:\n{problem}")
            self._known[stream] = weakref.ref(owner)
        return stream

    def _received(self, layout: Layout) -> Any:
        """Returns a batch whose file the process sends."""
        assert self._connection is not None
        try:
            file = SharedFile(receive_handle(self._connection))
        except (EOFError, OSError) as error:
            raise _DeathError(self._ending()) from error
        mapping = file.map(max(layout.block_bytes, 1))
        file.close()  # the mapping stays
        batch = map_leaves(lambda array: array[0, ...], layout.arrays(mapping.memory, 1))
        if len(_mapped_batches) >= MAPPED_BATCHES:  # somebody keeps them: each mapping costs a file descriptor
            return map_leaves(np.copy, batch)
        _mapped_batches.add(mapping)
        return batch

    def _send(self, message: object, handles: Sequence[int] = ()) -> None:
        assert self._connection is not None
        try:
            self._connection.send_bytes(pickle.dumps(message, pickle.HIGHEST_PROTOCOL))
            for handle in handles:
                send_handle(self._connection, handle, self._process.pid)
        except OSError as error:
            raise _DeathError(self._ending()) from error

    def _answer(self, timeout_s: float | None) -> Any:
        assert self._connection is not None
        start = time.monotonic()
        while not self._selector.select(CHECK_S):
            if timeout_s is not None and time.monotonic() - start > timeout_s:
                raise _DeathError(f"was stuck for more than {timeout_s} s")
            if self._closed():
                self._end()  # its answer would be taken for that to another question
                raise WorkerError("The loader was closed before its worker process answered.")
        try:
            answer = pickle.loads(self._connection.recv_bytes())
        except (EOFError, OSError) as error:
            raise _DeathError(self._ending()) from error
        if isinstance(answer, Trying):
            self._trying = answer.sample
            return self._answer(timeout_s)
        return answer

    def _ending(self) -> str:
        self._process.join(GRACE_S)
        return f"ended with exit code {self._process.exitcode}"

    def _start(self) -> None:
        context = get_context("loky")
        connection, child = context.Pipe(duplex=True)
        process = context.Process(
            target=serve, args=(child,), name=f"amalthea-{next(self._names)}", env=ENVIRONMENT, daemon=True
        )
        with contextlib.ExitStack() as undo:
            undo.callback(connection.close)
            with child:
                process.start()
            undo.pop_all()
        # A process that ends closes its side, which is heard as well.
        self._selector = selectors.DefaultSelector()
        self._selector.register(connection, selectors.EVENT_READ)
        self._process, self._connection = process, connection
        self._known.clear()

    def _end(self) -> None:
        if self._process is None or self._connection is None:
            return
        self._selector.close()
        self._connection.close()  # an idle worker ends by this
        for stop in (lambda: None, self._process.terminate, functools.partial(_kill, self._process.pid)):
            stop()
            self._process.join(GRACE_S)
            if self._process.exitcode is not None:
                break
        self._process = None


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))


# What was packed for one process is for all of them, and for those that replace them.
_parcels: weakref.WeakKeyDictionary[Any, Parcel] = weakref.WeakKeyDictionary()
_packing = threading.Lock()

# The mappings of batches that somebody still sees.
_mapped_batches: weakref.WeakSet[Mapping] = weakref.WeakSet()


def _parcel_of(maker: Any) -> Parcel:
    with _packing:
        if maker not in _parcels:
            _parcels[maker] = _packed(maker)
        return _parcels[maker]


def _packed(maker: Any) -> Parcel:
    try:
        return pack(maker, maker.by_value())
    except OSError as error:
        raise WorkerError(
            f"There is no shared memory for the large arrays of the source: {error}. "
            "Keep them in files that are mapped (`np.load(path, mmap_mode='r')`), or use threads: "
            "`use_multiprocessing=False`."
        ) from error
    except Exception as error:  # pickling runs the objects' own code, which may raise anything
        raise WorkerError(
            f"The source or its transform cannot be sent to a worker process: {error}. "
            "Leave out what cannot be pickled, such as open files and locks, or use threads: "
            "`use_multiprocessing=False`."
        ) from error


class RemoteError(Exception):
    """The traceback of an error in a worker process, shown as its cause; never raised by itself."""

    def __str__(self) -> str:
        return f"\n{self.args[0]}"


def _error_of(failure: Failure) -> SampleError:
    error = SampleError(failure.index, failure.stage, failure.reason, failure.path)
    remote = RemoteError(failure.traceback)
    if failure.cause is None:
        error.__cause__ = remote
    else:
        error.__cause__ = pickle.loads(failure.cause)
        error.__cause__.__cause__ = remote
    return error


def _warn_of(death: _DeathError) -> None:
    warnings.warn(f"A worker process {death}. It is replaced, and its rows are made again.", stacklevel=2)
