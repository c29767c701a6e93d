"""Checks of what becomes of a source in a worker process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from amalthea.errors import AmaltheaError
from amalthea.sources.subset import Subset
from amalthea.testing.findings import Finding, difference, words
from amalthea.workers.parcel import pack

__all__ = ["of_processes", "of_sending"]

REMEDY = "open files and connections when a sample is read, not in `__init__`, or define `__getstate__`"


def of_sending(source: Any) -> Iterator[Finding]:
    """Finds out whether a source can be sent to a worker process."""
    error = _refusal(source)
    if error is not None:
        parts = getattr(source, "__dict__", {})
        culprit = next((f", because of its attribute `{name}`" for name in parts if _refusal(parts[name])), "")
        yield Finding(f"It cannot be sent to a worker process{culprit}: {error}.", REMEDY)


def of_processes(source: Any, indices: Sequence[int], seed: int) -> Iterator[Finding]:
    """Finds out whether a worker process reads the same samples."""
    from amalthea.loaders.loader import Loader  # Keras is imported for this check alone

    part = Subset(source, indices)
    options: dict[str, Any] = {"batch_size": len(indices), "shuffle": False, "seed": seed}
    here = Loader(part, workers=0, **options)
    with Loader(part, workers=1, use_multiprocessing=True, **options) as there:
        try:
            found = difference(here[0], there[0])
        except AmaltheaError as error:
            yield Finding(f"It cannot be read in a worker process: {error}.", REMEDY)
            return
    if found:
        remedy = "let a sample depend on its index alone, not on what the program has set or opened"
        yield Finding(f"A worker process reads other samples: {found}.", remedy)


def _refusal(value: Any) -> str | None:
    try:
        pack(value)
    except Exception as error:  # whatever the pickling of somebody's object raises
        return words(error)
    return None
