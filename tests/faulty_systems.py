"""File systems of fsspec for the tests: real ones, over files on a disk, which do as they are told.

A worker process that is sent a function of this module registers them as well."""

import asyncio
import collections
import os
import threading
from pathlib import Path
from typing import ClassVar

import fsspec
from fsspec.asyn import AsyncFileSystem

PATIENCE_S = 60


async def _set(event):
    """A connection that says nothing more."""
    while not event.is_set():
        await asyncio.sleep(0.01)


class _OnDisk:
    """`<protocol>://<absolute path>`."""

    @classmethod
    def _strip_protocol(cls, path):
        return path.removeprefix(f"{cls.protocol}://").rstrip("/")

    @staticmethod
    def told_of(path):
        found = Path(path).stat()
        kind = "directory" if Path(path).is_dir() else "file"
        return {"name": path, "size": found.st_size, "type": kind, "mtime": found.st_mtime_ns}


class Faulty(_OnDisk, AsyncFileSystem):
    """Raises what `faults` holds for a path, one after the other; waits for an event, and calls a function, before."""

    protocol = "faulty"
    faults: ClassVar = collections.defaultdict(collections.deque)
    asked: ClassVar = collections.Counter()
    changed = threading.Condition()  # when it is asked for what it knows of a file

    async def _cat_file(self, path, start=None, end=None, **kwargs):
        Faulty.asked[path] += 1
        while Faulty.faults[path]:
            fault = Faulty.faults[path].popleft()
            if isinstance(fault, Exception):
                raise fault
            if isinstance(fault, threading.Event):
                await _set(fault)
            else:
                fault()
        return Path(path).read_bytes()[start:end]

    async def _info(self, path, **kwargs):
        with Faulty.changed:
            Faulty.asked["info", path] += 1
            Faulty.changed.notify_all()
        while Faulty.faults["info", path]:
            await _set(Faulty.faults["info", path].popleft())
        return self.told_of(path)

    async def _ls(self, path, detail=True, **kwargs):
        Faulty.asked["ls", path] += 1
        if Faulty.faults["ls", path]:
            fault = Faulty.faults["ls", path].popleft()
            if isinstance(fault, Exception):
                raise fault
            await _set(fault)
        return [self.told_of(entry.path) for entry in os.scandir(path)]


class Silent(Faulty):
    """Tells nothing of a file but its size, as a web server without `ETag`."""

    protocol = "silent"

    async def _info(self, path, **kwargs):
        told = await super()._info(path)
        return {name: told[name] for name in ("name", "size", "type")}


class Waiting(_OnDisk, fsspec.AbstractFileSystem):
    """The same with calls that wait, as SFTP and FTP have them."""

    protocol = "waiting"
    faults: ClassVar = collections.defaultdict(collections.deque)

    def cat_file(self, path, start=None, end=None, **kwargs):
        if Waiting.faults[path]:
            fault = Waiting.faults[path].popleft()
            if not isinstance(fault, threading.Event):
                raise fault
            fault.wait(PATIENCE_S)
        return Path(path).read_bytes()

    def info(self, path, **kwargs):
        return self.told_of(path)

    def ls(self, path, detail=True, **kwargs):
        return [self.told_of(entry.path) for entry in os.scandir(path)]


class Crowd(_OnDisk, AsyncFileSystem):
    """Answers nobody until as many ask at once, in one process, as the file `crowd` in the folder says."""

    protocol = "crowd"
    now = 0

    async def _cat_file(self, path, start=None, end=None, **kwargs):
        root = Path(path).parent.parent
        if not (root / "crowd").exists():
            return Path(path).read_bytes()
        Crowd.now += 1
        if Crowd.now >= int((root / "crowd").read_text()):
            (root / "reached").touch()
        try:
            for _ in range(PATIENCE_S * 100):
                if (root / "reached").exists():
                    return Path(path).read_bytes()
                await asyncio.sleep(0.01)
        finally:  # by a cancellation too
            Crowd.now -= 1
        raise RuntimeError("too few files are asked for at once")

    async def _ls(self, path, detail=True, **kwargs):
        return [self.told_of(entry.path) for entry in os.scandir(path)]


class Told(_OnDisk, AsyncFileSystem):
    """Each file is the word that the file system was configured with."""

    protocol = "told"

    def __init__(self, word="nothing", **kwargs):
        super().__init__(**kwargs)
        self.word = word

    async def _cat_file(self, path, start=None, end=None, **kwargs):
        return self.word.encode()


class Paged(AsyncFileSystem):
    """A store of very many objects, which lists them page by page as S3 does; `given` counts them.

    It waits for `open` before the one of number `stall`."""

    protocol = "paged"
    given = 0
    stall, open = -1, threading.Event()

    def split_path(self, path):
        bucket, _, key = path.removeprefix("paged://").partition("/")
        return bucket, key, None

    async def set_session(self):
        pass

    async def _iterdir(self, bucket, delimiter="/", prefix=""):
        for number in range(100_000):
            if number == Paged.stall:
                await _set(Paged.open)
            Paged.given += 1
            yield {"name": f"{bucket}/{prefix}{number:06d}.jpg", "type": "file"}


def unchanged(sample, rng=None):
    """The sample; whoever is sent this function has the file systems."""
    return sample


for system in (Faulty, Silent, Waiting, Crowd, Told, Paged):
    fsspec.register_implementation(system.protocol, system, clobber=True)
