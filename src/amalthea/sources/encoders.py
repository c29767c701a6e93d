"""What turns a text into ids: one of the tokenizers that users have, in one form."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from amalthea.errors import ConfigurationError
from amalthea.sources import _words_file
from amalthea.sources._hugging_face import HuggingFace
from amalthea.sources._numbering import Ids, Lengths, chunks
from amalthea.sources.words import WordTokenizer

__all__ = ["Encoder", "encoder_of"]


class Encoder(Protocol):
    """Turns texts into ids."""

    @property
    def pad_id(self) -> int:
        """The id that padding has."""

    @property
    def vocabulary(self) -> list[str] | None:
        """What each id stands for, where that is known."""

    def encode(self, text: str, /) -> Ids:
        """Returns the ids of a text, int32 of shape `(ids,)`."""

    def encode_pieces(self, texts: Iterable[str], /) -> Iterator[tuple[Ids, Lengths]]:
        """Gives the ids of texts, and how many each has, some texts at a time."""


class Function:
    """A function from a text to its ids.

    Args:
        tokenizer: The function.
    """

    pad_id = 0
    vocabulary = None

    def __init__(self, tokenizer: Callable[[str], Sequence[int]]) -> None:
        self.tokenizer = tokenizer

    def encode(self, text: str) -> Ids:
        """Returns the ids of a text."""
        given = self.tokenizer(text)
        ids = np.asarray(given)
        if ids.ndim != 1 or (ids.size and (ids.dtype.kind not in "iu" or not 0 <= ids.min() <= ids.max() < 2**31)):
            raise ConfigurationError(
                f"`tokenizer` gives {given!r:.80} for a text; it must give a sequence of integers of 0 or more."
            )
        return ids.astype(np.int32)

    def encode_pieces(self, texts: Iterable[str]) -> Iterator[tuple[Ids, Lengths]]:
        """Gives the ids of texts, and how many each has, some texts at a time."""
        for chunk in chunks(texts):
            ids = list(map(self.encode, chunk))
            yield np.concatenate(ids), np.fromiter(map(len, ids), np.int64, len(ids))


def encoder_of(tokenizer: Any, max_length: int, truncating: str) -> Encoder:
    """Returns the encoder of a tokenizer.

    Args:
        tokenizer: A `WordTokenizer`, a `tokenizers.Tokenizer`, the path of the JSON of one of these or of the legacy
            `Tokenizer`, or a function of a text that gives its ids.
        max_length: Ids of a text at most.
        truncating: Where a longer text is cut: `"pre"` or `"post"`.

    Raises:
        ConfigurationError: If it is something else.
    """
    if isinstance(tokenizer, WordTokenizer | HuggingFace | Function):
        return tokenizer
    if isinstance(tokenizer, str | os.PathLike):
        return _of_file(os.fspath(tokenizer), max_length, truncating)
    if hasattr(tokenizer, "encode_batch") and hasattr(tokenizer, "to_str"):
        return HuggingFace(tokenizer, max_length, truncating)
    if callable(tokenizer):
        return Function(tokenizer)
    raise ConfigurationError(
        f"`tokenizer` is {tokenizer!r:.80} of type {type(tokenizer).__name__}; it must be an `amalthea.WordTokenizer`, "
        "a `tokenizers.Tokenizer`, the path of the JSON of one of them, or a function of a text that gives its ids."
    )


def _of_file(path: str, max_length: int, truncating: str) -> Encoder:
    try:
        text = Path(path).read_text(encoding="utf-8")
        content = json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigurationError(f"`tokenizer` is {path!r}, which is no file of JSON: {error}.") from error
    if _words_file.is_words_file(content):
        return WordTokenizer.load(path)
    if isinstance(content, dict) and "model" in content:
        return HuggingFace(text, max_length, truncating)
    raise ConfigurationError(
        f"`tokenizer` is {path!r}, whose JSON is neither that of a `tokenizers.Tokenizer` nor that of "
        "`WordTokenizer.save` or the legacy `Tokenizer.to_json()`."
    )
