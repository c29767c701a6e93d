"""A source around a source: it makes each sample once."""

from __future__ import annotations

import concurrent.futures
import hashlib
import os
import threading
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import loky
import numpy as np
import numpy.typing as npt

from amalthea._checks import check_int
from amalthea._progress import progress
from amalthea._shared import SharedFile, by_handle
from amalthea._trees import as_sample, map_leaves
from amalthea._units import as_bytes
from amalthea.errors import ConfigurationError, SampleError
from amalthea.sources import _cache_disk as disk
from amalthea.sources import _reading
from amalthea.sources._cache_columns import Columns
from amalthea.sources._cache_file import CacheFile, Write, file_bytes
from amalthea.sources._cache_place import folder_of
from amalthea.sources._cache_room import check_disk, check_memory
from amalthea.sources._shapes import shapes_of
from amalthea.sources.protocol import Source

__all__ = ["Cached"]

Indices = npt.NDArray[np.int64]

# So many samples are tried for the first that can be made. Where they all fail, all is broken.
TRIED = 100


class Cached:
    """The samples of a source, each made when it is first asked for and kept from then on.

    All threads and worker processes fill one cache. One in a folder is also there for later runs and other programs: a
    file for all that decides the samples, in which each sample has a checksum of itself and of what it was made from.
    What was changed is made anew, by the next run if this one has it already. Samples that cannot be made are not kept,
    nor are those that come when the disk is full, which is warned of once.

    Args:
        source: Samples of one shape that are not random.
        cache: `"memory"`, or a folder, which is made if there is none.
        key: What decides the samples, for a folder: any string that changes when they do. A source that says so
            itself, as `ImageFiles` does, needs none.

    Attributes:
        source: As given.
        path: The file, or `None` for memory.

    Raises:
        ConfigurationError: If an argument cannot be used, or there is no room for all samples.
        SampleError: If none of the first samples, which tell the shapes, can be made.

    Example:
    >>> from amalthea.sources import Mapped
    >>> squares = Cached(Mapped(np.arange(4.0), np.square), "memory")
    >>> float(squares[3]), float(squares[3]), squares.filled
    (9.0, 9.0, 1)
    >>> squares.fill()
    >>> squares
    Cached(4 samples of 1, 128 B, in memory, 100 % filled)
    """

    def __init__(self, source: Source, cache: str | os.PathLike[str], *, key: str | None = None) -> None:
        source = _reading.by_place(source)
        _check(source)
        self.source, self._key = source, key
        folder = folder_of(cache)
        self._lasting, self._place = folder is not None, folder or "memory"
        sample = _first(source)
        if folder is None:
            self.path, start = None, 0
        else:
            header = disk.header_of(samples=len(source), sample=str(shapes_of(sample)), **_recipe(source, key))
            self.path, start = disk.path_of(Path(folder).absolute(), header), len(header)
        self._columns = Columns(sample, len(source), start)
        size, reserved = file_bytes(self._columns), self._columns.mark(len(source))
        if self.path is None:
            check_memory(size)
            file, read_only = SharedFile(), False
            file.extend(size)
            file.reserve(0, reserved)
        else:
            check_disk(self.path, size)
            file, read_only = disk.open_file(self.path, header, size, reserved)
        self._file = CacheFile(file, self._columns, lasting=self._lasting, read_only=read_only)

    def __len__(self) -> int:
        return self._columns.count

    def __getitem__(self, index: int) -> Any:
        sample = self._columns.empty()
        self.read_into(range(len(self))[index], sample)
        return map_leaves(lambda array: array[()], sample)

    def __reduce_ex__(self, protocol: Any) -> Any:
        # A worker process is given the handle of the file; all others open it by its path instead of a copy of it.
        if self.path is None or by_handle.get():
            return super().__reduce_ex__(protocol)
        return _again, (type(self), self.source, str(self.path.parent), self._key)

    def __repr__(self) -> str:
        return f"Cached({self.describe('samples')})"

    def describe(self, noun: str) -> str:
        """Returns in words how large it is, where, and how full."""
        share = f"{self.filled * 100 // len(self)} % filled"
        return f"{len(self):,} {noun} of {self._columns}, {as_bytes(self.nbytes)}, in {self._place}, {share}"

    @property
    def nbytes(self) -> int:
        """Bytes that it takes when it is full."""
        return self._columns.end

    @property
    def filled(self) -> int:
        """Number of samples that are in it; those whose files were changed since are met, and made anew, later."""
        return self._file.filled

    @property
    def name(self) -> Callable[[int], Any] | None:
        """Says what a sample is, where the source can."""
        return _reading.name_of(self.source)

    @property
    def fetch_ahead(self) -> Callable[[Indices], None] | None:
        """Begins to fetch samples that will be asked for soon, where the source can."""
        return None if _reading.fetches(self.source) is None else self._fetch_ahead

    def read_into(self, index: int, row: Any, write: Write | None = None) -> None:
        """Writes a sample into its row, as `read_rows` does."""
        self.read_rows(np.array([index]), map_leaves(lambda array: array[np.newaxis], row), write)

    def read_rows(self, indices: Indices, rows: Any, write: Write | None = None) -> None:
        """Writes several samples into their rows.

        Args:
            indices: The samples, shape `(rows,)`.
            rows: Arrays of shape `(rows, ...)` in the structure of a sample.
            write: `(array, row)`: writes an array of a sample into its row; `None` copies it.

        Raises:
            IndexError: If there is no such sample.
        """
        if indices.size and not 0 <= indices.min() <= indices.max() < len(self):
            raise IndexError(f"samples {indices} of a cache of {len(self)}")
        for index in self._file.unproved(indices).tolist():
            self._prove(index)
        good = self._file.take(indices, rows, write)
        for place in np.flatnonzero(~good).tolist():
            sample = self._made(int(indices[place]))
            map_leaves(lambda array, row, place=place: _put(array, row[place, ...], write), sample, rows)

    def _fetch_ahead(self, indices: Indices) -> None:
        fetch, ask = _reading.fetches(self.source), getattr(self.source, "stamp_ahead", None)
        missing = self._file.missing(indices)
        if self._lasting and ask is not None:  # one before it is made, and one after
            ask(np.concatenate([self._file.unproved(indices), missing, missing]))
        if fetch is not None:
            fetch(missing)

    def fill(self, workers: int | None = None) -> None:
        """Makes all samples that are not in it, with a progress bar; it warns of those that cannot be made.

        Args:
            workers: Number of threads; `None` is one for each core.

        Raises:
            ConfigurationError: If `workers` is not an integer of 1 or more.
        """
        count = loky.cpu_count() if workers is None else check_int("workers", workers, minimum=1)
        left, lock, stop = iter(range(len(self))), threading.Lock(), threading.Event()
        broken: list[int] = []

        def work() -> None:
            while not stop.is_set() and not self._file.closed:
                with lock:
                    index = next(left, None)
                if index is None:
                    return
                try:
                    self[index]
                except (Exception, SystemExit):  # a loader meets it again, and says what is wrong with it
                    broken.append(index)
                advance(1)

        with progress("Filling the cache", len(self)) as advance, concurrent.futures.ThreadPoolExecutor(count) as pool:
            try:
                for done in [pool.submit(work) for _ in range(count)]:
                    done.result()
            finally:  # an interrupt does not wait for the rest
                stop.set()
        if broken:
            warnings.warn(
                f"{len(broken):,} of {len(self):,} samples could not be read and are not in the cache; a loader says "
                "which, and why.",
                stacklevel=2,
            )

    def _prove(self, index: int) -> None:
        """Trusts a sample of an earlier run, or of another program, if it is good."""
        sample, mark = self._file.view(index)
        if mark == self._mark(index, self._stamp(index), sample):
            self._file.trust(index, mark)

    def _made(self, index: int) -> Any:
        """Returns a sample from the source, and keeps it."""
        mark, stamp, sample = self._file.mark(index), self._stamp(index), self._columns.empty()
        _reading.read_into(self.source, index, sample)
        if self._stamp(index) == stamp:  # or it was changed while it was read
            self._file.store(index, sample, self._mark(index, stamp, sample), instead_of=mark)
        return sample

    def _stamp(self, index: int) -> tuple[int, ...]:
        stamp = getattr(self.source, "stamp", None)
        return () if stamp is None or not self._lasting else stamp(index)

    def _mark(self, index: int, stamp: tuple[int, ...], sample: Any) -> int:
        """Returns a checksum of a sample and of what it was made from, which is never 0."""
        if not self._lasting:
            return 1  # nobody else writes there
        checksum = 0
        for _, data in self._columns.parts(index, sample):
            checksum = zlib.crc32(data.data, checksum)
        digest = hashlib.blake2b(repr((index, stamp, checksum)).encode(), digest_size=8).digest()
        return int.from_bytes(digest, "little") or 1


def _put(array: npt.NDArray[Any], row: npt.NDArray[Any], write: Write | None) -> None:
    if write is None:
        np.copyto(row, array)
    else:
        write(array, row)


def _again(kind: type[Cached], source: Any, folder: str, key: str | None) -> Cached:
    return kind(source, Path(folder), key=key)


def _check(source: Any) -> None:
    if not hasattr(source, "__getitem__") or not hasattr(source, "__len__"):
        raise ConfigurationError(
            f"`source` is of type {type(source).__name__}; a source has `len(source)` and `source[i]`, as a list has."
        )
    for wrong, what in (
        (_reading.is_random(source), "samples that are drawn anew in each epoch"),
        (_reading.lengths_of(source) is not None, "samples of different lengths"),
    ):
        if wrong:
            raise ConfigurationError(
                f"`source` is of type {type(source).__name__} and has {what}; a cache holds samples of one shape that "
                "stay the same. Cache the source that it is made from, or leave the cache out."
            )
    if not len(source):
        raise ConfigurationError("`source` is empty: it has no sample to keep.")


def _first(source: Any) -> Any:
    """Returns a sample that tells the shapes: one of zeros where the source has it, or the first that can be made."""
    blank = getattr(source, "blank", None)
    if callable(blank):
        return blank()
    first: BaseException | None = None
    for index in range(min(TRIED, len(source))):
        try:
            return as_sample(source[index])
        except (Exception, SystemExit) as error:  # the loader says what becomes of it
            first = first or error
    name = _reading.name_of(source)
    reason = first.reason if isinstance(first, SampleError) else f"{type(first).__name__}: {first}"
    raise SampleError(0, "source", reason, None if name is None else str(name(0))) from first


def _recipe(source: Any, key: str | None) -> dict[str, Any]:
    recipe = getattr(source, "recipe", None)
    if recipe is None and key is None:
        raise ConfigurationError(
            f"`cache` is a folder, and `source`, of type {type(source).__name__}, does not say what decides its "
            "samples. Pass `key`, any string that changes when they do, or `cache='memory'`."
        )
    if key is not None and not isinstance(key, str):
        raise ConfigurationError(f"`key` is {key!r}; it must be a string, or None.")
    return {"key": key, "source": None if recipe is None else recipe()}
