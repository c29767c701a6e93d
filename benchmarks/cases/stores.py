"""Image files in an object store, beside the same files in a folder."""

from benchmarks.case import Case, Contestant
from benchmarks.cases.images import PILLOW, SMALL
from benchmarks.data.stores import IN_FLIGHT, stored

BACKENDS = {"jax": "JAX", "torch": "PyTorch", "tensorflow": "TensorFlow"}
CLIENTS = ("obstore", "s3fs")


def _through(client, **options):
    """What all that read by one client of S3 have in common."""
    return {"needs": ["s3fs", client], "options": {"client": client, **options}}


OURS = [
    *(
        Contestant(
            f"Amalthea, files that are 20 ms late ({name})", "ours:late", key, needs=["fsspec"], note="no network"
        )
        for key, name in BACKENDS.items()
    ),
    *(Contestant(f"Amalthea, {client} (JAX)", "ours:stored", "jax", **_through(client)) for client in CLIENTS),
    *(
        Contestant(f"Amalthea, {client}, processes (JAX)", "ours:stored", "jax", **_through(client, processes=True))
        for client in CLIENTS
    ),
]
LOCAL = [
    Contestant(f"the same files in a folder ({name})", "ours:images", key, floor=True) for key, name in BACKENDS.items()
]
PEERS = [
    Contestant(
        "torch DataLoader, s3fs",
        "torch_loaders:stored",
        "torch",
        note=f"{PILLOW}; 2 processes; file by file",
        **_through("s3fs"),
    ),
    *(
        Contestant(
            f"torch DataLoader, {client}, a batch at once",
            "torch_loaders:stored",
            "torch",
            note=f"{PILLOW}; 2 processes; `__getitems__` and `fs.cat`",
            **_through(client, at_once=True),
        )
        for client in CLIENTS
    ),
    Contestant(
        "tf.data, s3fs",
        "tensorflow_loaders:stored",
        "tensorflow",
        note=f"{IN_FLIGHT} at a time, by `tf.numpy_function`",
        **_through("s3fs"),
    ),
    *(
        Contestant(
            f"{client} alone", "floors:requested", note=f"{IN_FLIGHT} at a time, and not decoded", **_through(client)
        )
        for client in CLIENTS
    ),
]

CASES = [
    Case(
        "store",
        "Small JPEGs in an object store",
        "500x375 JPEGs to 224x224, batches of 32. A server on this machine speaks S3 and answers each request after "
        "20 ms; it takes 0.06 ms of the same cores for a file, which no figure for CPU has in it. *Files that are 20 "
        "ms late* have no server and no client: what is lost there, Amalthea loses. The floor is the same loader with "
        "the same files in a folder.",
        "images",
        [*OURS, *LOCAL, *PEERS],
        stored,
        {"count": 512, "latency_s": 0.02},
        SMALL,
    )
]
