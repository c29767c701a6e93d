"""The files of an ImageLoader with their labels, before they are split and loaded."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence, Sized
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from amalthea import labels as labelling
from amalthea._shared import shared_empty, shared_take
from amalthea._trees import map_leaves
from amalthea.errors import ConfigurationError
from amalthea.loaders.multi_label import has_lists, multi_hot, names_in
from amalthea.sources import Masks
from amalthea.sources.combined import Mapped
from amalthea.sources.files import SUFFIXES, find_files, find_in_each, subfolders
from amalthea.sources.labelled import Labelled
from amalthea.sources.mirrored import Mirrored
from amalthea.sources.paths import Paths
from amalthea.sources.protocol import Source
from amalthea.splits import Split

__all__ = ["Encoded", "Listing", "of_folder", "of_lists", "of_masks", "of_mode", "of_table"]

LabelRule = str | Callable[[str], Any]


@dataclasses.dataclass(frozen=True)
class Encoded:
    """Labels that have been checked and encoded.

    Attributes:
        numbers: One for each file.
    """

    numbers: npt.NDArray[Any]


@dataclasses.dataclass(frozen=True)
class Listing:
    """Files and what is known of each.

    Attributes:
        paths: Their paths.
        labels: The label of each, an array; a tuple of arrays where there are several; or `None`.
        class_names: Names of the classes, or `None`.
        sample_weight: The weight of each, or `None`.
        masks: The labels, if they are pictures: those of these files are found by their names.
        directory: The folder that the paths begin with, or `""`.
        runs: How many files of each class come one after the other, where that is so.
    """

    paths: Sequence[str]
    labels: Any
    class_names: Sequence[str] | None = None
    sample_weight: npt.NDArray[np.float32] | None = None
    masks: Masks | None = None
    directory: str = ""
    runs: Sequence[int] | None = None

    def __str__(self) -> str:
        classes = "" if self.class_names is None else f" belonging to {len(self.class_names)} classes"
        return f"Found {len(self.paths)} files{classes}."

    def part(self, indices: npt.NDArray[np.int64]) -> Self:
        """Returns the listing of these files only."""
        labels = None if self.labels is None else map_leaves(lambda column: shared_take(column, indices), self.labels)
        weights = None if self.sample_weight is None else shared_take(self.sample_weight, indices)
        return self._with(Paths(self.paths).part(indices), labels, weights)

    def parted(self, split: Split) -> tuple[Self, Self]:
        """Returns the files for training and those for validation; the paths of this listing get another order."""
        training, validation = zip(
            Paths(self.paths).parted(lambda places: split.parts(places, self.runs)),
            _parted(self.labels, split, self.runs),
            _parted(self.sample_weight, split, self.runs),
            strict=True,
        )
        return self._with(*training), self._with(*validation)

    def _with(self, paths: Paths, labels: Any, weights: npt.NDArray[Any] | None) -> Self:
        return dataclasses.replace(self, paths=paths, labels=labels, sample_weight=weights, runs=None)

    def beside(self, source: Source, label_mode: str | None) -> Source:
        """Returns a source of x with the labels beside it, in the form that a model wants."""
        if label_mode == "input":
            return Mirrored(source, self.sample_weight)
        if self.labels is None or label_mode is None:
            if self.sample_weight is not None:
                raise ConfigurationError("`sample_weight` is given, but there are no labels that it could belong to.")
            return source
        return Labelled(source, self._targets(label_mode), self.sample_weight)

    def _targets(self, label_mode: str) -> Any:
        if isinstance(self.labels, tuple) != (label_mode == "multi_output"):
            raise ConfigurationError(
                f"`label_mode` is {label_mode!r}; a label of several values, each for an output of its own, goes with "
                "'multi_output', and nothing else does: `from_dataframe(table, y_col=[...])`, or a tuple of arrays."
            )
        if label_mode in ("raw", "multi_output"):
            return self.labels
        if self.labels.ndim == 1:
            return labelling.targets(self.labels, self.class_names or [], label_mode)
        if label_mode != "categorical":
            raise ConfigurationError(
                f"`label_mode` is {label_mode!r}, and labels are lists of classes; they need 'categorical'."
            )
        return Mapped(self.labels, np.float32)


def _parted(column: Any, split: Split, runs: Sequence[int] | None) -> Sequence[Any]:
    """Returns the two parts of a column, or of each of a tuple of them, in memory that workers share."""
    if column is None:
        return None, None
    if isinstance(column, tuple):
        return tuple(zip(*(_parted(each, split, runs) for each in column), strict=True))
    if column.ndim > 1:  # NumPy would swap rows one by one
        return [shared_take(column, indices) for indices in split.indices(len(column), runs)]
    copy = shared_empty(len(column), column.dtype)
    copy[:] = column
    return split.parts(copy, runs)


def of_folder(
    directory: str,
    labels: LabelRule | Sequence[Any] | Masks | None,
    class_names: Sequence[str] | None,
    *,
    raw: bool,
    follow_links: bool,
    suffixes: tuple[str, ...] = SUFFIXES,
    show: bool = False,
) -> Listing:
    """Lists a folder, see `FolderLoader.from_directory`; `show` is whether to show progress."""
    if isinstance(labels, str) and labels == "inferred":
        return _of_subfolders(directory, class_names, follow_links, suffixes, show)
    paths = find_files(directory, follow_links=follow_links, suffixes=suffixes, show=show)
    _check_found(directory, paths, suffixes)
    if isinstance(labels, Masks):
        return of_masks(paths, labels, class_names, None)
    if labels is None:
        if class_names is not None:
            raise ConfigurationError(
                f"`class_names` is {list(class_names)}, but with `labels=None` there are no classes."
            )
        return Listing(paths, None)
    if isinstance(labels, str) or callable(labels):
        found = _by_rule(paths, labels, raw=raw)
        if class_names is None and any(isinstance(each, str) for each in found):
            class_names = sorted({str(each) for each in found})
        return of_lists(paths, found, class_names, None, raw=raw)
    return of_lists(paths, labels, class_names, None, raw=raw)


def _by_rule(paths: Paths, rule: LabelRule, *, raw: bool) -> Sequence[Any] | npt.NDArray[np.float64]:
    if raw and isinstance(rule, str):
        return np.fromiter(map(labelling.number_by(rule), paths), np.float64, len(paths))
    once: dict[str, str] = {}  # the name of a class need not be there for each of its files
    return [
        once.setdefault(label, label) if type(label) is str else label for label in map(labelling.name_by(rule), paths)
    ]


def of_table(
    paths: Sequence[str], labels: Any, class_names: Sequence[str] | None, weights: Any, label_mode: str | None
) -> Listing:
    """Lists the rows of a table: where all labels are names, or lists of them, they are the classes, sorted."""
    if labels is not None and class_names is None and label_mode not in ("raw", "multi_output"):
        class_names = names_in(labels)
    return of_mode(paths, labels, class_names, weights, label_mode)


def of_mode(
    paths: Sequence[str], labels: Any, class_names: Sequence[str] | None, weights: Any, label_mode: str | None
) -> Listing:
    """Lists files whose labels may have any form that an ImageLoader takes."""
    if isinstance(labels, Masks):
        return of_masks(paths, labels, class_names, weights)
    if label_mode == "input" and labels is None:
        return dataclasses.replace(of_lists(paths, None, class_names, None, raw=True), sample_weight=_weights(weights))
    if label_mode == "multi_output" and isinstance(labels, tuple) and labels:
        _check_nameless(class_names)
        columns = [of_lists(paths, column, None, weights, raw=True) for column in labels]
        return dataclasses.replace(columns[0], labels=tuple(each.labels for each in columns))
    return of_lists(paths, labels, class_names, weights, raw=label_mode in ("raw", "multi_output"))


def of_lists(
    paths: Sequence[str], labels: Any, class_names: Sequence[str] | None, weights: Any, *, raw: bool
) -> Listing:
    """Lists files with a label and a weight for each, or `None`."""
    if isinstance(labels, Encoded):  # for all parts of a split alike
        return Listing(paths, labels.numbers, class_names, weights)
    if labels is None:
        for name, value in (("class_names", class_names), ("sample_weight", weights)):
            if value is not None:
                raise ConfigurationError(f"`{name}` is given, but there are no labels that it could belong to.")
        return Listing(paths, None)
    if not isinstance(labels, Sized) or isinstance(labels, str | bytes):
        raise ConfigurationError(f"`labels` is {labels!r}; it must hold one label for each file.")
    if len(labels) != len(paths):
        raise ConfigurationError(f"`labels` has {len(labels)} entries, and there are {len(paths)} files.")
    if not raw and class_names is not None and has_lists(labels):
        return Listing(paths, multi_hot(labels, class_names), list(class_names), _weights(weights))
    return Listing(paths, *labelling.encoded(labels, class_names, raw=raw), _weights(weights))


def _check_nameless(class_names: Sequence[str] | None) -> None:
    if class_names is not None:
        raise ConfigurationError(
            f"`class_names` is {list(class_names)}, and `label_mode` 'multi_output', whose labels are values as they "
            "are and no classes: leave it out."
        )


def of_masks(paths: Sequence[str], masks: Masks, class_names: Sequence[str] | None, weights: Any) -> Listing:
    """Lists images whose labels are pictures."""
    if weights is not None:
        raise ConfigurationError(
            "`sample_weight` is given, and `labels` are masks: Keras takes no weight of an image beside a label for "
            "each of its pixels. Draw images by `sampling_weights`, or weigh the classes in the loss."
        )
    return Listing(paths, None, class_names, masks=masks)


def _weights(weights: Any) -> npt.NDArray[np.float32] | None:
    if weights is None:
        return None
    for place, weight in enumerate(weights):
        if not isinstance(weight, int | float | np.number) or not math.isfinite(weight):
            raise ConfigurationError(f"`sample_weight` holds {weight!r} at place {place}; it must be a finite number.")
    return np.asarray(weights, np.float32)


def _of_subfolders(
    directory: str, class_names: Sequence[str] | None, follow_links: bool, suffixes: tuple[str, ...], show: bool
) -> Listing:
    found = subfolders(directory)
    if not found:
        raise ConfigurationError(
            f"The folder {directory!r} has no subfolders; with `labels='inferred'` each subfolder is a class. Pass "
            "`labels=None`, or a list, a regular expression on the file name or a function that gives the labels."
        )
    if len(set(class_names or ())) != len(class_names or ()):
        raise ConfigurationError(f"`class_names` names a class twice: {class_names}.")
    missing = sorted(set(class_names or ()) - set(found))
    if missing:
        raise ConfigurationError(f"`class_names` names {missing}; the subfolders of {directory!r} are {found}.")
    classes = list(class_names) if class_names is not None else found
    paths, counts = find_in_each(directory, classes, follow_links=follow_links, suffixes=suffixes, show=show)
    _check_found(directory, paths, suffixes)
    labels = np.repeat(np.arange(len(classes), dtype=np.int32), counts)
    return Listing(paths, labels, classes, runs=counts.tolist())


def _check_found(directory: str, paths: Paths, suffixes: tuple[str, ...]) -> None:
    if not paths:
        what = "image" if suffixes is SUFFIXES else "file of its kind"
        raise ConfigurationError(
            f"There is no {what} in the folder {directory!r}; its name would end in {', '.join(suffixes)}."
        )
