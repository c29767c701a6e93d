"""One audio file: opened, checked and read."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy.typing as npt

from amalthea._urls import is_url
from amalthea.errors import ConfigurationError
from amalthea.sources.contents import content_of

__all__ = ["SUFFIXES", "check_installed", "opened", "read"]

SUFFIXES = (".flac", ".mp3", ".ogg", ".wav")

# What libsndfile notes of a file that has been cut off; it reads what is left of one without an error.
CUT_WAV = re.compile(r"^data *: (\d+) \(should be \d+\)", re.MULTILINE)
CUT_OGG = "without an End-Of-Stream flag"

# A WAV that was written into a pipe says so much, or more: whoever wrote it could not go back to say how much it was.
UNKNOWN_BYTES = 0x7FFF0000

# More samples a byte are silence, or a header that is wrong: a batch must not be as long as that says.
SAMPLES_PER_BYTE = 64

# Without a table of its frames the length of an MP3 is an estimate.
MP3_SHARE = 0.99


def check_installed() -> None:
    """Raises ConfigurationError if the library that reads audio files is missing."""
    try:
        importlib.import_module("soundfile")
    except (ImportError, OSError) as error:  # OSError: it is there, but not the C library behind it
        raise ConfigurationError(
            f'Audio files are read by `soundfile`, which cannot be used: {error}. pip install "amalthea[audio]".'
        ) from error


@contextlib.contextmanager
def opened(path: str) -> Iterator[Any]:
    """Opens an audio file as a `soundfile.SoundFile`.

    Raises:
        OSError: If the file cannot be read.
        ValueError: If it is no audio file, is cut off or holds no audio.
    """
    import soundfile

    try:
        data = content_of(path) if is_url(path) else None
        with soundfile.SoundFile(_named(path) if data is None else io.BytesIO(data)) as file:
            _check(file, lambda: Path(path).stat().st_size if data is None else len(data))
            yield file
    except soundfile.LibsndfileError as error:
        with io.FileIO(path) if data is None else io.BytesIO(data) as plain:  # a missing file says so itself
            empty = not plain.seek(0, io.SEEK_END)
        reason = "it is empty" if empty else f"it is no audio file, or a broken one: {error.error_string or error!r}"
        raise ValueError(reason) from error


def _named(path: str) -> str | bytes:
    # soundfile cannot encode a name that is no valid text; on Windows there is none.
    return os.fsencode(path) if os.name == "posix" else path


def _check(file: Any, size: Callable[[], int]) -> None:
    notes = file.extra_info if file.format in ("WAV", "WAVEX", "OGG") else ""
    cut = CUT_WAV.search(notes)
    if (cut and int(cut[1]) < UNKNOWN_BYTES) or CUT_OGG in notes:
        raise ValueError("it is cut off: its header promises more audio than it holds")
    if not file.frames:
        raise ValueError("it holds no audio: it has a header and 0 samples")
    if not notes and file.frames > SAMPLES_PER_BYTE * size():
        file.seek(file.frames - 1)
        if not len(file.read(1)):
            raise ValueError(f"its header promises {file.frames} samples, which it does not hold")
        file.seek(0)


def read(file: Any, out: npt.NDArray[Any]) -> None:
    """Reads the first frames of an open file.

    Args:
        file: The file.
        out: For them: float32 or float64 of shape `(frames, channels)`, in one piece.

    Raises:
        ValueError: If the file ends too early.
    """
    frames = len(file.read(out=out))
    if frames == len(out):
        return
    if file.format != "MP3" or frames < MP3_SHARE * len(out):
        raise ValueError(f"it is cut off: {frames} of its {file.frames} samples can be read")
    out[frames:] = 0
