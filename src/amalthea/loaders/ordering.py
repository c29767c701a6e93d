"""The order of a loader's samples, and how long its batches are, from its arguments."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from amalthea.batches import Lengths
from amalthea.errors import ConfigurationError
from amalthea.order import Bucketed, Order, Sampled, Shuffled

__all__ = ["lengths_of", "order_of"]

BUCKETS = 16  # different lengths of batches at most: JAX compiles the model anew for each


def order_of(
    source: Any, *, seed: int, shuffle: bool, sampling_weights: Any, bucket_by_length: bool, batch_size: int
) -> Order:
    """Returns the order that these arguments of a loader ask for.

    Raises:
        ConfigurationError: If they do not go together.
    """
    order: Order = Shuffled(len(source), seed=seed, shuffle=shuffle)
    if sampling_weights is not None:
        if not shuffle:
            raise ConfigurationError("`sampling_weights` draws samples at random: it needs `shuffle=True`.")
        order = Sampled(_checked_weights(sampling_weights, len(source)), seed=seed)
    if not bucket_by_length:
        return order
    if getattr(source, "lengths", None) is None:
        raise ConfigurationError(
            "`bucket_by_length` is True, but all samples are of one length, or the source does not tell: "
            "it needs an array `source.lengths`."
        )
    if not shuffle:
        raise ConfigurationError(
            "`bucket_by_length` is True and `shuffle` False: the samples would not come in the order of the source. "
            "Without it a batch is as long as its longest sample all the same."
        )
    return Bucketed(order, source.lengths, batch_size=batch_size, seed=seed)


def lengths_of(source: Any, *, bucket_by_length: bool, steps: int) -> Lengths | None:
    """Returns how long batches are; `None` where all samples have one length."""
    of_samples = getattr(source, "lengths", None)
    if of_samples is None:
        return None
    _check_lengths(of_samples, source)
    longest = max(1, int(of_samples.max()))
    if steps == 1:  # TensorFlow sees one batch only to tell what may differ
        return Lengths(of_samples, multiple=longest)
    return Lengths(of_samples, multiple=math.ceil(longest / BUCKETS) if bucket_by_length else 1)


def _check_lengths(of_samples: Any, source: Any) -> None:
    is_array = isinstance(of_samples, np.ndarray) and of_samples.dtype.kind in "iu"
    if not is_array or of_samples.shape != (len(source),) or not callable(getattr(source, "pad", None)):
        raise ConfigurationError(
            f"`source.lengths` is {of_samples!r:.80}; it must be an array of integers, one for each of the "
            f"{len(source)} samples, beside a method `source.pad(sample, row)`."
        )


def _checked_weights(weights: Any, size: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    values = np.asarray(weights)
    if values.shape != (size,) or values.dtype.kind not in "biuf":
        raise ConfigurationError(
            f"`sampling_weights` has the shape {values.shape} and dtype {values.dtype}; it must be one number for each "
            f"of the {size} samples."
        )
    wrong = np.flatnonzero(~(np.isfinite(values) & (values >= 0)))
    if wrong.size or not values.any():
        place = int(wrong[0]) if wrong.size else 0
        raise ConfigurationError(
            f"`sampling_weights` holds {values[place]!r} at place {place}; each must be finite and 0 or more, and not "
            "all of them 0."
        )
    return values / np.float64(values.max())  # whose sum is finite
