"""Epochs over images that are decoded and resized already."""

from benchmarks.case import Case, Contestant
from benchmarks.cases.images import ALIASED, SMALL
from benchmarks.data.photos import photographs


def _case(name, title, dtype, more=()):
    options = {"dtype": dtype}
    return Case(
        name,
        title,
        "500x375 JPEGs to 224x224, batches of 32, in the epochs after the first. A cache keeps uint8.",
        "images",
        [
            Contestant("Amalthea, cache in memory (JAX)", "ours:images", "jax", options={**options, "cache": "memory"}),
            Contestant("Amalthea, cache on disk (JAX)", "ours:images", "jax", options={**options, "cache": "disk"}),
            Contestant("Amalthea, no cache (JAX)", "ours:images", "jax", options=options),
            Contestant("the floor: copy the same bytes, 2 threads", "floors:copied", options=options, floor=True),
            Contestant("NumPy copies the same bytes, 1 thread", "floors:copied", options={**options, "cores": 1}),
            *more,
        ],
        photographs,
        {"count": 512},
        SMALL,
        load="blocks:pixels",
    )


CASES = [
    _case(
        "cached",
        "Cached epochs, float32",
        "float32",
        [
            Contestant(
                f"tf.data, cache {place}",
                "tensorflow_loaders:folder",
                "tensorflow",
                options={"cache": cache},
                note=f"{ALIASED}; keeps float32",
            )
            for cache, place in (("memory", "in memory"), ("disk", "on disk"))
        ],
    ),
    _case("cached-uint8", "Cached epochs, uint8", "uint8"),
]
