"""Files in an object store on this machine."""

import atexit
import importlib
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.data.photos import listed, photographs

IN_FLIGHT = 64
ROOT = Path(__file__).parents[2]


def stored(folder, *, latency_s, **options):
    """Makes photographs, and starts a server that has them, which ends with this process.

    Args:
        folder: Where to.
        latency_s: What each request waits for its answer.
        **options: Of the photographs.
    """
    told = photographs(folder, **options)
    command = [sys.executable, "-m", "benchmarks.data.object_server", str(folder), str(latency_s)]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    atexit.register(server.communicate)
    endpoint = f"http://127.0.0.1:{int(server.stdout.readline())}"
    url = f"s3://bucket/{Path(told['folder']).name}"
    return {**told, "url": url, "endpoint": endpoint, "latency_s": latency_s}


def sign_in(told, client="s3fs"):
    """Lets this process, and those that it starts, find the store, and read it by `s3fs` or by `obstore`."""
    ours = {"AWS_ENDPOINT_URL": told["endpoint"], "AWS_ACCESS_KEY_ID": "nobody", "AWS_SECRET_ACCESS_KEY": "nothing"}
    os.environ.update(ours, AWS_DEFAULT_REGION="us-east-1", AWS_ALLOW_HTTP="true", NO_PROXY="*", no_proxy="*")
    if client == "obstore":
        importlib.import_module("obstore.fsspec").register("s3")
    else:
        kind = importlib.import_module("s3fs").S3FileSystem
        importlib.import_module("fsspec").register_implementation("s3", kind, clobber=True)


def store_of(client, in_flight=IN_FLIGHT):
    """Returns the file system; that of `s3fs` with one request for each file, not two, and more than ten at a time."""
    import fsspec

    options = {"max_concurrency": 1, "config_kwargs": {"max_pool_connections": in_flight}}
    return fsspec.filesystem("s3", **(options if client == "s3fs" else {}))


def paths_in_store(told):
    """Returns the URLs of the files, and the numbers of their classes."""
    paths, labels = listed(told["folder"])
    return [path.replace(told["folder"], told["url"], 1) for path in paths], labels
