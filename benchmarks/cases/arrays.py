"""Arrays: in memory, mapped from a file, and large batches through worker processes."""

from benchmarks.case import Case, Contestant
from benchmarks.data.blocks import in_file

IN_MEMORY = [
    Contestant("Amalthea (JAX)", "ours:arrays", "jax"),
    Contestant("Amalthea (PyTorch)", "ours:arrays", "torch"),
    Contestant("Amalthea (TensorFlow)", "ours:arrays", "tensorflow"),
    Contestant("the floor: take the rows with NumPy", "floors:taken", floor=True),
    Contestant("fit(x, y) (JAX)", "keras_loaders:arrays", "jax"),
    Contestant("fit(x, y) (PyTorch)", "keras_loaders:arrays", "torch"),
    Contestant("fit(x, y) (TensorFlow)", "keras_loaders:arrays", "tensorflow"),
    Contestant("torch DataLoader, TensorDataset", "torch_loaders:tensors", "torch"),
    Contestant("tf.data, from_tensor_slices", "tensorflow_loaders:arrays", "tensorflow"),
]


def _in_memory(name, what, **options):
    return Case(
        name,
        f"Arrays in memory, {what}",
        f"{what}, float32, shuffled.",
        "samples",
        IN_MEMORY,
        options=options,
        smoke={"count": 512},
        load="blocks:in_memory",
    )


CASES = [
    _in_memory("arrays-32", "50,000 x 32 in batches of 32", count=50_000, shape=[32], batch=32),
    _in_memory("arrays-128", "50,000 x 32 in batches of 128", count=50_000, shape=[32], batch=128),
    _in_memory("arrays-images", "10,000 x 64 x 64 x 3 in batches of 32", count=10_000, shape=[64, 64, 3], batch=32),
    Case(
        "arrays-mapped",
        "A mapped file, cold",
        "1.5 GB of 224x224 uint8 images in one `.npy` file, batches of 32, shuffled. The file is thrown out of the "
        "page cache before each run, as if it were larger than that; one epoch. What is mapped counts as memory.",
        "images",
        [
            Contestant("Amalthea (JAX)", "ours:mapped", "jax"),
            Contestant("the floor: read the rows, 2 threads", "floors:mapped", floor=True),
            Contestant("PyDataset, threads (JAX)", "keras_loaders:mapped", "jax"),
            Contestant("fit(x, y) (JAX)", "keras_loaders:mapped_arrays", "jax"),
            Contestant("torch DataLoader, 2 processes", "torch_loaders:mapped", "torch"),
        ],
        in_file,
        {"count": 10_000, "batch": 32},
        {"count": 64, "size": 16},
        warm=False,
        cold=True,
    ),
    Case(
        "floats",
        "Large float32 batches through processes",
        "256x224x224x3 float32, 154 MB a batch, from a mapped file of uint8: handing over is the work.",
        "images",
        [
            Contestant("Amalthea, processes (JAX)", "ours:casting", "jax"),
            Contestant("Amalthea, processes (PyTorch)", "ours:casting", "torch"),
            Contestant(
                "Amalthea, processes, read_into (PyTorch)",
                "ours:casting",
                "torch",
                options={"in_place": True},
                note="the source writes into the row by itself",
            ),
            Contestant("the floor: cast, 2 threads", "floors:cast", floor=True),
            Contestant("torch DataLoader, 2 processes", "torch_loaders:casting", "torch"),
            Contestant("PyDataset, use_multiprocessing (JAX)", "keras_loaders:casting", "jax"),
        ],
        in_file,
        {"count": 2048, "batch": 256},
        {"count": 64, "batch": 16, "size": 16},
    ),
]
