"""A vocabulary of words as JSON: the very format of the legacy `Tokenizer.to_json()` of Keras."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from amalthea.errors import ConfigurationError
from amalthea.sources._splitting import as_bytes, as_text

__all__ = ["is_words_file", "read", "write"]

Words = dict[bytes, int]


def write(path: str | os.PathLike[str], options: dict[str, Any], counts: Words, index: Words) -> None:
    """Writes a vocabulary: the options of its tokenizer, how often each word occurs, and the id of each.

    Raises:
        ConfigurationError: If its folder does not exist.
    """
    folder = Path(path).parent
    if not folder.is_dir():
        raise ConfigurationError(
            f"`path` is {os.fspath(path)!r}, and there is no folder {str(folder)!r}: make it first."
        )
    ids = {as_text(word): number for word, number in index.items()}
    config = {
        "num_words": options["vocab_size"],
        "filters": options["filters"],
        "lower": options["lower"],
        "split": options["split"],
        "char_level": False,
        "oov_token": options["oov_token"],
        "document_count": 0,  # with it the legacy class refuses to weigh words by documents, which are not counted
        "word_counts": json.dumps({as_text(word): count for word, count in counts.items()}),
        "word_docs": "{}",
        "index_docs": "{}",
        "index_word": json.dumps({number: word for word, number in ids.items()}),
        "word_index": json.dumps(ids),
    }
    # Beside it and then into its place: whoever reads it sees the old file or the new one, and never a part.
    part = Path(f"{os.fspath(path)}.part")
    part.write_text(json.dumps({"class_name": "Tokenizer", "config": config}), encoding="utf-8")
    part.replace(path)


def read(path: str | os.PathLike[str]) -> tuple[dict[str, Any], Words, Words]:
    """Returns the options, the counts and the ids of a file.

    Raises:
        ConfigurationError: If it is none such.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        if isinstance(content, str):  # `json.dump(tokenizer.to_json(), file)` has put JSON into a string
            content = json.loads(content)
        if not is_words_file(content):
            raise ValueError("it is other JSON")
        config = content["config"]
        if config.get("char_level"):
            raise ValueError("its words are single characters (`char_level`), which is not supported")
        counts, ids = (_words(name, config[name]) for name in ("word_counts", "word_index"))
        # Many a program names the padding by `tokenizer.word_index["<pad>"] = 0`; it is no word.
        ids = {word: number for word, number in ids.items() if number != 0}
        if len(set(ids.values())) < len(ids) or min(ids.values(), default=1) < 1:
            raise ValueError("`word_index` gives an id twice, or an id below 0")
        options = {name: config[name] for name in ("oov_token", "filters", "lower", "split")}
        # The legacy class takes 0 for no limit.
        return {"vocab_size": config["num_words"] or None, **options}, counts, ids
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        reason = f"it has no {error}" if isinstance(error, KeyError) else str(error)
        raise ConfigurationError(
            f"{os.fspath(path)!r} is no vocabulary that `WordTokenizer.save` or the legacy `Tokenizer.to_json()` has "
            f"written: {reason}."
        ) from error


def is_words_file(content: Any) -> bool:
    """Returns whether this JSON is a vocabulary."""
    return isinstance(content, dict) and content.get("class_name") == "Tokenizer" and "config" in content


def _words(name: str, text: str) -> Words:
    words = json.loads(text)
    if not isinstance(words, dict) or not all(type(number) is int for number in words.values()):
        raise ValueError(f"`{name}` is no dict of integers")
    return {as_bytes(word): number for word, number in words.items()}
