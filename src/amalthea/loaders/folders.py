"""What loaders of files in folders share: finding, labelling and splitting them."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np

from amalthea import labels as labelling
from amalthea._checks import check_choice
from amalthea._shared import shared_take
from amalthea._trees import map_leaves
from amalthea.errors import ConfigurationError
from amalthea.loaders.legacy_names import LegacyFileNames, indices_of
from amalthea.loaders.listing import Encoded, LabelRule, Listing, of_folder
from amalthea.loaders.loader import Loader
from amalthea.loaders.parts import untrained
from amalthea.sources import Masks
from amalthea.sources.files import SUFFIXES
from amalthea.sources.paths import Paths
from amalthea.sources.subset import checked_indices
from amalthea.splits import Split

__all__ = ["FolderLoader"]

Path = str | os.PathLike[str]


class FolderLoader(LegacyFileNames, Loader):
    """A loader whose samples are files, or come from them: `cls(paths, labels, ...)`.

    Attributes:
        LABEL_MODES: What `label_mode` may be.
        SUFFIXES: How the names of its files end, in lower case.
        class_names: Names of the classes, or `None`.
        file_paths: Paths of the files, in the order of the source.
        labels: The label of each, by its number where it is a class, or `None`.
        directory: The folder of `from_directory` or `from_dataframe`, which `filenames` are relative to; else `""`.
    """

    LABEL_MODES: ClassVar[tuple[str | None, ...]] = labelling.LABEL_MODES
    SUFFIXES: ClassVar[tuple[str, ...]] = SUFFIXES

    class_names: Sequence[str] | None = None
    file_paths: Sequence[str] | None = None
    labels: Any = None
    cache: Any = None  # that of an ImageLoader, which its parts share

    @classmethod
    def from_directory(
        cls,
        directory: Path,
        labels: LabelRule | Sequence[int] | Masks | None = "inferred",
        *,
        label_mode: str | None = "int",
        class_names: Sequence[str] | None = None,
        shuffle: bool = True,
        seed: int | None = None,
        validation_split: float | None = None,
        subset: str | None = None,
        split_from: str = "back",
        follow_links: bool = False,
        verbose: bool = True,
        **options: Any,
    ) -> Self | tuple[Self, Self]:
        """Returns a loader of the files in a folder and the folders in it.

        For one `seed` the classes, their numbers, the files' order and what is set aside for validation are those of
        Keras' `*_dataset_from_directory`, for the formats that it knows.

        Args:
            directory: The folder.
            labels: `"inferred"` (each subfolder is a class); a regular expression that is searched for in the file
                name (the label is its group `label`, or its first group, or all of the match); a function of the path;
                a list of integers in the order of the sorted paths; `None`; or, for images, `sources.Masks`.
            label_mode: As for the loader itself.
            class_names: The classes in the order of their numbers; files of other subfolders are left out. `None` is
                all, sorted.
            shuffle: Whether each epoch has an order of its own.
            seed: Decides the order, what is set aside for validation, and all augmentation.
            validation_split: Share of the files that is set aside for validation, between 0 and 1.
            subset: `"training"`, `"validation"` or `"both"`, with `validation_split`. The validation loader is
                unshuffled, and its `layers` are told that it is no training; `augment`, `batch_transform`,
                `drop_remainder`, `class_weight`, `sampling_weights`, `bucket_by_length` and `steps_per_epoch` are not
                for it.
            split_from: Which files are set aside. `"back"`: the last ones, after they were shuffled by `seed`.
                `"front"`: the first ones in their sorted order, whatever `seed` is, as by Keras' legacy
                `flow_from_directory`: with `labels="inferred"` those of each class, otherwise those of all.
            follow_links: Whether to go into folders that are symbolic links.
            verbose: Whether to print how many files there are, and to show progress while they are found.
            **options: As for the loader itself and for `Loader`; and for loaders of any files `class_weight`,
                `"balanced"` or a dict of weights by classes, which become sample weights, and
                `sampling_weights="balanced"`, which draws each class equally often.

        Returns:
            A loader; for `subset="both"` the training and the validation loader.

        Raises:
            ConfigurationError: If an argument cannot be used, or the folder has no such files or cannot be read.
            SampleError: If the first file cannot be read.
        """
        if "sample_weight" in options:
            raise ConfigurationError(
                "`sample_weight` is for the loader itself, whose files are in the order of a list."
            )
        cls._check_folder(directory, labels, options)
        split = Split(validation_split, subset, shuffle=shuffle, seed=seed, split_from=split_from)
        raw = check_choice("label_mode", label_mode, cls.LABEL_MODES) == "raw"
        listing = of_folder(
            os.fspath(directory),
            labels,
            class_names,
            raw=raw,
            follow_links=follow_links,
            suffixes=cls.SUFFIXES,
            show=verbose,
        )
        listing = dataclasses.replace(listing, directory=os.fspath(directory))
        return cls._of_listing(listing, split, verbose, {"label_mode": label_mode, **options})

    def part(self, indices: Any, *, training: bool = True) -> FolderLoader:
        """Returns a loader of some of the files, see `Loader.part`; it has their names and labels."""
        source, options = self._part_of(indices, training)
        part = FolderLoader(source, **options)
        chosen = checked_indices(indices, self.num_samples)
        part.class_names, part.cache, part.directory = self.class_names, self.cache, self.directory
        part.class_indices = self.class_indices
        if self.file_paths is not None:
            part.file_paths = Paths(self.file_paths).part(chosen)
        if self.labels is not None:
            part.labels = map_leaves(lambda column: shared_take(column, chosen), self.labels)
        return part

    @classmethod
    def _check_folder(cls, directory: Path, labels: Any, options: dict[str, Any]) -> None:
        """Raises ConfigurationError where the options do not go with the folder, before it is listed."""

    @classmethod
    def _of_listing(
        cls, listing: Listing, split: Split, verbose: bool, options: dict[str, Any]
    ) -> Self | tuple[Self, Self]:
        if verbose:
            print(listing)
        training, validation = listing.parted(split)
        indices = indices_of(listing.class_names, listing.labels)
        loaders = []
        if split.subset != "validation":
            if verbose and split.subset:
                print(f"Using {len(training.paths)} files for training.")
            own = _of_files(options, split, listing)
            own = {**own, "shuffle": split.shuffle, "seed": split.seed}
            loaders.append(cls._of_part(training, own)._named(training, indices))
        if split.subset in ("validation", "both"):
            if verbose:
                print(f"Using {len(validation.paths)} files for validation.")
            plain = untrained(options) | {"shuffle": False, "seed": split.seed}
            loaders.append(cls._of_part(validation, plain, *loaders)._named(validation, indices))
        return (loaders[0], loaders[1]) if len(loaders) == 2 else loaders[0]

    def _named(self, listing: Listing, class_indices: dict[str, int]) -> Self:
        self.labels, self.directory, self.class_indices = listing.labels, listing.directory, class_indices
        return self

    @classmethod
    def _of_part(cls, part: Listing, options: dict[str, Any], training: Self | None = None) -> Self:
        """Returns a loader of these files.

        Args:
            part: The files.
            options: Of the loader.
            training: The loader of the files for training, if these are for validation and there is one.
        """
        labels: Any = part.masks if part.labels is None else Encoded(part.labels)
        make: Any = cls  # a subclass, whose arguments begin with the files and their labels
        loader: Self = make(
            part.paths, labels, class_names=part.class_names, sample_weight=part.sample_weight, **options
        )
        return loader


def _of_files(options: dict[str, Any], split: Split, listing: Listing) -> dict[str, Any]:
    """Returns the options of a loader of the files for training only: they may hold a number for each file."""
    weights = options.get("sampling_weights")
    if weights is None or isinstance(weights, str):
        return options
    size = len(listing.paths)
    if np.shape(weights) != (size,):
        raise ConfigurationError(
            f"`sampling_weights` is of shape {np.shape(weights)}; it must be one number for each of the {size} files."
        )
    return {**options, "sampling_weights": split.parts(np.array(weights), listing.runs)[0]}
