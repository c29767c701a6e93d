"""Texts into ids, and preprocessing in plain Python."""

from benchmarks.case import Case, Contestant
from benchmarks.data.corpus import corpus

LEGACY, TENSORFLOW = "Keras' legacy Tokenizer (JAX)", "TextVectorization (TensorFlow)"
INT64 = "int64; not shuffled beyond 10,000"


def _epochs(length):
    return Case(
        f"texts-{length}",
        f"Texts of {length} words",
        f"An epoch of batches of 128, padded to {length} ids of a vocabulary of 20,000, which is found at the start.",
        "texts",
        [
            Contestant("Amalthea (JAX)", "ours:texts", "jax"),
            Contestant("Amalthea (TensorFlow)", "ours:texts", "tensorflow"),
            Contestant(LEGACY, "tokenizing:legacy_batches", "jax", note="each batch as it is asked for; not shuffled"),
            Contestant(TENSORFLOW, "vectorization:batches", "tensorflow", note=INT64),
        ],
        corpus,
        {"words": 500_000, "length": length},
        {"words": 48 * length, "batch": 16},
        load="corpus:read",
    )


def _whole(length, *, fit):
    word_level = Contestant("tokenizers, WordLevel (JAX)", "tokenizing:word_level", "jax", needs=["tokenizers"])
    options = {"options": {"fit": fit}}
    return Case(
        f"texts-{'fit' if fit else 'encode'}-{length}",
        f"Texts of {length} words, {'with the vocabulary to be found' if fit else 'with a ready vocabulary'}",
        "All texts into one array of ids, encoded and padded" + (", after the vocabulary was found." if fit else "."),
        "texts",
        [
            Contestant("Amalthea", "tokenizing:ours", "jax", **options),
            Contestant(LEGACY, "tokenizing:legacy", "jax", **options),
            Contestant(TENSORFLOW, "vectorization:whole", "tensorflow", note="int64", **options),
            *([] if fit else [word_level]),
        ],
        corpus,
        {"words": 500_000, "length": length},
        {"words": 48 * length},
        load="corpus:read",
        through="itself",
    )


CASES = [
    *(_epochs(length) for length in (20, 200)),
    *(_whole(length, fit=fit) for fit in (True, False) for length in (20, 200)),
    Case(
        "python",
        "Preprocessing in plain Python",
        "A slow tokenizer in plain Python, batches of 64: what processes make of it, and threads cannot.",
        "texts",
        [
            Contestant("Amalthea, 2 processes (JAX)", "ours:pieces", "jax", options={"processes": True}),
            Contestant("Amalthea, 2 threads (JAX)", "ours:pieces", "jax"),
            Contestant("Amalthea, 1 thread (JAX)", "ours:pieces", "jax", options={"workers": 1}),
            Contestant("torch DataLoader, 2 processes", "torch_loaders:pieces", "torch"),
        ],
        options={"count": 2048, "batch": 64},
        smoke={"count": 64, "batch": 16},
    ),
]
