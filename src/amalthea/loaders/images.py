"""ImageLoader: from image files into the model."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Self

import keras

from amalthea import labels as labelling
from amalthea._checks import check_choice
from amalthea._urls import joined
from amalthea.errors import ConfigurationError
from amalthea.loaders.augmenting import Augmentation
from amalthea.loaders.balancing import balanced
from amalthea.loaders.caching import Share, cached_listing, check_place, share_of
from amalthea.loaders.folders import FolderLoader
from amalthea.loaders.listing import Listing, of_mode, of_table
from amalthea.loaders.loader import listed
from amalthea.loaders.masking import check_masks
from amalthea.loaders.tables import check_columns, column_of, labels_of
from amalthea.rows import Transform
from amalthea.sources.cached import Cached
from amalthea.sources.images import ImageFiles
from amalthea.sources.labelled import Labelled
from amalthea.sources.masks import MaskFiles, Masks
from amalthea.sources.mirrored import mirrored
from amalthea.sources.paths import Paths
from amalthea.sources.pixelwise import Pixelwise
from amalthea.sources.protocol import Source
from amalthea.splits import Split

__all__ = ["ImageLoader"]

Path = str | os.PathLike[str]


class ImageLoader(FolderLoader):
    """Batches of images from files, with their labels.

    A batch is `images`, or `(images, labels)`, or `(images, labels, sample_weight)`. Images have the shape
    `(rows, height, width, channels)` and values of 0 - 255 times `rescale`.

    Args:
        paths: Paths of the image files.
        labels: One integer for each file; with `class_names` a name or a list of names for each; with
            `label_mode="raw"` a number or an array for each, with `"multi_output"` a tuple of columns of these;
            `None`; or `sources.Masks`, which makes y pictures of class numbers, uint8 or int32 of shape
            `(rows, height, width, 1)`.
        image_size: `(height, width)` in pixels, or one integer for both.
        color_mode: `"grayscale"`, `"rgb"` or `"rgba"`.
        interpolation: `"nearest"`, `"bilinear"`, `"bicubic"`, `"area"` (also `"box"`), `"hamming"` or `"lanczos"`
            (also `"lanczos3"`).
        antialias: Whether pictures are smoothed when made smaller.
        crop_to_aspect_ratio: Whether to cut what is beyond the aspect ratio of `image_size` instead of stretching.
        pad_to_aspect_ratio: Whether to add black borders instead of stretching.
        rescale: Factor for each value, for instance `1 / 255`.
        dtype: `"float32"`, `"float16"`, `"float64"` or `"uint8"`.
        data_format: `"channels_last"` or `"channels_first"`; `None` is what Keras is set to.
        label_mode: `"int"` (int32 of shape `(rows,)`), `"binary"` (float32, `(rows, 1)`), `"categorical"` (float32,
            `(rows, classes)`; several ones where a label is a list of names), `"raw"` (the labels as they are),
            `"multi_output"` (a tuple of arrays, of a tuple of columns), `"input"` (the images, as the model gets
            them, for autoencoders; labels are not needed) or `None` (no labels).
        class_names: Names of the classes, in the order of their numbers.
        augment: A transform or a list of them, see `amalthea.transforms`; each gets the image as uint8 of shape
            `(height, width, channels)`, before `rescale`.
        sample_weight: One weight for each file, or `None`.
        class_weight: Sample weights by class: `"balanced"`, or a dict of weights by numbers or names of classes; those
            that are not in it weigh 1.
        sampling_weights: As for `amalthea.Loader`, or `"balanced"`: each class is drawn equally often.
        decoder: `"auto"` is the fastest way; `"pillow"` gives the very pixels of `keras.utils.load_img`.
        cache: `"memory"`, or a folder: images are decoded and resized once, kept as uint8, and augmented anew each
            time. Memory is gone with the program; a folder serves later runs and other programs too, and a file that
            was changed is read anew. `None` is no cache. See `loader.cache`.
        **loader_options: As for `amalthea.Loader`. `transform` gets the finished sample.

    Attributes:
        class_names: Names of the classes, or `None`.
        file_paths: Paths of the files, in the order of the source.
        labels: The label of each, by its number where it is a class, or `None`.
        cache: The cache, `amalthea.sources.Cached`, or `None`: `cache.fill()` fills it at once, `cache.filled` is how
            many images are in it, `cache.nbytes` its size. Loaders for training and validation that come of one call
            share it.

    Raises:
        ConfigurationError: If an argument cannot be used, or there is no room for the cache.
        SampleError: If the first image cannot be read.
    """

    LABEL_MODES: ClassVar[tuple[str | None, ...]] = (*labelling.LABEL_MODES, "input", "multi_output")

    cache: Cached | None = None

    def __init__(
        self,
        paths: Sequence[Path],
        labels: Any = None,
        *,
        image_size: tuple[int, int] | int = (256, 256),
        color_mode: str = "rgb",
        interpolation: str = "bilinear",
        antialias: bool = True,
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        rescale: float | None = None,
        dtype: str = "float32",
        data_format: str | None = None,
        label_mode: str | None = "int",
        class_names: Sequence[str] | None = None,
        augment: Transform | Sequence[Transform] = (),
        sample_weight: Any = None,
        class_weight: Any = None,
        decoder: str = "auto",
        cache: Path | Share | None = None,
        transform: Transform | Sequence[Transform] | None = None,
        **loader_options: Any,
    ) -> None:
        data_format = data_format or keras.config.image_data_format()
        pixelwise = Pixelwise(rescale, dtype, data_format)
        # An augmented image is finished after its augmentation, any other as it is written into its row.
        augments = listed("augment", augment)
        finish: dict[str, Any] = {"dtype": dtype, "rescale": rescale, "data_format": data_format}
        if augments or cache is not None:
            finish = {"dtype": "uint8"}
        images = ImageFiles(
            paths,
            image_size,
            color_mode=color_mode,
            interpolation=interpolation,
            antialias=antialias,
            crop_to_aspect_ratio=crop_to_aspect_ratio,
            pad_to_aspect_ratio=pad_to_aspect_ratio,
            decoder=decoder,
            **finish,
        )
        check_choice("label_mode", label_mode, self.LABEL_MODES)
        listing = of_mode(images.paths, labels, class_names, sample_weight, label_mode)
        self.file_paths, self.class_names, self.labels = images.paths, listing.class_names, listing.labels
        masks = listing.masks
        pictures: Source = images
        if cache is not None:
            share = share_of(cache, images)
            pictures, self.cache = share.images(None if augments else pixelwise), share.cache
        if masks is None:
            source = listing.beside(pictures, label_mode)
        else:
            check_masks(label_mode, loader_options)
            source = Labelled(pictures, _mask_files(images, masks, data_format))
        mask_fill = None if masks is None else masks.fill_value
        augmentation = [Augmentation(augments, pixelwise, mask_fill)] if augments else []
        source, options = balanced(source, listing, label_mode, class_weight, loader_options)
        transforms: list[Transform] = [*augmentation, *listed("transform", transform)]
        if transforms and label_mode == "input":
            transforms.append(mirrored)
        super().__init__(source, transform=transforms, **options)

    @classmethod
    def from_dataframe(
        cls,
        dataframe: Any,
        directory: Path | None = None,
        *,
        x_col: str = "filename",
        y_col: str | Sequence[str] | None = "class",
        weight_col: str | None = None,
        label_mode: str | None = "int",
        class_names: Sequence[str] | None = None,
        shuffle: bool = True,
        seed: int | None = None,
        validation_split: float | None = None,
        subset: str | None = None,
        split_from: str = "back",
        verbose: bool = True,
        **options: Any,
    ) -> Self | tuple[Self, Self]:
        """Returns a loader of the image files that a table lists.

        Args:
            dataframe: A pandas `DataFrame`, or anything that gives a column by its name.
            directory: Folder of the files; `None` if the table has whole paths.
            x_col: Column of the file names.
            y_col: Column of the labels: names, lists of names for `"categorical"`, integers, or numbers for
                `label_mode="raw"`; `None` for no labels. A list of columns is one array of them all for `"raw"`, of
                shape `(rows, columns)`, and a tuple of arrays for `"multi_output"`.
            weight_col: Column of the sample weights, or `None`.
            label_mode: As for `ImageLoader`, except that `"input"` needs no `y_col`.
            class_names: The classes in the order of their numbers; `None` is all names, sorted.
            shuffle: As for `from_directory`.
            seed: As for `from_directory`.
            validation_split: As for `from_directory`.
            subset: As for `from_directory`.
            split_from: As for `from_directory`; from the front are the first rows of the table.
            verbose: Whether to print how many files there are.
            **options: As for `ImageLoader` and `Loader`.

        Returns:
            A loader; for `subset="both"` the training and the validation loader.

        Raises:
            ConfigurationError: If an argument cannot be used.
            SampleError: If the first image cannot be read.
        """
        check_columns(options)
        check_choice("label_mode", label_mode, cls.LABEL_MODES)
        directory = "" if directory is None else os.fspath(directory)
        split = Split(validation_split, subset, shuffle=shuffle, seed=seed, split_from=split_from)
        paths = Paths(_paths(dataframe, x_col, directory))
        labels = labels_of(dataframe, y_col, label_mode)
        weights = None if weight_col is None else column_of(dataframe, "weight_col", weight_col)
        listing = of_table(paths, labels, class_names, weights, label_mode)
        listing = dataclasses.replace(listing, directory=directory)
        return cls._of_listing(listing, split, verbose, {"label_mode": label_mode, **options})

    @classmethod
    def _check_folder(cls, directory: Path, labels: Any, options: dict[str, Any]) -> None:
        check_place(directory, labels, options.get("cache"))

    @classmethod
    def _of_listing(
        cls, listing: Listing, split: Split, verbose: bool, options: dict[str, Any]
    ) -> Self | tuple[Self, Self]:
        if options.get("cache") is None:
            return super()._of_listing(listing, split, verbose, options)
        cached = cached_listing(listing, options["cache"], options)
        size = f"Cache: {cached.share.cache.describe('images')}."  # before the loaders read their first images
        loaders = super()._of_listing(cached, split, verbose, {**options, "cache": None})
        if verbose:
            print(size)
        return loaders

    @classmethod
    def _of_part(cls, part: Listing, options: dict[str, Any], *others: Any) -> Self:
        share = getattr(part, "share", None)
        return super()._of_part(part, options if share is None else {**options, "cache": share}, *others)


def _mask_files(images: ImageFiles, masks: Masks, data_format: str) -> MaskFiles:
    return MaskFiles(
        masks.beside(images.paths),
        images.image_size,
        fit=images.fit,
        fill_value=masks.fill_value,
        dtype=masks.dtype,
        channels_first=data_format == "channels_first",
    )


def _paths(dataframe: Any, x_col: str, directory: Path) -> Iterator[str]:
    for place, path in enumerate(column_of(dataframe, "x_col", x_col)):
        if not isinstance(path, str | os.PathLike):
            raise ConfigurationError(
                f"`x_col`, the column {x_col!r}, holds {path!r} at place {place}; it must be a file name."
            )
        yield joined(os.fspath(directory), os.fspath(path))
