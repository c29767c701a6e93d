"""What is in a folder: every file looked at by several threads, and the counts of it."""

from __future__ import annotations

import dataclasses
import functools
import os
import threading
import warnings
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import loky
import numpy as np
import numpy.typing as npt

from amalthea._checks import check_int
from amalthea._progress import progress
from amalthea._urls import absolute
from amalthea.errors import SampleError
from amalthea.loaders.listing import Listing, of_folder
from amalthea.quarantine import Errors
from amalthea.report.copies import Copies, copies_of
from amalthea.report.facts import FACTS, facts_of, suffix_fits
from amalthea.sources.contents import begin, forget, reading_for
from amalthea.sources.files import SUFFIXES, subfolders

__all__ = ["Survey", "list_folder", "survey"]

SPAN = 8  # files that a thread takes at a time
OUTSIDE = "images in no class folder"
HIDDEN = "hidden"


@dataclasses.dataclass(frozen=True)
class Survey:
    """What was found in a folder.

    Attributes:
        directory: The folder.
        listing: The files that a loader would take, with their labels.
        files: What is known of each, of dtype `FACTS`, shape `(files,)`.
        broken: By the number of a file, what is wrong with it.
        left_out: Files that a loader would leave out, counted by suffix.
        quick: Whether headers only were read.
    """

    directory: str
    listing: Listing
    files: npt.NDArray[Any]
    broken: dict[int, str]
    left_out: Counter[str]
    quick: bool = False

    @property
    def labels(self) -> npt.NDArray[np.int64]:
        """The number of the class of each file; 0 where there are no classes."""
        if self.listing.labels is None:
            return np.zeros(len(self.files), np.int64)
        labels: npt.NDArray[np.int64] = self.listing.labels.astype(np.int64)
        return labels

    @property
    def class_names(self) -> list[str]:
        """The names of the classes; none where there are no labels."""
        return list(self.listing.class_names or ())

    def known(self, name: str) -> npt.NDArray[Any]:
        """Returns a field of those files whose header could be read."""
        column: npt.NDArray[Any] = self.files[name][self.files["height"] > 0]
        return column

    @functools.cached_property
    def counts(self) -> npt.NDArray[np.int64]:
        """How many files each class has, int64 of shape `(classes,)`."""
        return np.bincount(self.labels, minlength=len(self.class_names))

    @functools.cached_property
    def broken_counts(self) -> npt.NDArray[np.int64]:
        """How many of them are broken."""
        places = np.fromiter(self.broken, np.int64, len(self.broken))
        return np.bincount(self.labels[places], minlength=len(self.counts))

    @functools.cached_property
    def median_bytes(self) -> float:
        """The size of the file in the middle; empty ones count."""
        return float(np.median(self.files["bytes"]))

    @functools.cached_property
    def copies(self) -> Copies:
        """The files that are the same byte for byte."""
        return copies_of(self.files["digest"], self.labels)

    @functools.cached_property
    def misnamed(self) -> npt.NDArray[np.int64]:
        """The numbers of the files whose suffix is not that of their content."""
        paths, kinds = self.listing.paths, self.files["format"]
        wrong = (
            index for index, kind in enumerate(kinds) if kind and not suffix_fits(paths[index], kind.decode("ascii"))
        )
        return np.fromiter(wrong, np.int64)

    def save_broken(self, path: str) -> None:
        """Writes the broken files as a report that loaders take as `quarantine`."""
        paths = self.listing.paths
        errors = [
            SampleError(index, "source", reason, absolute(paths[index]))  # to be found from anywhere
            for index, reason in sorted(self.broken.items())
        ]
        Errors(len(self.files), None, errors).save(path)


def survey(
    directory: str, labels: str | None = None, *, workers: int | None = None, quick: bool = False, show: bool = True
) -> Survey:
    """Looks at every image of a folder.

    Args:
        directory: The folder; each of its subfolders is a class, if it has any and `labels` is not given.
        labels: Regular expression for the label in the name of a file, or `None`.
        workers: Number of threads; `None` is one for each core.
        quick: Whether to read headers only.
        show: Whether to show progress on a terminal.

    Raises:
        ConfigurationError: If the folder has no images, or cannot be listed, or an argument cannot be used.

    Example:
    >>> found = survey("tests/data")
    >>> len(found.files), found.broken, found.files["width"].tolist()
    (1, {}, [7])
    """
    workers = loky.cpu_count() if workers is None else check_int("workers", workers, minimum=1)
    listing = list_folder(directory, labels)
    files = np.zeros(len(listing.paths), FACTS)
    broken: dict[int, str] = {}
    with warnings.catch_warnings(), progress("Looking at files", len(files), show=show) as advance:
        warnings.simplefilter("ignore")  # of decoders, about files that can be read
        _look(listing.paths, files, broken, workers, quick, advance)
    return Survey(directory, listing, files, broken, _left_out(directory, listing), quick)


def list_folder(directory: str, labels: str | None) -> Listing:
    """Lists the images of a folder, with its subfolders as classes if it has any and `labels` is not given.

    Raises:
        ConfigurationError: If it has no images, or cannot be listed.
    """
    if labels is None and subfolders(directory):
        labels = "inferred"
    return of_folder(directory, labels, None, raw=False, follow_links=False)


def _look(paths: Any, files: Any, broken: dict[int, str], workers: int, quick: bool, advance: Any) -> None:
    starts, lock, stop = iter(range(0, len(files), SPAN)), threading.Lock(), threading.Event()
    reader = object()

    def work() -> None:
        with reading_for(reader):
            look()

    def look() -> None:
        while not stop.is_set():
            with lock:
                start = next(starts, None)
            if start is None:
                return
            span = range(start, min(start + SPAN, len(files)))
            begin(paths[start : span.stop])
            for index in span:
                files[index], problem = facts_of(paths[index], quick=quick)
                if problem is not None:
                    broken[index] = problem
            advance(len(span))

    try:
        with ThreadPoolExecutor(workers) as pool:
            try:
                for future in [pool.submit(work) for _ in range(workers)]:
                    future.result()
            finally:  # an interrupt ends the others too
                stop.set()
    finally:
        forget(reader)


def _left_out(directory: str, listing: Listing) -> Counter[str]:
    """Counts the files of a folder that no loader takes: by suffix, and images that are in no class's folder."""
    found = Counter(_kind(name) for _, _, names in os.walk(directory) for name in names)
    images = sum(found.pop(suffix, 0) for suffix in SUFFIXES)
    found[OUTSIDE] = max(0, images - len(listing.paths))
    del found[HIDDEN]
    return +found


def _kind(name: str) -> str:
    suffix = Path(name).suffix.lower()
    return HIDDEN if name.startswith(".") and suffix not in SUFFIXES else suffix or "without a suffix"
