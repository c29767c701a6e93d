"""MultiInputLoader: several inputs side by side into the model."""

from __future__ import annotations

from typing import Any

from amalthea.errors import ConfigurationError
from amalthea.loaders.loader import Loader
from amalthea.sources.zipped import Zipped

__all__ = ["MultiInputLoader"]


class MultiInputLoader(Loader):
    """Batches of several inputs, each from a source of its own, for models with several inputs.

    Args:
        inputs: A dict of sources by the names of the model's inputs, or a tuple of them: anything with a length and
            an index, as an array, a list, or those of `amalthea.sources`. They may be nested.
        targets: A source, or a dict or a tuple of them for a model with several outputs; or `None`.
        sample_weight: The weight of each sample; for several outputs also a dict or a tuple of such; or `None`.
        same_names: Whether sources that have file names must name the same files, folders and suffixes aside.
        **loader_options: As for `Loader`.

    Raises:
        ConfigurationError: If an argument cannot be used, or if lengths or names differ.
        SampleError: If the first sample cannot be made.

    Example:
    >>> import numpy as np
    >>> from amalthea.sources import Noise
    >>> inputs = {"image": np.zeros((5, 8, 8, 3), "uint8"), "noise": Noise(5, 100)}
    >>> loader = MultiInputLoader(inputs, targets=[0, 1, 0, 1, 0], batch_size=5)
    >>> x, y = loader[0]
    >>> {name: array.shape for name, array in x.items()}, y.shape
    ({'image': (5, 8, 8, 3), 'noise': (5, 100)}, (5,))
    """

    def __init__(
        self,
        inputs: Any,
        targets: Any = None,
        sample_weight: Any = None,
        *,
        same_names: bool = True,
        **loader_options: Any,
    ) -> None:
        if not isinstance(inputs, dict | tuple):
            raise ConfigurationError(
                f"`inputs` is of type {type(inputs).__name__}; it must be a dict or a tuple of sources, as in "
                "{'image': images, 'text': texts}. For one input there is `Loader`, and `ArrayLoader` for arrays."
            )
        super().__init__(Zipped(inputs, targets, sample_weight, same_names=same_names), **loader_options)
