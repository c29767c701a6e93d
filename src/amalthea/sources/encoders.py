"""What turns a text into ids: one of the tokenizers that users have, in one form."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from amalthea.errors import ConfigurationError
from amalthea.sources import _words_file
from amalthea.sources._hugging_face import HuggingFace
from amalthea.sources._numbering import Ids, Lengths, chunks
from amalthea.sources.words import WordTokenizer

__all__ = ["Broken", "Encoder", "encode_pieces", "encoder_of", "note"]

Broken = dict[int, str]
"""What is wrong with the texts that cannot be read or tokenized, by their index."""

CHUNK = 1 << 20  # characters: enough for all threads of a library


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

    def encode_many(self, texts: list[str]) -> tuple[Ids, Lengths]:
        """Returns the ids of texts, one behind the other, and how many each has."""
        ids = list(map(self.encode, texts))
        return np.concatenate(ids), np.fromiter(map(len, ids), np.int64, len(ids))


Encoder = WordTokenizer | HuggingFace | Function


def encode_pieces(
    encoder: HuggingFace | Function, texts: Iterable[str], broken: Broken
) -> Iterator[tuple[Ids, Lengths]]:
    """Gives the ids of texts, and how many each has, some texts at a time.

    Args:
        encoder: Gives the ids.
        texts: The texts.
        broken: Takes up what is wrong with those that it fails on, which get no ids.
    """
    first = 0
    for chunk in chunks(texts, CHUNK):
        try:
            pieces = [encoder.encode_many(chunk)]
        except ConfigurationError:  # not the matter of one text
            raise
        except Exception:  # other people's code may raise anything; which text it was is seen text by text
            pieces = [_piece(encoder, text, place, broken) for place, text in enumerate(chunk, first)]
        yield from pieces
        first += len(chunk)


def note(broken: Broken, index: int, error: Exception) -> None:
    """Takes up what is wrong with a text, but no more of it than 500 characters: an error may quote all of its text."""
    broken.setdefault(index, f"{type(error).__name__}: {error}"[:500])


def _piece(encoder: HuggingFace | Function, text: str, place: int, broken: Broken) -> tuple[Ids, Lengths]:
    try:
        return encoder.encode_many([text])
    except Exception as error:
        note(broken, place, error)
        return np.empty(0, np.int32), np.zeros(1, np.int64)


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
        if isinstance(content, str):  # `json.dump(tokenizer.to_json(), file)` has put JSON into a string
            text, content = content, json.loads(content)
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
