"""Numbers for the words of many texts, faster than Python can make the words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from amalthea.errors import ConfigurationError
from amalthea.sources._splitting import SEPARATOR, Splitter

__all__ = ["Ids", "Lengths", "check_many", "checked_text", "chunks", "numbered"]

Ids = npt.NDArray[np.int32]
Lengths = npt.NDArray[np.int64]

CHUNK = 1 << 16  # characters: what is made of them lies in the processor's cache
WIDTH = 16  # bytes of a word that can be remembered
SLOT_BITS = 17

# Two odd numbers that spread the bits of a word over the slots.
MIX = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)

# For each length, ones where a word of it has ended.
ENDED = np.where(np.arange(WIDTH) < np.arange(WIDTH + 1)[:, np.newaxis], 0, 255).astype(np.uint8).view(np.uint64)


def check_many(texts: Any) -> None:
    """Raises ConfigurationError if texts are a single one, which is an iterable of texts too."""
    if isinstance(texts, str | bytes):
        raise ConfigurationError(f"`texts` is the single text {texts!r:.80}; it must be a list of texts.")


def checked_text(place: int, text: Any) -> str:
    """Returns a text.

    Raises:
        ConfigurationError: If it is none.
    """
    if not isinstance(text, str):
        raise ConfigurationError(
            f"`texts` holds {text!r:.80} of type {type(text).__name__} at place {place}; each must be a str: leave out "
            "what is missing or write '', and decode bytes."
        )
    return text


def chunks(texts: Iterable[Any], size: int = CHUNK) -> Iterator[list[str]]:
    """Gives texts in lists of about so many characters, whatever their number.

    Raises:
        ConfigurationError: If one of them is no text.
    """
    chunk: list[str] = []
    characters = 0
    for place, text in enumerate(texts):
        chunk.append(text if isinstance(text, str) else checked_text(place, text))
        characters += len(text) + 1
        if characters >= size:
            yield chunk
            chunk, characters = [], 0
    if chunk:
        yield chunk


def numbered(texts: Iterable[str], splitter: Splitter, number: Callable[[bytes], int]) -> Iterator[tuple[Ids, Lengths]]:
    """Gives the numbers of all words, and how many words each text has, chunk by chunk.

    Args:
        texts: The texts.
        splitter: Splits them.
        number: Gives the number of a word, always the same one. It is called in the order of the texts at the first
            occurrence of each word, and now and then later.
    """
    memory = _Memory(number)
    for chunk in chunks(texts):
        data, ends = splitter.many(chunk)
        ids, starts = memory.numbers(data)
        yield ids, np.diff(np.searchsorted(starts, ends), prepend=0)


class _Memory:
    """Remembers words of up to 16 bytes, each in a slot that its bytes choose.

    All words that are met again are looked up at once. Only the others become objects of Python, and are asked for.
    """

    def __init__(self, number: Callable[[bytes], int]) -> None:
        self._number = number
        # A word is filled up with ones, so that no word is all ones: that is an empty slot.
        self._words = np.full((1 << SLOT_BITS, 2), 2**64 - 1, np.uint64)
        self._numbers = np.zeros(1 << SLOT_BITS, np.int32)

    def numbers(self, data: bytes) -> tuple[Ids, Lengths]:
        """Returns the number of each word, and where it starts."""
        data = SEPARATOR + data + SEPARATOR * WIDTH  # so that each word has two ends, and 16 bytes can be read from it
        letters = np.frombuffer(data, np.uint8)
        inside = letters != SEPARATOR[0]
        edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
        starts, lengths = edges[::2], edges[1::2] - edges[::2]
        windows: npt.NDArray[Any] = np.ndarray((len(data) - WIDTH + 1,), f"S{WIDTH}", letters, strides=(1,))
        # shape (words, 2): the first 16 bytes of each as two numbers; `take` is ten times as fast as an index here
        words = windows[starts].view(np.uint64).reshape(-1, 2)
        words |= ENDED.take(np.minimum(lengths, WIDTH), axis=0)
        mixed = words[:, 0] * MIX[0] + words[:, 1] * MIX[1]
        slots = (mixed >> np.uint64(64 - SLOT_BITS)).view(np.int64)
        known = self._words.take(slots, axis=0)
        same = (known[:, 0] == words[:, 0]) & (known[:, 1] == words[:, 1]) & (lengths <= WIDTH)
        ids = self._numbers.take(slots)
        ask = np.flatnonzero(~same)
        spans = zip(starts[ask].tolist(), edges[1::2][ask].tolist(), strict=True)
        ids[ask] = np.fromiter(map(self._number, [data[start:stop] for start, stop in spans]), np.int32, len(ask))
        learn = ask[lengths[ask] <= WIDTH]
        self._words[slots[learn]], self._numbers[slots[learn]] = words[learn], ids[learn]
        return ids, starts - 1
