"""Texts as the codes of their characters."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from amalthea._checks import check_int
from amalthea._shared import shared_empty
from amalthea.errors import ConfigurationError
from amalthea.sources.contents import check_readable, content_of, fetcher, in_turn
from amalthea.sources.paths import Paths

__all__ = ["CharacterCodes"]

Codes = npt.NDArray[np.int32]


class CharacterCodes:
    """The first words of each text as Unicode code points, one int32 for each character, with zeros behind.

    The words are what stands between white space; they are joined by one space.

    Args:
        texts: The texts; `CharacterCodes.of_files` takes paths of them.
        max_words: How many words of each.
        max_length: Characters of a sample: what is longer is cut, what is shorter is filled up with zeros. `None` is
            the length of the longest sample: all texts are read once for it.

    Attributes:
        max_length: Characters of a sample.

    Raises:
        ConfigurationError: If an argument cannot be used.

    Example:
    >>> source = CharacterCodes(["so it  goes", "no"], max_words=2)
    >>> source[0], "".join(map(chr, source[0]))
    (array([115, 111,  32, 105, 116], dtype=int32), 'so it')
    >>> source[1]
    array([110, 111,   0,   0,   0], dtype=int32)
    """

    def __init__(self, texts: Iterable[str], max_words: int, max_length: int | None = None) -> None:
        words, length = _sizes(max_words, max_length)
        if isinstance(texts, str | bytes):
            raise ConfigurationError(f"`texts` is the single string {texts!r:.80}; it must be a list of texts.")
        kept = _Kept(_codes(text, words, length) for text in _checked(texts))
        self._texts: _Kept | _Files = kept
        self.max_length = length or kept.longest

    @classmethod
    def of_files(cls, paths: Sequence[str | os.PathLike[str]], max_words: int, max_length: int | None = None) -> Self:
        """Returns the source of texts that are files in UTF-8, each read when it is asked for.

        Args:
            paths: Paths of the files.
            max_words: As for texts.
            max_length: As for texts.

        Raises:
            ConfigurationError: If an argument cannot be used, or if `max_length` is `None` and a file cannot be read.
        """
        if isinstance(paths, str | bytes):
            raise ConfigurationError(f"`paths` is the single string {paths!r}; it must be a list of paths.")
        words, length = _sizes(max_words, max_length)
        files = _Files(paths if isinstance(paths, Paths) else Paths(paths), words)
        source = cls.__new__(cls)
        source._texts, source.max_length = files, length or files.longest()
        return source

    def __len__(self) -> int:
        return len(self._texts)

    def __getitem__(self, index: int) -> Codes:
        row = np.empty(self.max_length, np.int32)
        self.read_into(index, row)
        return row

    @property
    def name(self) -> Callable[[int], str] | None:
        """Says which file a sample is, where it is one."""
        return getattr(self._texts, "name", None)

    @property
    def fetch_ahead(self) -> Callable[[npt.NDArray[np.int64]], None] | None:
        """Begins to fetch files that will be asked for soon, where they are behind URLs."""
        return getattr(self._texts, "fetch_ahead", None)

    def read_into(self, index: int, row: Codes) -> None:
        """Writes a sample into its row."""
        codes = self._texts[index][: self.max_length]
        row[: len(codes)] = codes
        row[len(codes) :] = 0


class _Kept:
    """Arrays of codes, one behind the other in shared memory."""

    def __init__(self, texts: Iterable[Codes]) -> None:
        data, ends = bytearray(), [0]
        for codes in texts:
            data += codes.tobytes()
            ends.append(len(data) // 4)
        self._codes, self._ends = shared_empty(ends[-1], np.int32), shared_empty(len(ends), np.int64)
        self._codes[:], self._ends[:] = np.frombuffer(data, np.int32), ends
        self.longest = max(1, int(np.diff(self._ends).max(initial=0)))

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, index: int) -> Codes:
        place = range(len(self))[index]
        start, stop = self._ends[place : place + 2].tolist()
        return self._codes[start:stop]


class _Files:
    """The codes of the first words of files."""

    def __init__(self, paths: Paths, words: int) -> None:
        self._paths, self._words = paths, words
        check_readable(paths)

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, index: int) -> Codes:
        data = content_of(self._paths[index])
        try:
            return _codes(data.decode(), self._words, None)
        except UnicodeDecodeError as error:
            raise ValueError(f"the text is not UTF-8: byte {error.start} is {data[error.start]:#04x}") from error

    def name(self, index: int) -> str:
        return self._paths[index]

    @property
    def fetch_ahead(self) -> Callable[[npt.NDArray[np.int64]], None] | None:
        return fetcher(self._paths)

    def longest(self) -> int:
        return max(1, max(in_turn(len(self), self._length, self.fetch_ahead), default=1))

    def _length(self, index: int) -> int:
        try:
            return len(self[index])
        except (OSError, ValueError) as error:
            raise ConfigurationError(
                f"The file {self._paths[index]!r} cannot be read: {error}. With `max_length=None` all files are read "
                "for the longest; pass a length to have each read when it is asked for."
            ) from error


def _sizes(max_words: Any, max_length: Any) -> tuple[int, int | None]:
    words = check_int("max_words", max_words, minimum=1)
    return words, None if max_length is None else check_int("max_length", max_length, minimum=1)


def _checked(texts: Iterable[Any]) -> Iterator[str]:
    for place, text in enumerate(texts):
        if not isinstance(text, str):
            raise ConfigurationError(
                f"`texts` holds {text!r:.80} at place {place}; it must be a string. For files there is "
                "`CharacterCodes.of_files`."
            )
        yield text


def _codes(text: str, words: int, length: int | None) -> Codes:
    # One more split than words leaves the rest of a long text in one piece.
    first = " ".join(text.split(None, words)[:words])[:length]
    return np.frombuffer(first.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.int32)
