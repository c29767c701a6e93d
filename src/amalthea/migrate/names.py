"""What a name in a program means: the path of the thing in Keras, whatever it was imported as."""

from __future__ import annotations

__all__ = ["canonical"]

# Where Keras has been found. Longer ones first: `tensorflow.keras` is in `tensorflow.python.keras` too.
_ROOTS = (
    "tensorflow.compat.v1.keras",
    "tensorflow.compat.v2.keras",
    "tensorflow.python.keras",
    "tensorflow.keras",
    "keras.api._v2.keras",
    "keras.api",
    "tf_keras",
)

# Modules inside of Keras whose names are public one level up.
_INNER = {
    "keras.utils.data_utils": "keras.utils",
    "keras.utils.np_utils": "keras.utils",
    "keras.utils.generic_utils": "keras.utils",
    "keras.utils.image_utils": "keras.utils",
    "keras.utils.vis_utils": "keras.utils",
    "keras.utils.training_utils": "keras.utils",
    "keras_preprocessing": "keras.preprocessing",
    "keras.legacy.preprocessing": "keras.preprocessing",
    "keras.src.legacy.preprocessing": "keras.preprocessing",
    "keras._legacy.preprocessing": "keras.preprocessing",
}


def canonical(name: str) -> str | None:
    """Returns the path of a thing of Keras, as `"keras.utils.Sequence"`, or `None` if it is nothing of Keras.

    Args:
        name: The path by which it was imported, as `"tensorflow.keras.utils.Sequence"`.

    Example:
    >>> canonical("tensorflow.python.keras.utils.data_utils.Sequence")
    'keras.utils.Sequence'
    """
    for root in _ROOTS:
        if _is_in(name, root):
            name = "keras" + name.removeprefix(root)
            break
    for inner, public in _INNER.items():
        if _is_in(name, inner):
            name = public + name.removeprefix(inner)
            break
    return name if _is_in(name, "keras") else None


def _is_in(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")
