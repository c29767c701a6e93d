"""Splitting texts into words, as the legacy `Tokenizer` of Keras does, by what runs in C."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from amalthea.errors import ConfigurationError

__all__ = ["FILTERS", "SEPARATOR", "Splitter", "as_bytes", "as_text"]

FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'

# A byte that occurs in no UTF-8.
SEPARATOR = b"\xff"


def as_bytes(text: str) -> bytes:
    """Returns a text as UTF-8; lone surrogates, which are none, too."""
    return text.encode("utf-8", "surrogatepass")


def as_text(word: bytes) -> str:
    """Returns the text of `as_bytes`."""
    return word.decode("utf-8", "surrogatepass")


class Splitter:
    """Writes a text as UTF-8 with one or more `SEPARATOR` between words.

    Args:
        filters: Characters that are taken for `split`.
        lower: Whether to write in lower case.
        split: What stands between words.

    Raises:
        ConfigurationError: If an argument cannot be used.
    """

    def __init__(self, filters: str, *, lower: bool, split: str) -> None:
        if not isinstance(filters, str):
            raise ConfigurationError(f"`filters` is {filters!r}; it must be a string of characters, '' for none.")
        if not isinstance(split, str) or not split:
            raise ConfigurationError(f"`split` is {split!r}; it must be a string of one character or more.")
        self._lower, self._split = lower, as_bytes(split)
        self._filters = str.maketrans(dict.fromkeys(filters, split))
        fast = len(split) == 1 and (split + filters).isascii()
        self._table = _table(split + filters, lower=lower) if fast else None

    def __call__(self, text: str) -> bytes:
        """Returns the words of a text."""
        if self._table is not None:
            return self._encoded(text).translate(self._table)
        text = text.lower() if self._lower else text
        # UTF-8 can be searched for as bytes: a character never begins within another.
        return as_bytes(text.translate(self._filters)).replace(self._split, SEPARATOR)

    def many(self, texts: Sequence[str]) -> tuple[bytes, npt.NDArray[np.int64]]:
        """Returns the words of texts, one behind the other, each followed by a separator; and where each text ends."""
        parts = list(map(self if self._table is None else self._encoded, texts))
        ends = np.cumsum(np.fromiter(map(len, parts), np.int64, len(parts)) + 1)
        data = SEPARATOR.join([*parts, b""])
        return (data if self._table is None else data.translate(self._table)), ends

    def _encoded(self, text: str) -> bytes:
        # The table makes ASCII lower case; a sigma looks at its neighbours, and so needs all of its text.
        return as_bytes(text.lower() if self._lower and not text.isascii() else text)


def _table(separators: str, *, lower: bool) -> bytes:
    characters = bytes(range(256)).lower() if lower else bytes(range(256))
    return characters.translate(bytes(SEPARATOR[0] if chr(byte) in separators else byte for byte in range(256)))
