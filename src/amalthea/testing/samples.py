"""What may be wrong with the samples of a source as such."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from amalthea._trees import as_sample, map_leaves
from amalthea.batches import Layout, check_sample
from amalthea.errors import AmaltheaError
from amalthea.sources import _reading
from amalthea.sources._shapes import shapes_of
from amalthea.testing.findings import Finding, words

__all__ = ["of_kind", "of_length", "of_names"]


def of_length(source: Any) -> Iterator[Finding]:
    """Finds what is wrong with the length of a source."""
    remedy = "write a class with `__len__` and `__getitem__`, as a list has them"
    if not (hasattr(source, "__len__") and hasattr(source, "__getitem__")):
        yield Finding("It has no length or no index.", remedy)
        return
    try:
        lengths = len(source), len(source)
    except Exception as error:  # a stranger's code may raise anything
        yield Finding(f"`len(source)` raises {words(error)}.", remedy)
        return
    if not lengths[0]:
        yield Finding("`len(source)` is 0.", "give it a sample")
    if lengths[0] != lengths[1]:
        yield Finding(f"`len(source)` was {lengths[0]}, then {lengths[1]}.", "let the number of samples stay")


def of_kind(source: Any, samples: dict[int, Any]) -> Iterator[Finding]:
    """Finds samples that cannot be rows of one batch."""
    lengths = _reading.lengths_of(source)
    first, *others = samples
    try:
        sample = as_sample(samples[first])
        check_sample(sample)
        Layout(sample, 1)
    except AmaltheaError as error:
        yield Finding(f"Sample {first}: {error}", "return numbers or arrays, x, (x, y) or (x, y, sample_weight)")
        return
    kind = shapes_of(samples[first], varying=lengths is not None)
    for index in others:
        other = shapes_of(samples[index], varying=lengths is not None)
        if other != kind:
            yield Finding(
                f"Sample {index} is {other}, sample {first} is {kind}.",
                "make all samples alike in the source or in a transform: the same keys, shapes and dtypes",
            )
            return
    if lengths is not None:
        yield from _of_lengths(source, lengths, samples)


def _of_lengths(source: Any, lengths: Any, samples: dict[int, Any]) -> Iterator[Finding]:
    if np.shape(lengths) != (len(source),):
        yield Finding(
            f"`source.lengths` has the shape {np.shape(lengths)}.", f"let it be one integer for each of {len(source)}"
        )
        return
    if not callable(getattr(source, "pad", None)):
        yield Finding("`source.lengths` is there, but no `source.pad(sample, row)`.", "write it")
    for index, sample in samples.items():
        length = len(_first_leaf(as_sample(sample)))
        if length != lengths[index]:
            yield Finding(
                f"Sample {index} is {length} long, `source.lengths[{index}]` is {lengths[index]}.",
                "let it tell the length of the first axis of x",
            )
            return


def _first_leaf(sample: Any) -> Any:
    leaves: list[Any] = []
    map_leaves(leaves.append, sample)
    return leaves[0]


def of_names(source: Any, indices: Sequence[int]) -> Iterator[Finding]:
    """Finds a sample that cannot be named."""
    name = _reading.name_of(source)
    if name is None:
        return
    for index in indices:
        try:
            name(index)
        except Exception as error:  # a stranger's code may raise anything
            yield Finding(f"`source.name({index})` raises {words(error)}.", "return a string, or None")
            return
