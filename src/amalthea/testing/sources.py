"""Checks of sources."""

from __future__ import annotations

import copy
import pickle
import random
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from amalthea.errors import ConfigurationError
from amalthea.testing.findings import Finding, difference, raise_for, words
from amalthea.testing.processes import of_processes, of_sending
from amalthea.testing.samples import of_kind, of_length, of_names
from amalthea.testing.turns import all_at_once
from amalthea.testing.ways import Way, as_row, ways_of

__all__ = ["check_source"]

GLOBAL = "draw from the `rng` that a transform or `source.draw(index, rng)` is given, not from a global generator"
ALONE = "let a sample depend on its index alone; what is random belongs into a transform or `source.draw(index, rng)`"


def check_source(source: Any, *, seed: int = 0, max_samples: int = 64, processes: bool = True) -> None:
    """Raises an error that names all that is wrong with a source; returns if nothing is.

    Checked are its length, the shapes and dtypes of its samples, that a sample is the same whenever and however it is
    read (a second time, by `read_into` and `read_rows`, by several threads at once, in a worker process), that it
    stays as it is when others are read, and that no global random state is used.

    Args:
        source: The source.
        seed: For the generators that a source with `draw` is given.
        max_samples: So many samples are read, from the first to the last.
        processes: Whether it is read in a worker process too, which takes about a second.

    Raises:
        CheckError: An `AssertionError` with all `findings`, each with a remedy.
        ConfigurationError: If it is a class or a loader.

    Example:
    >>> check_source([1.0, 2.0, 3.0], processes=False)
    >>> check_source([1.0, (2.0, 0)], processes=False)
    Traceback (most recent call last):
    amalthea.testing.findings.CheckError: list has 1 defect:
    - Sample 1 is ('float32 ()', 'int64 ()'), sample 0 is float32 ().
      Remedy: make all samples alike in the source or in a transform: the same keys, shapes and dtypes
    """
    if isinstance(source, type):
        raise ConfigurationError(f"`source` is the class {source.__name__}; pass an instance of it.")
    if hasattr(source, "on_epoch_end"):
        raise ConfigurationError(
            f"`source` is a {type(source).__name__}, which gives batches. For a loader there is `check_loader`; what "
            "it reads from is `loader.source`."
        )
    raise_for(source, _findings(source, seed, max_samples, processes))


def _findings(source: Any, seed: int, max_samples: int, processes: bool) -> list[Finding]:
    found = list(of_length(source))
    if found:
        return found
    found += of_sending(source) if processes else ()
    indices = np.unique(np.linspace(0, len(source) - 1, max_samples).astype(np.int64)).tolist()
    before = _global_state()
    read = _read(lambda index: source[index], indices)
    wrong = _of_broken(read.broken, len(source))
    if read.copies:
        wrong += [*of_kind(source, read.copies), *of_names(source, indices)]
    if wrong:  # all else would only say so again
        return found + wrong
    for way, function in ways_of(source, read.copies[0], seed).items():
        found += _of_way(source, way, function, read.copies)
    if _global_state() != before:
        found.append(Finding("Reading it changes the global random state of NumPy or Python.", GLOBAL))
    return found if found or not processes else list(of_processes(source, indices, seed))


class _Read(NamedTuple):
    """What samples were, by their indices.

    Attributes:
        given: As they were given.
        copies: As they were when they were given.
        broken: The errors of those that could not be read.
    """

    given: dict[int, Any]
    copies: dict[int, Any]
    broken: dict[int, str]


def _read(read: Way, indices: Sequence[int]) -> _Read:
    done = _Read({}, {}, {})
    for index in indices:
        try:
            done.given[index] = read(index)
            done.copies[index] = copy.deepcopy(done.given[index])
        except Exception as error:  # a stranger's code may raise anything
            done.broken[index] = words(error)
    return done


def _of_broken(broken: dict[int, str], size: int) -> list[Finding]:
    if not broken:
        return []
    index, error = next(iter(broken.items()))
    more = f", and {len(broken) - 1} more of those that were read" if len(broken) > 1 else ""
    remedy = "mend or leave out these samples, or pass `on_error='skip'` to the loader"
    if error.startswith("IndexError") and size - 1 in broken:
        remedy = f"let `len(source)`, {size}, be the number of samples that there are"
    return [Finding(f"Sample {index} cannot be read{more}: {error}.", remedy)]


def _of_way(source: Any, way: str, function: Way, samples: dict[int, Any]) -> Iterator[Finding]:
    """Finds the first thing that is wrong with one of the ways to read the source.

    Args:
        source: The source.
        way: What the user calls it.
        function: Reads a sample.
        samples: What `source[i]` gave.
    """
    indices = list(samples)
    read = _read(function, indices)
    if read.broken:
        index, error = next(iter(read.broken.items()))
        yield Finding(f"`{way}` fails for sample {index}, which `source[i]` gives: {error}.", f"mend `{way}`")
        return
    if way in ("read_into", "read_rows"):
        found = _differing({index: as_row(source, samples[index]) for index in indices}, read.copies)
        if found:
            yield Finding(f"`{way}` gives {found} than `source[i]`.", f"let `{way}` write all of what `source[i]` is")
            return
    found = _differing(read.copies, _read(function, indices[::-1]).copies)
    if found:
        yield Finding(f"It is not deterministic: `{way}` gives {found} when it is read again.", ALONE)
    reused = _differing(read.copies, read.given)
    if reused:
        remedy = "return a new array each time, or one that nothing is written into later"
        yield Finding(f"A sample changes when others are read: `{way}` gave {reused}.", remedy)
    if found or reused:  # threads would only show it again
        return
    found = _in_threads(function, read.copies)
    if found:
        remedy = "keep nothing between reads that threads share, or one for each of them (`threading.local`)"
        yield Finding(f"It is not thread-safe: `{way}` gives {found} when several threads read.", remedy)


def _differing(expected: dict[int, Any], given: dict[int, Any]) -> str | None:
    for index, sample in expected.items():
        if index not in given:
            return f"no sample {index} but an error"
        found = difference(sample, given[index])
        if found:
            return f"another sample {index} ({found})"
    return None


def _in_threads(read: Way, expected: dict[int, Any]) -> str | None:
    """Returns what differs when threads read at once, each from another sample on."""
    indices = list(expected)

    def work(share: float) -> str | None:
        start = int(share * len(indices))
        for index in [*indices[start:], *indices[:start]]:
            differing = _differing({index: expected[index]}, _read(read, [index]).copies)
            if differing:
                return differing
        return None

    return all_at_once(work)


def _global_state() -> bytes:
    return pickle.dumps((random.getstate(), np.random.get_state()))
