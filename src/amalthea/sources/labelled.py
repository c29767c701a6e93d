"""Samples with a target each."""

from __future__ import annotations

from amalthea.sources.protocol import Column, Source
from amalthea.sources.zipped import Zipped

__all__ = ["Labelled"]


class Labelled(Zipped):
    """Puts a target, and perhaps a weight, beside each sample of a source.

    Args:
        source: Gives x.
        targets: y of each sample: anything with a length and an index.
        sample_weight: Weight of each sample, or `None`.

    Raises:
        ConfigurationError: If the lengths differ.

    Example:
    >>> Labelled([10.0, 20.0], targets=[0, 1])[1]
    (20.0, 1)
    """

    def __init__(self, source: Source, targets: Column, sample_weight: Column | None = None) -> None:
        super().__init__(source, targets, sample_weight, same_names=False)
