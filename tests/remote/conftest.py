"""A real S3 server on this machine, and a proxy before it that fails as a test tells it to."""

import http.client
import itertools
import os
import subprocess
import sys
from urllib.parse import quote

import pytest

import pictures
from amalthea.sources._remote_ahead import sizes
from remote.proxy import Proxy

# A process of its own: what it imports changes botocore, and its threads are none of ours. It ends with its input.
SERVER = """
import sys
from urllib.parse import quote
from moto.server import ThreadedMotoServer

server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
"""

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "nobody",
    "AWS_SECRET_ACCESS_KEY": "nothing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_ALLOW_HTTP": "true",  # of obstore
    "NO_PROXY": "127.0.0.1",
    "no_proxy": "127.0.0.1",
}
BUCKET = "data"
CLASSES, EACH = ("cats", "dogs", "eels"), 6
# For a test of its own each: what others have begun to read, and nobody waits for, is none of it.
COPIES = ("kept", "plain")


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """A folder of pictures on the disk, in classes, of many names and sizes."""
    root = tmp_path_factory.mktemp("remote") / "pictures"
    for number, (name, place) in enumerate(itertools.product(CLASSES, range(EACH))):
        path = root / name / ("" if place % 3 else "more of them") / f"{place} & {number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        pictures.noise_picture(24 + number, 40, seed=number).save(path, quality=90)
    return root


@pytest.fixture(scope="session")
def server(folder):
    """Host and port of the server, which holds the folder in a bucket."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "MOTO_S3_DEFAULT_MAX_KEYS": "4"},
    )
    try:
        address = ("127.0.0.1", int(process.stdout.readline()))
        _put(address, "")
        for name, path in itertools.product((folder.name, *COPIES), folder.rglob("*.jpg")):
            _put(address, f"/{name}/{path.relative_to(folder)}", path.read_bytes())
        yield address
    finally:
        process.communicate()


@pytest.fixture(scope="session")
def _proxy(server):
    """The proxy, as what S3 is in the environment: for this process and for the workers that it starts."""
    proxy = Proxy(server)
    ours = CREDENTIALS | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{proxy.port}"}
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        yield proxy
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
        proxy.close()


@pytest.fixture
def proxy(_proxy):
    """The proxy before the server, which fails at nothing until it is told to."""
    _proxy.reset()  # what the test before has asked for late is none of this one's
    sizes.__init__()  # nor what others have read
    yield _proxy
    _proxy.reset()
    _proxy.wait_for(lambda: not _proxy.in_flight)


@pytest.fixture(scope="session")
def url():
    """The folder's address."""
    return f"s3://{BUCKET}/pictures"


def _put(address, path, content=b""):
    connection = http.client.HTTPConnection(*address, timeout=30)
    connection.request("PUT", f"/{BUCKET}{quote(path)}", content)
    assert connection.getresponse().status == 200
    connection.close()
