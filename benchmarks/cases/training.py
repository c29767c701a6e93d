"""End to end: `fit`, with a model that is light and with one that is heavy."""

from benchmarks.case import Case, Contestant
from benchmarks.cases.images import OURS, PILLOW, SMALL, TF_DATA, TORCH
from benchmarks.data.photos import photographs

CONSTANT = [
    Contestant(f"the floor: one batch again and again ({name})", "keras_loaders:Constant", backend, floor=True)
    for name, backend in (("JAX", "jax"), ("PyTorch", "torch"), ("TensorFlow", "tensorflow"))
]
PLAIN = Contestant("PyDataset, threads (JAX)", "keras_loaders:images", "jax", note=PILLOW)
EIGHT = Contestant("Amalthea, 8 threads (JAX)", "ours:images", "jax", options={"workers": 8}, note="8 workers")


def _case(model, what, count, more=()):
    return Case(
        f"fit-{model}",
        f"fit, a {model} model",
        f"`fit` on 500x375 JPEGs to 224x224, batches of 32, with {what}. The floor trains on one constant batch.",
        "images",
        [*OURS, *more, *CONSTANT, PLAIN, TF_DATA[0], TORCH],
        photographs,
        {"count": count, "model": model},
        SMALL,
        through="fit",
    )


CASES = [
    _case("light", "a pooling layer and a dense one", 512, [EIGHT]),
    _case("heavy", "a small convolutional network that takes longer than the loading", 256),
]
