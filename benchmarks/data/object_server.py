"""As little of an object store as can be measured against: GET, HEAD and a listing, each answered after a while.

A process of its own, which ends with its input: `python -m benchmarks.data.object_server FOLDER LATENCY_S`. It prints
its port. The folder is a bucket of whatever name.
"""

import asyncio
import functools
import os
import sys
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

NEVER = "Thu, 01 Jan 2026 00:00:00 GMT"


class Requests(asyncio.Protocol):
    """A connection; many requests wait at the same time, but one of each connection."""

    def __init__(self, root, latency_s):
        self.root, self.latency_s = root, latency_s
        self.head = b""

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.head += data
        if self.head.endswith(b"\r\n\r\n"):
            method, target, _ = self.head.split(b"\r\n", 1)[0].decode().split(" ")
            self.head = b""
            asyncio.get_running_loop().call_later(self.latency_s, self.answer, method, urlsplit(target))

    def answer(self, method, target):
        name = unquote(target.path).lstrip("/").partition("/")[2]
        try:
            status, body = 200, content(self.root / name) if name else listing(self.root, parse_qs(target.query))
        except OSError:
            status, body = 404, b""
        head = f'HTTP/1.1 {status} .\r\nContent-Length: {len(body)}\r\nETag: "1"\r\nLast-Modified: {NEVER}\r\n\r\n'
        self.transport.writelines([head.encode(), body if method == "GET" else b""])


@functools.cache
def content(path):
    return path.read_bytes()


def listing(root, query):
    """An answer to ListObjectsV2, all on one page."""
    prefix, delimiter = query.get("prefix", [""])[0], query.get("delimiter", [""])[0]
    keys, folders = [], set()
    for folder, _, files in os.walk(root / prefix):
        for file in files:
            key = (Path(folder) / file).relative_to(root).as_posix()
            inner, cut, _ = key.removeprefix(prefix).partition(delimiter or "\0")
            folders.add(prefix + inner + cut) if cut else keys.append(key)
    found = [_element("Contents", Key=key, LastModified="2026-01-01T00:00:00Z", ETag="1", Size=1) for key in keys]
    found += [_element("CommonPrefixes", Prefix=folder) for folder in sorted(folders)]
    return f"<ListBucketResult><IsTruncated>false</IsTruncated>{''.join(found)}</ListBucketResult>".encode()


def _element(name, **children):
    return f"<{name}>{''.join(f'<{key}>{escape(str(value))}</{key}>' for key, value in children.items())}</{name}>"


async def main(root, latency_s):
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Requests(root, latency_s), "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), float(sys.argv[2])))
