"""Text files: what is in them, and their token ids."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from amalthea.errors import ConfigurationError, SampleError
from amalthea.sources.contents import check_readable, content_of, fetcher, in_turn
from amalthea.sources.paths import Paths
from amalthea.sources.texts import Texts

__all__ = ["Contents", "TextFiles"]


class Contents(Sequence[str]):
    """The texts in files, each read when it is asked for.

    The files are UTF-8, with a byte order mark or without. Lines end in a newline alone, as `open` reads them.

    Args:
        paths: Paths of the files.

    Attributes:
        paths: The paths.

    Raises:
        ConfigurationError: If `paths` is no list of paths.

    Example:
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.txt"
    >>> _ = path.write_text("The cat sat.")
    >>> Contents([path])[0]
    'The cat sat.'
    """

    def __init__(self, paths: Sequence[str | os.PathLike[str]]) -> None:
        if isinstance(paths, str | bytes | os.PathLike):
            raise ConfigurationError(f"`paths` is the single path {paths!r}; it must be a list of paths.")
        self.paths = paths if isinstance(paths, Paths) else Paths(paths)
        check_readable(self.paths)

    def __len__(self) -> int:
        return len(self.paths)

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> list[str]: ...

    def __getitem__(self, index: int | slice) -> str | list[str]:
        return _content(self.paths[index]) if not isinstance(index, slice) else list(map(_content, self.paths[index]))

    def __iter__(self) -> Iterator[str]:
        return in_turn(len(self), self._read, self.fetch_ahead)

    def _read(self, index: int) -> str:
        try:
            return self[index]
        except (OSError, UnicodeError) as error:
            raise SampleError(index, "source", f"{type(error).__name__}: {error}", self.paths[index]) from error

    def name(self, index: int) -> str:
        """Returns the path of a file."""
        return self.paths[index]

    @property
    def fetch_ahead(self) -> Callable[[npt.NDArray[np.int64]], None] | None:
        """Begins to fetch files that will be asked for soon, where they are behind URLs."""
        return fetcher(self.paths)


class TextFiles(Texts):
    """Token ids of text files, one text a file, in UTF-8.

    Args:
        paths: Paths of the files.
        tokenizer: As for `Texts`.
        max_length: As for `Texts`.
        **options: As for `Texts`. With `in_memory=True` the files are read once, here; otherwise whenever they are
            asked for.

    Raises:
        ConfigurationError: If an argument cannot be used.
        SampleError: If none of the files can be read that are to be read here.
    """

    def __init__(
        self, paths: Sequence[str | os.PathLike[str]], tokenizer: Any, max_length: int, **options: Any
    ) -> None:
        super().__init__(Contents(paths), tokenizer, max_length, **options)


def _content(path: str) -> str:
    text = content_of(path).decode("utf-8-sig")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
