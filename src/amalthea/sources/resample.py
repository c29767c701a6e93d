"""Another sampling rate for a waveform."""

from __future__ import annotations

import functools
import importlib
import math
from typing import Any

import numpy as np
import numpy.typing as npt

from amalthea.errors import ConfigurationError

__all__ = ["check_installed", "frames_for", "ratio", "resampled", "resampled_length"]

Waveform = npt.NDArray[Any]

# The filter is a sinc of so many zero crossings to each side. With this window what is cut off is 86 dB down.
CROSSINGS = 16
BETA = 8.6

# A header that is wrong by more than this must not make hours out of a second.
MOST = 100


def check_installed() -> None:
    """Raises ConfigurationError if the library that resamples is missing."""
    try:
        importlib.import_module("scipy.signal")
    except ImportError as error:
        raise ConfigurationError(
            "`sampling_rate` is given, but SciPy, which resamples, is not installed: "
            'pip install "amalthea[audio]", or pass `sampling_rate=None`.'
        ) from error


def ratio(rate: int, wanted: int | None) -> tuple[int, int]:
    """Returns the ratio of two rates in lowest terms, `(up, down)`.

    Args:
        rate: The rate that is there, in samples per second.
        wanted: The rate that is wanted, or `None` for the same.

    Raises:
        ValueError: If they are so far apart that one of them is wrong.
    """
    if wanted is None:
        return 1, 1
    if not 1 / MOST <= wanted / rate <= MOST:
        raise ValueError(
            f"its header gives {rate} samples per second, and `sampling_rate` is {wanted}: a rate is changed by a "
            f"factor of {MOST} at most"
        )
    divisor = math.gcd(rate, wanted)
    return wanted // divisor, rate // divisor


def resampled_length(frames: int, up: int, down: int) -> int:
    """Returns how long a waveform becomes."""
    return -(-frames * up // down)


def frames_for(length: int, up: int, down: int) -> int:
    """Returns how many frames decide the first `length` of what they become."""
    reach = 0 if up == down else CROSSINGS * max(up, down) // up + 1
    return length * down // up + 1 + reach


def resampled(waveform: Waveform, up: int, down: int) -> Waveform:
    """Returns a waveform at `up / down` times its rate.

    Args:
        waveform: float32 or float64 of shape `(frames, channels)`.
        up: Of the ratio in lowest terms.
        down: Of the ratio in lowest terms.

    Returns:
        The same dtype, of shape `(resampled_length(frames, up, down), channels)`.

    Example:
    >>> second = np.sin(2 * np.pi * 440 * np.arange(48000) / 48000)[:, np.newaxis]
    >>> resampled(second, 1, 3).shape
    (16000, 1)
    """
    if up == down:
        return waveform
    from scipy.signal import resample_poly

    low_pass = _low_pass(max(up, down)).astype(waveform.dtype)
    changed: Waveform = resample_poly(waveform, up, down, axis=0, window=low_pass)
    return changed


@functools.lru_cache(maxsize=16)
def _low_pass(factor: int) -> npt.NDArray[np.float64]:
    from scipy.signal import firwin

    taps: npt.NDArray[np.float64] = firwin(2 * CROSSINGS * factor + 1, 1 / factor, window=("kaiser", BETA))
    return taps
