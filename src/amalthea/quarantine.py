"""Broken samples: those that were met, how many may be, and those that are known from before."""

from __future__ import annotations

import json
import math
import operator
import os
import threading
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, overload

from amalthea._urls import absolute
from amalthea.errors import ConfigurationError, SampleError

__all__ = ["NOTHING", "Errors", "Quarantine", "checked_quarantine"]

FORMAT = 1


class Quarantine(NamedTuple):
    """Samples that are known to be broken and not read.

    Attributes:
        indices: Those known by their index.
        paths: Those known by their file, which may have another index by now; absolute.
    """

    indices: frozenset[int]
    paths: frozenset[str]

    def holds(self, path: str | None) -> bool:
        """Tells whether a file is that of one of them."""
        return path is not None and absolute(path) in self.paths


NOTHING = Quarantine(frozenset(), frozenset())


class Errors(Sequence[SampleError]):
    """The samples that could not be made, each once, in the order of the batches: `loader.errors`.

    Args:
        num_samples: Samples of the source.
        max_errors: How many may be broken: a count, or a share of all; `None` is any number.
        known: Those in quarantine; they are saved with the others, and not counted.

    Raises:
        ConfigurationError: If `max_errors` is neither.

    Example:
    >>> errors = Errors(num_samples=1000, max_errors=0.01)
    >>> errors.limit, len(errors)
    (10, 0)
    """

    def __init__(self, num_samples: int, max_errors: Any, known: Sequence[SampleError] = ()) -> None:
        self.limit = _limit(max_errors, num_samples)
        self.known = list(known)
        self._errors: dict[int, SampleError] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._errors)

    @overload
    def __getitem__(self, place: int) -> SampleError: ...

    @overload
    def __getitem__(self, place: slice) -> list[SampleError]: ...

    def __getitem__(self, place: int | slice) -> SampleError | list[SampleError]:
        return list(self._errors.values())[place]

    def __repr__(self) -> str:
        return f"<Errors: {len(self)} samples could not be made>"

    def add(self, errors: Iterable[SampleError]) -> None:
        """Adds what was met in a batch.

        Raises:
            SampleError: If there are more than may be.
        """
        with self._lock:
            first = not self._errors
            for error in errors:
                self._errors.setdefault(error.index, error)
        if self.limit is not None and len(self) > self.limit:
            last = self[-1]
            reason = f"{last.reason}. With it {len(self)} samples are broken, and `max_errors` allows {self.limit}"
            raise SampleError(last.index, last.stage, reason, last.path)
        if first:
            warnings.warn(f"{self[0]}. Training goes on; `loader.errors` lists all such samples.", stacklevel=2)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes these samples, and those that were in quarantine, as JSON: the `quarantine` of the next loader."""
        samples = [
            {"index": each.index, "path": each.path, "stage": each.stage, "reason": each.reason}
            for each in [*self.known, *self]
        ]
        # Beside it and then into its place: whoever reads it sees the old report or the new one, and never a part.
        part = Path(f"{os.fspath(path)}.part")
        part.write_text(json.dumps({"amalthea_errors": FORMAT, "samples": samples}, indent=1) + "\n", encoding="utf-8")
        part.replace(path)


def checked_quarantine(value: Any) -> tuple[Quarantine, list[SampleError]]:
    """Returns the samples that a `quarantine` argument names.

    Args:
        value: `loader.errors`, the path of a saved report, indices and paths of samples, or `None`.

    Raises:
        ConfigurationError: If it is something else, or the report cannot be read.
    """
    if value is None:
        return NOTHING, []
    if isinstance(value, str | os.PathLike):
        samples = _read(Path(value))
    elif isinstance(value, Errors):
        samples = [*value.known, *value]
    else:
        try:
            samples = [_named(each) for each in value]
        except TypeError as error:
            raise _unusable(value) from error
    paths = frozenset(absolute(each.path) for each in samples if each.path is not None)
    return Quarantine(frozenset(each.index for each in samples if each.path is None), paths), samples


def _named(each: Any) -> SampleError:
    if isinstance(each, SampleError):
        return each
    if isinstance(each, str | os.PathLike):
        return SampleError(-1, "quarantine", "named by the program", os.fspath(each))
    if hasattr(each, "__index__") and not isinstance(each, bool):
        return SampleError(each.__index__(), "quarantine", "named by the program")
    raise _unusable(each)


def _unusable(value: Any) -> ConfigurationError:
    return ConfigurationError(
        f"`quarantine` holds {value!r}; it must be `loader.errors`, the path of a report saved by it, "
        "or a list of indices and paths of samples."
    )


def _read(path: Path) -> list[SampleError]:
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        if report["amalthea_errors"] != FORMAT:
            raise ValueError(f"its format is {report['amalthea_errors']!r}, not {FORMAT}")
        return [_entry(each["index"], each["stage"], each["reason"], each["path"]) for each in report["samples"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(
            f"`quarantine` is {str(path)!r}, which is not a report saved by `loader.errors.save(path)`: {error!r}."
        ) from error


def _entry(index: Any, stage: Any, reason: Any, path: Any) -> SampleError:
    if type(index) is not int or not isinstance(path, str | None):
        raise ValueError(f"it has a sample of index {index!r} and path {path!r}")
    return SampleError(index, stage, reason, path)


def _limit(max_errors: Any, num_samples: int) -> int | None:
    if max_errors is None:
        return None
    if hasattr(max_errors, "__index__") and not isinstance(max_errors, bool) and max_errors >= 0:
        return operator.index(max_errors)
    if isinstance(max_errors, float) and 0 <= max_errors <= 1:
        return math.ceil(max_errors * num_samples - 1e-9)  # 0.07 * 100 is a little more than 7
    raise ConfigurationError(
        f"`max_errors` is {max_errors!r}; it must be a count (an int of 0 or more), "
        "a share (a float of 0 to 1) or None."
    )
