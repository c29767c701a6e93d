"""Tokenizers of Hugging Face's `tokenizers`, which is imported when one is used."""

from __future__ import annotations

from itertools import chain
from typing import Any

import numpy as np

from amalthea.errors import ConfigurationError
from amalthea.sources._numbering import Ids, Lengths

__all__ = ["HuggingFace", "word_level"]

PADS = ("[PAD]", "<pad>", "<|pad|>")


class HuggingFace:
    """A copy of a tokenizer that truncates to a length, so that what it puts at the ends is not cut off.

    Args:
        tokenizer: A `tokenizers.Tokenizer`, which stays as it is, or its JSON.
        max_length: Ids of a text at most. If the tokenizer has a shorter limit, that holds.
        truncating: Where a longer text is cut: `"pre"` or `"post"`.

    Attributes:
        tokenizer: The copy.
        pad_id: What it pads with, or the id of its `[PAD]` or `<pad>`, or 0.

    Raises:
        ConfigurationError: If it cannot be copied.
    """

    def __init__(self, tokenizer: Any, max_length: int, truncating: str) -> None:
        try:
            json = tokenizer if isinstance(tokenizer, str) else tokenizer.to_str()
            copy = _library().Tokenizer.from_str(json)
        except Exception as error:  # it raises nothing more special
            raise ConfigurationError(
                f"`tokenizer` cannot be copied: {error}. If a part of it is written in Python, pass the function "
                "`lambda text: tokenizer.encode(text).ids`."
            ) from error
        named = (copy.token_to_id(name) for name in PADS)
        self.pad_id: int = (
            copy.padding["pad_id"] if copy.padding else next((number for number in named if number is not None), 0)
        )
        own = copy.truncation or {"max_length": max_length}
        copy.no_padding()
        copy.enable_truncation(min(max_length, own["max_length"]), direction="left" if truncating == "pre" else "right")
        self.tokenizer = copy

    @property
    def vocabulary(self) -> list[str]:
        """What each id stands for."""
        tokens = {number: token for token, number in self.tokenizer.get_vocab(with_added_tokens=True).items()}
        return [tokens.get(number, "") for number in range(max(tokens, default=-1) + 1)]

    def encode(self, text: str) -> Ids:
        """Returns the ids of a text."""
        return np.array(self.tokenizer.encode(text).ids, np.int32)

    def encode_many(self, texts: list[str]) -> tuple[Ids, Lengths]:
        """Returns the ids of texts, one behind the other, and how many each has."""
        ids = [encoding.ids for encoding in self.tokenizer.encode_batch_fast(texts)]
        lengths = np.fromiter(map(len, ids), np.int64, len(ids))
        return np.fromiter(chain.from_iterable(ids), np.int32, int(lengths.sum())), lengths


def word_level(ids: dict[str, int], oov_id: int, options: dict[str, Any]) -> Any:
    """Returns the `tokenizers.Tokenizer` of a `WordTokenizer`."""
    library = _library()
    pad = next(name for name in (*PADS, " ") if name not in ids)
    model = library.models.WordLevel({pad: 0, **ids, options["oov_token"]: oov_id}, unk_token=options["oov_token"])
    tokenizer = library.Tokenizer(model)
    if options["lower"]:
        tokenizer.normalizer = library.normalizers.Lowercase()
    separators = "|".join("".join(map(_escaped, each)) for each in [options["split"], *options["filters"]])
    tokenizer.pre_tokenizer = library.pre_tokenizers.Split(library.Regex(separators), behavior="removed")
    return tokenizer


def _escaped(character: str) -> str:
    return f"\\x{{{ord(character):x}}}"


def _library() -> Any:
    try:
        import tokenizers
    except ImportError as error:
        raise ConfigurationError('This needs `tokenizers`: pip install "amalthea[text]".') from error
    return tokenizers
