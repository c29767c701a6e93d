"""A file system of fsspec whose every call takes a while: what is left of an object store without a network."""

import asyncio
from pathlib import Path

from fsspec.asyn import AsyncFileSystem


class LateFiles(AsyncFileSystem):
    """The files of this machine, each after `latency_s`."""

    protocol = "late"
    latency_s = 0.0

    async def _cat_file(self, path, start=None, end=None, **options):
        await asyncio.sleep(self.latency_s)
        return Path(path).read_bytes()

    async def _info(self, path, **options):
        status = Path(path).stat()
        kind = "directory" if Path(path).is_dir() else "file"
        return {"name": str(path), "size": status.st_size, "type": kind}

    async def _ls(self, path, detail=True, **options):
        await asyncio.sleep(self.latency_s)
        found = [await self._info(each) for each in Path(path).iterdir()]
        return found if detail else [each["name"] for each in found]
