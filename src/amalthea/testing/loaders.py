"""Checks of loaders."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from amalthea._trees import map_leaves
from amalthea.errors import AmaltheaError, ConfigurationError
from amalthea.testing.findings import Finding, difference, raise_for, words
from amalthea.testing.turns import frequent_turns

if TYPE_CHECKING:
    from amalthea.loaders.loader import Loader

__all__ = ["check_loader"]

# Batches by epoch and place.
Batches = dict[tuple[int, int], Any]

EPOCHS = (0, 1)

# What a loader may be made with, and what the user calls it.
CREWS: dict[str, dict[str, Any]] = {
    "one thread": {"workers": 1},
    "three threads": {"workers": 3},
    "two processes": {"workers": 2, "use_multiprocessing": True},
}

# What changes samples but not their order.
OF_SAMPLES = ("transform", "batch_transform", "layers", "quarantine")

REMEDY = (
    "check the source with `check_source`; let transforms draw from their `rng` alone and keep nothing between calls"
)


def check_loader(loader: Loader, *, max_batches: int = 8, processes: bool = True) -> None:
    """Raises an error that names all that is wrong with a loader's batches; returns if nothing is.

    The loader is made again from its source and its arguments, with other workers; it is not read itself. Checked
    are that the batches of two epochs are the same with no worker, with threads and with processes, and in the order
    in which `fit` asks for them; that they have one shape; and that each sample comes once an epoch.

    Args:
        loader: A `Loader`, or one of its kind.
        max_batches: So many batches of an epoch are read; the order is checked for all of them.
        processes: Whether processes are tried too, which takes about a second.

    Raises:
        CheckError: An `AssertionError` with all `findings`, each with a remedy.
        ConfigurationError: If it is no such loader.

    Example:
    >>> import amalthea
    >>> check_loader(amalthea.Loader([1.0, 2.0, 3.0], batch_size=2), processes=False)
    """
    if not hasattr(loader, "_options"):
        raise ConfigurationError(
            f"`loader` is of type {type(loader).__name__}; it must be an `amalthea.Loader`, or one of its kind. For a "
            "`SequenceLoader` compare its batches with those of the sequence."
        )
    raise_for(loader, _findings(loader, max_batches, processes))


def _findings(loader: Loader, max_batches: int, processes: bool) -> list[Finding]:
    try:
        expected = _batches(_again(loader), max_batches)
    except AmaltheaError as error:
        return [Finding(f"Its batches cannot be made: {error}.", "mend the sample, or pass `on_error='skip'`")]
    found = list(_of_shapes(loader, expected))
    for crew, options in CREWS.items():
        if processes or "use_multiprocessing" not in options:
            found += _of_crew(loader, crew, options, expected)
    return found + list(_of_fit(loader, expected)) + list(_of_order(loader))


def _again(loader: Loader, source: Any = None, **changes: Any) -> Loader:
    """Returns a loader with the arguments of this one, without workers if nothing else is said."""
    from amalthea.loaders.loader import Loader  # Keras is imported when there is a loader to check

    alone = {"workers": 0, "use_multiprocessing": False, "timeout_s": None}
    return Loader(loader.source if source is None else source, **{**loader._options, **alone, **changes})


def _batches(loader: Loader, count: int) -> Batches:
    """Returns copies of the first batches of two epochs, by epoch and place."""
    made: Batches = {}
    with loader:
        for epoch in EPOCHS:
            loader.set_epoch(epoch)
            for place, batch in enumerate(itertools.islice(loader, count)):
                made[epoch, place] = map_leaves(np.array, batch)
    return made


def _of_shapes(loader: Loader, batches: Batches) -> Iterator[Finding]:
    size, full = loader.num_samples, loader._options["batch_size"]
    allowed = {min(full, size), size % full}
    for (epoch, place), batch in batches.items():
        rows = sorted({len(leaf) for leaf in _leaves(batch)})
        if len(rows) > 1 or not allowed.issuperset(rows):
            yield Finding(
                f"Batch {place} of epoch {epoch} has arrays of {rows} rows; `batch_size` is {full}.",
                "let `batch_transform` return as many rows as it is given",
            )
            return


def _leaves(tree: Any) -> list[Any]:
    leaves: list[Any] = []
    map_leaves(leaves.append, tree)
    return leaves


def _of_crew(loader: Loader, crew: str, options: dict[str, Any], expected: Batches) -> Iterator[Finding]:
    max_batches = len(expected) // len(EPOCHS)
    try:
        with frequent_turns():
            made = _batches(_again(loader, **options), max_batches)
    except Exception as error:  # a stranger's object may raise anything when it is sent
        yield Finding(f"With {crew} its batches cannot be made: {words(error)}.", REMEDY)
        return
    for (epoch, place), batch in expected.items():
        found = difference(batch, made[epoch, place])
        if found:
            yield Finding(f"With {crew}, batch {place} of epoch {epoch} is another than with none: {found}.", REMEDY)
            return


def _of_fit(loader: Loader, expected: Batches) -> Iterator[Finding]:
    """Asks for batches as `fit` does: of a shuffled loader in an order that Keras draws."""
    asked = _again(loader)
    numbers = np.arange(len(loader))
    if loader._options["shuffle"]:
        numbers = np.random.default_rng(0).permutation(len(loader))
    asked.on_epoch_begin()
    for place in range(len(expected) // len(EPOCHS)):
        found = difference(expected[0, place], asked[int(numbers[place])])
        if found:
            yield Finding(f"In `fit` batch {place} is another than in a loop: {found}.", REMEDY)
            return


def _of_order(loader: Loader) -> Iterator[Finding]:
    """Counts how often each sample comes in an epoch; drawn by weights it may come as often as it will."""
    if loader._options["sampling_weights"] is not None:
        return
    changes = dict.fromkeys(OF_SAMPLES) | {"on_error": "raise", "steps_per_epoch": None, "workers": 2}
    size = loader.num_samples
    left_out = size % loader._options["batch_size"] if loader._options["drop_remainder"] else 0
    source = _Numbers(loader.source, by_length=loader._options["bucket_by_length"])
    with _again(loader, source, **changes) as numbers:
        for epoch in EPOCHS:
            counts = np.bincount(np.concatenate([indices.copy() for _, indices in numbers]), minlength=size)
            if counts.max() > 1 or counts.sum() != size - left_out:
                yield Finding(
                    f"In epoch {epoch} sample {counts.argmax()} comes {counts.max()} times, and "
                    f"{(counts == 0).sum()} samples do not come.",
                    "this is a defect of Amalthea, please report it",
                )
                return


class _Numbers:
    """Samples that tell their index, as long as those of a source if the order depends on it."""

    def __init__(self, source: Any, *, by_length: bool) -> None:
        self._size, self.lengths = len(source), source.lengths if by_length else None

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, index: int) -> Any:
        shape = () if self.lengths is None else (int(self.lengths[index]),)
        return np.zeros(shape, np.uint8), np.int64(index)

    def read_rows(self, indices: Any, rows: Any) -> None:
        """Writes several at once, or one."""
        rows[0][...] = 0
        rows[1][...] = indices

    read_into = read_rows

    def pad(self, sample: Any, row: Any) -> None:
        """Writes zeros, of whatever length."""
        row[...] = 0
