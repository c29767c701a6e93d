"""Sounds for the tests: files of noise and of pure tones, and how alike two waveforms are."""

import math
import os
import struct

import numpy as np
import soundfile

SUFFIXES = (".wav", ".flac", ".ogg", ".mp3")


def snr(waveform, truth):
    """How alike a waveform is to the true one, in dB; more is more alike."""
    truth = np.asarray(truth, np.float64)
    error = np.mean((np.asarray(waveform, np.float64) - truth) ** 2)
    return math.inf if error == 0 else 10 * math.log10(np.mean(truth**2) / error)


def tone(frequency, rate, seconds=1.0, channels=1):
    """A sine, float64 of shape `(samples, channels)`."""
    places = np.arange(round(rate * seconds)) / rate
    return np.repeat(0.5 * np.sin(2 * np.pi * frequency * places)[:, np.newaxis], channels, axis=1)


def pcm(length, channels=1, seed=0):
    """Noise of all values of 16 bits, int16 of shape `(length, channels)`."""
    return np.random.default_rng([seed, length, channels]).integers(-(2**15), 2**15, (length, channels), np.int16)


def write(path, samples, rate=16000, **options):
    """Writes a file; returns its path."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    soundfile.write(path, samples, rate, **options)
    return str(path)


def write_all(root, lengths, *, channels=1, classes=("down", "up"), suffix=".wav"):
    """Writes a file of noise for each length, turn by turn to the classes; returns the paths."""
    return [
        write(root / classes[place % len(classes)] / f"{place:03}{suffix}", pcm(length, channels, place))
        for place, length in enumerate(lengths)
    ]


def wav(samples, *, rate=16000, channels=1, bits=16, kind=1, data_bytes=None):
    """The bytes of a WAV file whose header says whatever it is told to."""
    data = samples.astype("<i2").tobytes()
    size = len(data) if data_bytes is None else data_bytes
    form = struct.pack("<HHIIHH", kind, channels, rate, rate * channels * 2 % 2**32, channels * 2, bits)
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", size) + data
    return b"RIFF" + struct.pack("<I", min(36 + size, 2**32 - 1)) + body
