"""Sources made of others: what a function makes of each sample, and the samples of one behind those of another."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from amalthea._trees import map_leaves
from amalthea.errors import ConfigurationError
from amalthea.sources import _reading
from amalthea.sources._shapes import shapes_of
from amalthea.sources.protocol import Source

__all__ = ["Concatenated", "Mapped"]


class Mapped:
    """What a function makes of each sample of a source.

    Args:
        source: The source.
        function: `sample -> sample`. It must not write into the sample, which may be the source's own memory. What is
            random belongs into a loader's `transform`, which has a generator.

    Example:
    >>> list(Mapped([1, 2, 3], lambda sample: 10 * sample))
    [10, 20, 30]
    """

    def __init__(self, source: Source, function: Callable[[Any], Any]) -> None:
        if not callable(function):
            raise ConfigurationError(f"`function` is {function!r}; it must be a function of a sample.")
        self.source, self._function = source, function

    def __len__(self) -> int:
        return len(self.source)

    def __getitem__(self, index: int) -> Any:
        return self._function(self.source[index])

    @property
    def draw(self) -> Callable[[int, np.random.Generator], Any] | None:
        """Draws a sample, where the source does."""
        return self._draw if _reading.is_random(self.source) else None

    @property
    def name(self) -> Callable[[int], Any] | None:
        """Says what a sample is, where the source can."""
        return _reading.name_of(self.source)

    @property
    def fetch_ahead(self) -> Callable[[npt.NDArray[np.int64]], None] | None:
        """Begins to fetch samples that will be asked for soon, where the source can."""
        return _reading.fetches(self.source)

    def _draw(self, index: int, rng: np.random.Generator) -> Any:
        return self._function(_reading.draw(self.source, index, rng))


class Concatenated:
    """The samples of several sources, one source behind the other.

    Args:
        sources: The sources. Their samples have one structure, and the same shapes and dtypes. If they differ in
            length, they are padded as those of the first source are.

    Attributes:
        lengths: How long each sample is, int of shape `(samples,)`, where they differ, or `None`.

    Raises:
        ConfigurationError: If there is none, or if their first samples differ.

    Example:
    >>> list(Concatenated([[1, 2], [3]]))
    [1, 2, 3]
    """

    def __init__(self, sources: Sequence[Source]) -> None:
        self.sources = list(sources)
        if not self.sources:
            raise ConfigurationError("`sources` is empty; it must hold one source or more.")
        self._ends = np.cumsum([len(source) for source in self.sources])
        varying = [_reading.lengths_of(source) is not None for source in self.sources]
        if any(varying) and not all(varying):
            raise ConfigurationError(
                f"The samples of `sources[{varying.index(True)}]` differ in length, those of "
                f"`sources[{varying.index(False)}]` do not. Give all of them one length."
            )
        self._varies = varying[0]
        self.lengths = (
            np.concatenate([_reading.lengths_of(source) for source in self.sources]) if self._varies else None
        )
        self._check_shapes()

    def __len__(self) -> int:
        return int(self._ends[-1])

    def __getitem__(self, index: int) -> Any:
        source, place = self._find(index)
        return source[place]

    @property
    def draw(self) -> Callable[[int, np.random.Generator], Any] | None:
        """Draws a sample, where one of the sources does."""
        return self._draw if any(map(_reading.is_random, self.sources)) else None

    @property
    def name(self) -> Callable[[int], Any] | None:
        """Says what a sample is, where one of the sources can."""
        return self._name if any(map(_reading.name_of, self.sources)) else None

    @property
    def read_into(self) -> Callable[[int, Any], None] | None:
        """Writes a sample into its row, where one of the sources can."""
        return self._read_into if self._in_place(_reading.reads_in_place) else None

    @property
    def read_rows(self) -> Callable[[npt.NDArray[np.int64], Any], None] | None:
        """Writes several samples into their rows, where one of the sources can."""
        return self._read_rows if self._in_place(_reading.reads_at_once) else None

    @property
    def fetch_ahead(self) -> Callable[[npt.NDArray[np.int64]], None] | None:
        """Begins to fetch samples that will be asked for soon, where one of the sources can."""
        return self._fetch_ahead if any(map(_reading.fetches, self.sources)) else None

    @property
    def pad(self) -> Callable[[Any, Any], None] | None:
        """Writes a sample into a row that is longer, as the first source does."""
        return getattr(self.sources[0], "pad", None)

    def _fetch_ahead(self, indices: npt.NDArray[np.int64]) -> None:
        numbers = np.searchsorted(self._ends, indices, side="right")
        for number in np.unique(numbers).tolist():
            fetch = _reading.fetches(self.sources[number])
            if fetch is not None:
                fetch(indices[numbers == number] - self._start(number))

    def _in_place(self, can: Callable[[Any], bool]) -> bool:
        # A row that one source reads in place, padded in its own way, would be another after a transform.
        return not self._varies and self.draw is None and any(map(can, self.sources))

    def _find(self, index: int) -> tuple[Any, int]:
        """Returns the source of a sample, and the sample's place in it."""
        place = range(len(self))[operator.index(index)]  # an index that is none is an IndexError
        number = int(np.searchsorted(self._ends, place, side="right"))
        return self.sources[number], place - self._start(number)

    def _start(self, number: int) -> int:
        return int(self._ends[number - 1]) if number else 0

    def _draw(self, index: int, rng: np.random.Generator) -> Any:
        source, place = self._find(index)
        return _reading.draw(source, place, rng)

    def _name(self, index: int) -> Any:
        source, place = self._find(index)
        name = _reading.name_of(source)
        return None if name is None else name(place)

    def _read_into(self, index: int, row: Any) -> None:
        source, place = self._find(index)
        _reading.read_into(source, place, row)

    def _read_rows(self, indices: npt.NDArray[np.int64], rows: Any) -> None:
        numbers = np.searchsorted(self._ends, indices, side="right")
        for number in np.unique(numbers).tolist():
            chosen = np.flatnonzero(numbers == number)
            # Rows that are not next to each other are no view: the source writes into a copy of them.
            part = map_leaves(lambda array, chosen=chosen: array[chosen], rows)
            _reading.read_rows(self.sources[number], indices[chosen] - self._start(number), part)
            map_leaves(lambda array, values, chosen=chosen: _put(array, chosen, values), rows, part)

    def _check_shapes(self) -> None:
        known: tuple[int, Any] | None = None
        for number, source in enumerate(self.sources):
            if len(source):
                sample = _reading.draw(source, 0, np.random.default_rng([0, 0, 0]))
                shapes = shapes_of(sample, varying=self._varies)
                known = known or (number, shapes)
                if shapes != known[1]:
                    raise ConfigurationError(
                        f"A sample of `sources[{number}]` is {shapes}, one of `sources[{known[0]}]` is {known[1]}. "
                        "Make them alike, for instance with `sources.Mapped`."
                    )


def _put(array: npt.NDArray[Any], places: npt.NDArray[np.int64], values: npt.NDArray[Any]) -> None:
    array[places] = values
