"""The engines of a backend are collected where it is the one in use, and are unknown elsewhere."""

import keras

BACKENDS = ("jax", "tensorflow", "torch")

collect_ignore_glob = [f"test_{name}_*.py" for name in BACKENDS if name != keras.backend.backend()]
