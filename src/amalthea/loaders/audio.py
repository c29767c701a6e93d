"""AudioLoader: from audio files into the model."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, ClassVar

from amalthea import labels as labelling
from amalthea._checks import check_choice
from amalthea.loaders.balancing import balanced
from amalthea.loaders.folders import FolderLoader
from amalthea.loaders.listing import of_lists
from amalthea.loaders.loader import listed
from amalthea.loaders.waveforms import Augmentation
from amalthea.rows import Transform
from amalthea.sources.audio import AudioFiles
from amalthea.sources.sound import SUFFIXES

__all__ = ["AudioLoader"]


class AudioLoader(FolderLoader):
    """Batches of waveforms from audio files, with their labels.

    A batch is `waveforms`, or `(waveforms, labels)`, or `(waveforms, labels, sample_weight)`. Waveforms have the shape
    `(rows, samples, channels)` and values between -1 and 1. WAV, FLAC, OGG and MP3 are read; it needs
    `pip install "amalthea[audio]"`.

    Args:
        paths: Paths of the audio files.
        labels: One integer for each file; with `class_names` a name for each; with `label_mode="raw"` a number or an
            array for each; or `None`.
        sampling_rate: Samples per second that every file is brought to; `None` leaves each at its own rate.
        output_sequence_length: Every waveform is cut to this length, or padded to it with zeros at the end; it counts
            samples after resampling. `None`: a batch is as long as its longest waveform, see also `bucket_by_length`.
        channels: Channels that every file is brought to: 1 mixes all into one, the mean; a file of one channel is
            copied to all of several. `None` is what the first file has; a file that has others is an error.
        dtype: `"float16"`, `"float32"` or `"float64"`.
        label_mode: `"int"` (int32 of shape `(rows,)`), `"binary"` (float32, `(rows, 1)`), `"categorical"` (float32,
            `(rows, classes)`), `"raw"` (the labels as they are) or `None` (no labels).
        class_names: Names of the classes, in the order of their numbers.
        augment: A function `(waveform, rng) -> waveform` or a list of them, run in the workers; each gets the waveform
            of shape `(samples, channels)`, without the zeros that fill up a batch.
        sample_weight: One weight for each file, or `None`.
        class_weight: Sample weights by class: `"balanced"`, or a dict of weights by numbers or names of classes; those
            that are not in it weigh 1.
        sampling_weights: As for `amalthea.Loader`, or `"balanced"`: each class is drawn equally often.
        **loader_options: As for `amalthea.Loader`. `transform` gets the finished sample.

    Attributes:
        class_names: Names of the classes, or `None`.
        file_paths: Paths of the files, in the order of the source.
        labels: The label of each, by its number where it is a class, or `None`.

    Raises:
        ConfigurationError: If an argument cannot be used, or a library is missing.
        SampleError: If the first file cannot be read.

    Example:
    >>> import tempfile, wave
    >>> import amalthea
    >>> folder = tempfile.mkdtemp()
    >>> for length in (3, 5):
    ...     with wave.open(f"{folder}/{length}.wav", "wb") as file:
    ...         file.setparams((1, 2, 8000, 0, "NONE", None))
    ...         file.writeframes(bytes(2 * length))
    >>> loader = amalthea.AudioLoader([f"{folder}/3.wav", f"{folder}/5.wav"], labels=[0, 1], shuffle=False)
    >>> waveforms, labels = loader[0]
    >>> waveforms.shape, labels
    ((2, 5, 1), array([0, 1], dtype=int32))
    """

    SUFFIXES: ClassVar[tuple[str, ...]] = SUFFIXES

    def __init__(
        self,
        paths: Sequence[str | os.PathLike[str]],
        labels: Any = None,
        *,
        sampling_rate: int | None = None,
        output_sequence_length: int | None = None,
        channels: int | None = None,
        dtype: str = "float32",
        label_mode: str | None = "int",
        class_names: Sequence[str] | None = None,
        augment: Transform | Sequence[Transform] = (),
        sample_weight: Any = None,
        class_weight: Any = None,
        transform: Transform | Sequence[Transform] | None = None,
        **loader_options: Any,
    ) -> None:
        check_choice("label_mode", label_mode, labelling.LABEL_MODES)
        augments = listed("augment", augment)
        waveforms = AudioFiles(
            paths,
            sampling_rate=sampling_rate,
            output_sequence_length=output_sequence_length,
            channels=channels,
            dtype=dtype,
        )
        listing = of_lists(waveforms.paths, labels, class_names, sample_weight, raw=label_mode == "raw")
        source, options = balanced(
            listing.beside(waveforms, label_mode), listing, label_mode, class_weight, loader_options
        )
        self.file_paths, self.class_names, self.labels = waveforms.paths, listing.class_names, listing.labels
        augmentation = [Augmentation(augments, dtype)] if augments else []
        super().__init__(
            source,
            transform=[*augmentation, *listed("transform", transform)],
            **options,
        )
