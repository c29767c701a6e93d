"""Several sources side by side."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from amalthea._trees import as_sample, map_leaves
from amalthea._write import write
from amalthea.errors import ConfigurationError
from amalthea.sources import _reading
from amalthea.sources.paired import stem
from amalthea.sources.protocol import Column

__all__ = ["Zipped"]

NAMES = (str, bytes, os.PathLike)  # what a source may call its samples otherwise is not compared


class Zipped:
    """Several sources side by side: sample i is made of sample i of each.

    Args:
        inputs: A source, or a dict or a tuple of sources: x has the same form.
        targets: A source, or a dict or a tuple of sources: y. `None` is x alone.
        sample_weight: The weight of each sample, or `None`.
        same_names: Whether sources that have file names must name the same files, folders and suffixes aside.

    Raises:
        ConfigurationError: If something is no source, or if lengths or names differ.

    Example:
    >>> source = Zipped({"side": [1.0, 2.0], "colour": [7, 8]}, targets=[0, 1])
    >>> source[1]
    ({'side': 2.0, 'colour': 8}, 1)
    """

    def __init__(
        self, inputs: Any, targets: Any = None, sample_weight: Column | None = None, *, same_names: bool = True
    ) -> None:
        if targets is None and sample_weight is not None:
            raise ConfigurationError("`sample_weight` is given, but there are no `targets` that it could belong to.")
        given = {"inputs": inputs, "targets": targets, "sample_weight": sample_weight}
        given = {name: map_leaves(_reading.by_place, tree) for name, tree in given.items()}
        inputs = given["inputs"]
        parts = [part for name, tree in given.items() if tree is not None for part in _parts(name, tree)]
        _check_lengths(parts)
        if same_names:
            _check_names(parts)
        self._parts = [source for _, source in parts]
        # A bare tuple of inputs would be taken for (x, y).
        alone = targets is None and not isinstance(inputs, tuple)
        self._tree = inputs if alone else tuple(tree for tree in given.values() if tree is not None)
        self._flat = isinstance(self._tree, tuple) and not any(isinstance(each, tuple | dict) for each in self._tree)
        self._inputs = inputs
        self._varies = _varies(parts)

    def __len__(self) -> int:
        return len(self._parts[0])

    def __getitem__(self, index: int) -> Any:
        return map_leaves(lambda source: source[index], self._tree)

    @property
    def draw(self) -> Callable[[int, np.random.Generator], Any] | None:
        """Draws a sample, where one of the sources does; they draw one after the other from one generator."""
        return self._draw if any(map(_reading.is_random, self._parts)) else None

    @property
    def read_into(self) -> Callable[[int, Any], None] | None:
        """Writes a sample into its rows, where one of the sources can."""
        return self._read_into if self._in_place(_reading.reads_in_place) else None

    @property
    def read_rows(self) -> Callable[[npt.NDArray[np.int64], Any], None] | None:
        """Writes several samples into their rows, where one of the sources can."""
        return self._read_rows if self._in_place(_reading.reads_at_once) else None

    @property
    def lengths(self) -> npt.NDArray[Any] | None:
        """How long each sample of the first input is, int of shape `(samples,)`, where they differ."""
        return _reading.lengths_of(self._parts[0]) if self._varies else None

    @property
    def name(self) -> Callable[[int], Any] | None:
        """Says what a sample is, by the first of the sources that can."""
        return next(filter(None, map(_reading.name_of, self._parts)), None)

    @property
    def fetch_ahead(self) -> Callable[[npt.NDArray[np.int64]], None] | None:
        """Begins to fetch samples that will be asked for soon, where one of the sources can."""
        return self._fetch_ahead if any(map(_reading.fetches, self._parts)) else None

    def pad(self, inputs: Any, rows: Any) -> None:
        """Writes x into rows of which the first is longer."""

        def put(source: Any, row: Any, sample: Any) -> None:
            if source is self._parts[0]:
                source.pad(sample, row)
            else:
                map_leaves(write, row, as_sample(sample))

        map_leaves(put, self._inputs, rows, inputs)

    def _fetch_ahead(self, indices: npt.NDArray[np.int64]) -> None:
        for fetch in filter(None, map(_reading.fetches, self._parts)):
            fetch(indices)

    def _in_place(self, can: Callable[[Any], bool]) -> bool:
        return self.draw is None and any(map(can, self._parts))

    def _draw(self, index: int, rng: np.random.Generator) -> Any:
        return map_leaves(lambda source: _reading.draw(source, index, rng), self._tree)

    def _read_into(self, index: int, rows: Any) -> None:
        if self._flat:  # as most are: for small samples a tree costs more than its leaves
            for source, row in zip(self._tree, rows, strict=True):
                _reading.read_into(source, index, row)
        else:
            map_leaves(lambda source, row: _reading.read_into(source, index, row), self._tree, rows)

    def _read_rows(self, indices: npt.NDArray[np.int64], rows: Any) -> None:
        map_leaves(lambda source, part: _reading.read_rows(source, indices, part), self._tree, rows)


def _parts(name: str, tree: Any) -> Iterator[tuple[str, Any]]:
    """Gives each source of a tree, and how the user would write it."""
    if isinstance(tree, dict | tuple):
        items = tree.items() if isinstance(tree, dict) else enumerate(tree)
        if not tree:
            raise ConfigurationError(f"`{name}` is an empty {type(tree).__name__}; it must hold a source.")
        for key, item in items:
            yield from _parts(f"{name}[{key!r}]", item)
    elif isinstance(tree, str | bytes) or not (hasattr(tree, "__len__") and hasattr(tree, "__getitem__")):
        raise ConfigurationError(
            f"`{name}` is {tree!r:.80} of type {type(tree).__name__}; it must be a source, with `len(source)` and "
            "`source[i]`, as a list or an array has, or a dict or a tuple of sources."
        )
    else:
        yield name, tree


def _check_lengths(parts: list[tuple[str, Any]]) -> None:
    lengths = [len(source) for _, source in parts]
    if len(set(lengths)) > 1:
        each = ", ".join(f"`{name}` has {length}" for (name, _), length in zip(parts, lengths, strict=True))
        raise ConfigurationError(f"There must be as many samples in each: {each}.")


def _check_names(parts: list[tuple[str, Any]]) -> None:
    named = [(part, name) for part, source in parts if (name := _reading.name_of(source)) is not None]
    for part, name in named[1:]:
        first, first_name = named[0]
        for index in range(len(parts[0][1])):
            one, other = first_name(index), name(index)
            if isinstance(one, NAMES) and isinstance(other, NAMES) and stem(one) != stem(other):
                raise ConfigurationError(
                    f"Sample {index} of `{first}` is {one!r}, that of `{part}` is {other!r}. Bring the files into one "
                    "order, for instance with `sources.paired`, or pass `same_names=False`."
                )


def _varies(parts: list[tuple[str, Any]]) -> bool:
    """Returns whether the first input differs in length from sample to sample; no other may."""
    varying = [name for name, source in parts if _reading.lengths_of(source) is not None]
    if len(varying) > 1 or (varying and varying[0] != parts[0][0]):
        raise ConfigurationError(
            f"The samples of `{varying[-1]}` differ in length; only those of the first input may. Give them one "
            "length, or put that input first."
        )
    return bool(varying)
