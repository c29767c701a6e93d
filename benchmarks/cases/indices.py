"""What comes before any sample is read: finding files, keeping their paths, ordering them; and memory as that grows."""

from benchmarks.case import Case, Contestant
from benchmarks.data import trees


def _growth(count):
    return Case(
        f"growth-{count}",
        f"Memory of an epoch of {count:,} samples",
        "Samples that are computed, so that the dataset holds nothing; batches of 256.",
        "samples",
        [
            Contestant("Amalthea (JAX)", "ours:numbers", "jax"),
            Contestant("PyDataset, threads (JAX)", "keras_loaders:numbers", "jax", note="not shuffled by samples"),
            Contestant("torch DataLoader, 2 processes", "torch_loaders:numbers", "torch"),
        ],
        options={"count": count, "batch": 256},
        smoke={"count": 1024},
        warm=False,
    )


CASES = [
    Case(
        "index-paths",
        "An index of ten million paths",
        "Paths that a generator gives, kept. The floor only runs through the generator.",
        "paths",
        [
            Contestant("Amalthea", "orders:paths"),
            Contestant("the floor: keep nothing", "orders:paths", options={"into": "nothing"}, floor=True),
            Contestant("a list", "orders:paths", options={"into": "list"}),
        ],
        options={"count": 10_000_000},
        smoke={"count": 20_000},
        through="itself",
        warm=False,
    ),
    Case(
        "index-workers",
        "Three million paths and two worker processes",
        "An epoch that looks up each path, batches of 8,192. Private is what one worker has for itself.",
        "paths",
        [
            Contestant("Amalthea, processes (JAX)", "ours:lengths", "jax"),
            Contestant("torch DataLoader, a list of paths", "torch_loaders:lengths", "torch"),
        ],
        options={"count": 3_000_000, "batch": 8192},
        smoke={"count": 20_000},
        warm=False,
    ),
    Case(
        "index-scan",
        "Finding files",
        "20,000 pictures in 100 folders. The floor lists the folders.",
        "files",
        [
            Contestant("Amalthea (JAX)", "ours:scan", "jax"),
            Contestant("the floor: list the folders", "floors:scan", floor=True),
            Contestant("image_dataset_from_directory (tf.data)", "tensorflow_loaders:scan", "tensorflow"),
            Contestant("torchvision ImageFolder", "torchvision_loaders:scan", needs=["torch", "torchvision.io"]),
        ],
        trees.files,
        {"count": 20_000},
        {"count": 200},
        through="itself",
    ),
    Case(
        "order",
        "The order of 10^9 samples",
        "The first million indices of a shuffled epoch, in batches of 256; of those drawn at once, all of the epoch.",
        "indices",
        [
            Contestant("Amalthea, the order alone", "orders:shuffled"),
            Contestant("Amalthea, a whole loader (JAX)", "ours:far", "jax", through="keras", note="with its batches"),
            Contestant("np.random.permutation", "orders:permuted", note="of 10^8: of 10^9 it takes 8 GB"),
            Contestant("torch RandomSampler", "torch_loaders:sampled", needs=["torch"], note="of 10^7"),
            Contestant("Grain, shuffle", "grain_loaders:order", needs=["grain"], note="256 at a time, one by one"),
        ],
        options={
            "count": 2**20,
            "batch": 256,
            "size": 10**9,
            "numpy_size": 10**8,
            "torch_size": 10**7,
        },
        smoke={"count": 4096, "numpy_size": 10**5, "torch_size": 10**5},
        through="itself",
        warm=False,
    ),
    *map(_growth, (1_000, 30_000, 1_000_000)),
]
