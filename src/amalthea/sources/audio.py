"""Audio files as a source: read, mixed, resampled and written into a row."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from amalthea._checks import check_choice, check_int
from amalthea._shared import shared_empty
from amalthea._write import write
from amalthea.errors import ConfigurationError
from amalthea.sources import resample, sound
from amalthea.sources.contents import check_readable, fetcher, in_turn
from amalthea.sources.paths import Paths

__all__ = ["AudioFiles"]

Waveform = npt.NDArray[Any]


class AudioFiles:
    """Waveforms of files: WAV, FLAC, OGG and MP3, float numbers between -1 and 1 of shape `(samples, channels)`.

    It needs `soundfile`, and to resample SciPy: `pip install "amalthea[audio]"`.

    Args:
        paths: Paths of the files.
        sampling_rate: Samples per second that every file is brought to; `None` leaves each at its own rate.
        output_sequence_length: Every waveform is cut to this length, or padded to it with zeros at the end. `None`
            leaves their lengths alone: a batch is as long as its longest waveform. It counts samples after resampling.
        channels: Channels that every file is brought to: 1 mixes all into one, the mean; a file of one channel is
            copied to all of several. `None` is what the first file has; a file that has others is an error.
        dtype: `"float16"`, `"float32"` or `"float64"`.

    Attributes:
        paths: Paths of the files.
        lengths: How long each waveform is, from the headers of the files, int64 of shape `(files,)`; `None` with
            `output_sequence_length`. A file without a readable header has 0.

    Raises:
        ConfigurationError: If an argument cannot be used, or a library is missing.

    Example:
    >>> import tempfile, wave
    >>> path = tempfile.mkdtemp() + "/ramp.wav"
    >>> with wave.open(path, "wb") as file:
    ...     file.setparams((1, 2, 8000, 0, "NONE", None))
    ...     file.writeframes(np.array([0, 8192, -32768], "<i2").tobytes())
    >>> AudioFiles([path])[0].tolist()
    [[0.0], [0.25], [-1.0]]
    >>> AudioFiles([path], output_sequence_length=5)[0].ravel().tolist()
    [0.0, 0.25, -1.0, 0.0, 0.0]
    """

    def __init__(
        self,
        paths: Sequence[str | os.PathLike[str]],
        *,
        sampling_rate: int | None = None,
        output_sequence_length: int | None = None,
        channels: int | None = None,
        dtype: str = "float32",
    ) -> None:
        if isinstance(paths, str | bytes):
            raise ConfigurationError(f"`paths` is the single string {paths!r}; it must be a list of paths.")
        self._rate = _checked("sampling_rate", sampling_rate)
        self._length = _checked("output_sequence_length", output_sequence_length)
        self._mixes = _checked("channels", channels) is not None
        self._dtype = np.dtype(check_choice("dtype", dtype, ("float16", "float32", "float64")))
        sound.check_installed()
        if self._rate is not None:
            resample.check_installed()
        self.paths = paths if isinstance(paths, Paths) else Paths(paths)
        check_readable(self.paths)
        self._channels = self._first_channels() if channels is None else channels
        self.lengths = self._lengths() if self._length is None else None

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> Waveform:
        with sound.opened(self.paths[index]) as file:
            length = self._length or self._length_of(file)
            waveform = np.empty((length, self._channels), self._dtype)
            self._read(file, waveform)
        return waveform

    def name(self, index: int) -> str:
        """Returns the path of a file."""
        return self.paths[index]

    @property
    def fetch_ahead(self) -> Callable[[npt.NDArray[np.int64]], None] | None:
        """Begins to fetch files that will be asked for soon, where they are behind URLs."""
        return fetcher(self.paths)

    def read_into(self, index: int, row: Waveform) -> None:
        """Writes a waveform into its row, of its length or longer."""
        with sound.opened(self.paths[index]) as file:
            self._read(file, row)

    def pad(self, sample: Waveform, row: Waveform) -> None:
        """Writes a waveform into a row that is longer, with zeros behind it."""
        write(row[: len(sample)], sample)
        row[len(sample) :] = 0

    def _read(self, file: Any, row: Waveform) -> None:
        self._check_channels(file)
        up, down = resample.ratio(file.samplerate, self._rate)
        frames = min(file.frames, resample.frames_for(len(row), up, down))
        as_is = up == down and file.channels == row.shape[1] and self._dtype != np.float16
        if as_is and row.flags.c_contiguous:
            frames = min(frames, len(row))
            sound.read(file, row[:frames])
            row[frames:] = 0
            return
        waveform = np.empty((frames, file.channels), np.float32 if self._dtype == np.float16 else self._dtype)
        sound.read(file, waveform)
        waveform = resample.resampled(_mixed(waveform, row.shape[1]), up, down)
        self.pad(waveform[: len(row)], row)

    def _check_channels(self, file: Any) -> None:
        if file.channels == self._channels or (self._mixes and 1 in (file.channels, self._channels)):
            return
        raise ValueError(
            f"it has {file.channels} channels, where {self._channels} are wanted"
            + ("" if self._mixes else ", as the first file has; pass `channels=1` to mix all files down to one")
        )

    def _length_of(self, file: Any) -> int:
        return resample.resampled_length(file.frames, *resample.ratio(file.samplerate, self._rate))

    def _first_channels(self) -> int:
        """Returns the channels of the first file that can be opened; what is wrong with others shows in its turn."""
        for path in self.paths:
            try:
                with sound.opened(path) as file:
                    return int(file.channels)
            except (OSError, ValueError):
                continue
        return 1

    def _lengths(self) -> npt.NDArray[np.int64]:
        # One after the other: soundfile opens one file at a time in a process, whoever asks.
        lengths: npt.NDArray[np.int64] = shared_empty(len(self), np.int64)
        for place, length in enumerate(in_turn(len(self), self._length_in_header, fetcher(self.paths))):
            lengths[place] = length
        return lengths

    def _length_in_header(self, place: int) -> int:
        try:
            with sound.opened(self.paths[place]) as file:
                return self._length_of(file)
        except (OSError, ValueError):  # it is an error, or passed over, when it is read
            return 0


def _checked(name: str, value: int | None) -> int | None:
    return None if value is None else check_int(name, value, minimum=1)


def _mixed(waveform: Waveform, channels: int) -> Waveform:
    if waveform.shape[1] == channels:
        return waveform
    return waveform.mean(axis=1, keepdims=True) if channels == 1 else np.repeat(waveform, channels, axis=1)
