"""Words as numbers, the same ones as those of the legacy `Tokenizer` of Keras."""

from __future__ import annotations

import functools
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import repeat
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from amalthea._checks import check_int
from amalthea.errors import ConfigurationError
from amalthea.sources import _words_file
from amalthea.sources._hugging_face import word_level
from amalthea.sources._numbering import Ids, Lengths, check_many, checked_text, numbered
from amalthea.sources._splitting import FILTERS, SEPARATOR, Splitter, as_bytes, as_text

__all__ = ["WordTokenizer"]

TABLES = ("word_index", "index_word", "word_counts")  # those of the legacy class


class WordTokenizer:
    """Turns texts into numbers of words: the ids that the legacy `Tokenizer` of Keras gives, several times as fast.

    0 is padding. With an `oov_token` 1 stands for all words that are not in the vocabulary. The words follow, the most
    frequent first; of equally frequent ones that which came first.

    Args:
        vocab_size: All ids are below it; rarer words are not in the vocabulary. `None` is all words.
        oov_token: Name of what stands for other words; `None` leaves them out.
        filters: Characters that are taken for `split`.
        lower: Whether to ignore case.
        split: What stands between words.

    Raises:
        ConfigurationError: If an argument cannot be used.

    Example:
    >>> import amalthea
    >>> tokenizer = amalthea.WordTokenizer().fit(["The cat sat.", "The dog sat, too."])
    >>> tokenizer.vocabulary
    ['', '<unk>', 'the', 'sat', 'cat', 'dog', 'too']
    >>> tokenizer.encode("The mouse sat")
    array([2, 1, 3], dtype=int32)
    >>> tokenizer.decode([2, 1, 3, 0, 0])
    'the <unk> sat'
    """

    pad_id = 0

    def __init__(
        self,
        vocab_size: int | None = None,
        oov_token: str | None = "<unk>",
        filters: str = FILTERS,
        lower: bool = True,
        split: str = " ",
    ) -> None:
        if oov_token is not None and not isinstance(oov_token, str):
            raise ConfigurationError(f"`oov_token` is {oov_token!r}; it must be a string or None.")
        least = 2 if oov_token is None else 3
        if vocab_size is not None and check_int("vocab_size", vocab_size, minimum=1) < least:
            taken = "0 is padding" if oov_token is None else f"0 is padding and 1 is {oov_token!r}"
            raise ConfigurationError(
                f"`vocab_size` is {vocab_size}, which leaves no id for a word: {taken}. It must be {least} or more."
            )
        self._splitter = Splitter(filters, lower=lower, split=split)
        self._options: dict[str, Any] = {
            "vocab_size": vocab_size,
            "oov_token": oov_token,
            "filters": filters,
            "lower": lower,
            "split": split,
        }
        self._oov = None if oov_token is None else as_bytes(oov_token)
        self._use({}, {})

    @property
    def vocabulary(self) -> list[str]:
        """What each id stands for; `""` for 0, which is padding. Its length is that of an `Embedding`."""
        words = {number: as_text(word) for word, number in self._index.items()}
        return [words.get(number, "") for number in range(self.vocab_size)]

    @property
    def vocab_size(self) -> int:
        """How many ids there are, padding included: the size of an `Embedding`."""
        return max([0, *self._ids.values(), self._oov_id]) + 1

    @functools.cached_property
    def word_index(self) -> dict[str, int]:
        """The id of each word that was counted, also of those beyond `vocab_size`, as the legacy class has it."""
        return {as_text(word): number for word, number in self._index.items()}

    @functools.cached_property
    def index_word(self) -> dict[int, str]:
        """The word of each id, as the legacy class has it."""
        return {number: word for word, number in self.word_index.items()}

    @functools.cached_property
    def word_counts(self) -> dict[str, int]:
        """How often each word was counted, in the order in which they were met, as the legacy class has it."""
        return {as_text(word): count for word, count in self._counts.items()}

    def fit(self, texts: Iterable[str], verbose: bool = False) -> Self:
        """Counts the words of texts, besides those that were counted before, and numbers them.

        Args:
            texts: The texts, or an iterator of them: they are read once, and not kept.
            verbose: Whether to show a progress bar.

        Returns:
            The tokenizer.

        Raises:
            ConfigurationError: If `texts` is a single text, something is no text, or there is no word.
        """
        for _ in self._count(texts, verbose):
            pass
        return self

    def fit_pieces(self, texts: Iterable[str], verbose: bool = False) -> Iterator[tuple[Ids, Lengths]]:
        """Does `fit` and then `encode_pieces` on the same texts, in one pass over them.

        It keeps 4 bytes for each word meanwhile.
        """
        pieces = list(self._count(texts, verbose))[::-1]
        # the id of each place: words are counted from place 1 on
        words = [b"", *self._counts]
        numbers = np.fromiter(map(self._ids.get, words, repeat(self._oov_id)), np.int32, len(words))
        while pieces:  # each is let go of as soon as it has been given
            ids, lengths = pieces.pop()
            yield _without_zeros(numbers.take(ids), lengths)

    def encode(self, text: str) -> Ids:
        """Returns the ids of the words of a text, int32 of shape `(words,)`."""
        words = list(filter(None, self._splitter(checked_text(0, text)).split(SEPARATOR)))
        ids = np.fromiter(map(self._lookup(), words, repeat(self._oov_id)), np.int32, len(words))
        kept: Ids = ids[ids != 0]
        return kept

    def encode_many(self, texts: Iterable[str]) -> tuple[Ids, npt.NDArray[np.int64]]:
        """Returns the ids of all texts, one behind the other, and where each begins.

        Args:
            texts: The texts, or an iterator of them.

        Returns:
            ids, int32 of shape `(words,)`, and offsets, int64 of shape `(texts + 1,)`: those of text i are
            `ids[offsets[i] : offsets[i + 1]]`.
        """
        pieces = [(np.empty(0, np.int32), np.zeros(1, np.int64)), *self.encode_pieces(texts)]
        ids, lengths = zip(*pieces, strict=True)
        return np.concatenate(ids), np.cumsum(np.concatenate(lengths))

    def encode_pieces(self, texts: Iterable[str]) -> Iterator[tuple[Ids, Lengths]]:
        """Gives the ids of texts, and how many each has, some texts at a time."""
        check_many(texts)
        look_up, oov_id = self._lookup(), self._oov_id
        for ids, lengths in numbered(texts, self._splitter, lambda word: look_up(word, oov_id)):
            yield _without_zeros(ids, lengths)

    def decode(self, ids: Iterable[int]) -> str:
        """Returns the words of ids, with a space between them, without padding."""
        words, other = self.vocabulary, self._options["oov_token"]
        numbers = [number for number in np.asarray(ids).tolist() if number]
        named = [words[number] if 0 < number < len(words) else "" for number in numbers]
        return " ".join(word or other for word in named if word or other is not None)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the tokenizer into a file, in the format of the legacy `Tokenizer.to_json()`.

        In how many texts a word occurs is not counted, and not in the file.

        Raises:
            ConfigurationError: If its folder does not exist.
        """
        _words_file.write(path, self._options, self._counts, self._index)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Returns a tokenizer from a file that `save` has written, or the legacy `Tokenizer.to_json()`.

        Raises:
            ConfigurationError: If the file is none such.
        """
        options, counts, index = _words_file.read(path)
        tokenizer = cls(**options)
        tokenizer._use(counts, index)
        return tokenizer

    def check_fitted(self) -> None:
        """Raises ConfigurationError if it knows no word."""
        if not self._index:
            raise ConfigurationError(
                "The `WordTokenizer` knows no word yet: call `tokenizer.fit(texts)` first, or take one that was "
                "saved: `WordTokenizer.load(path)`."
            )

    def to_tokenizers(self) -> Any:
        """Returns a `tokenizers.Tokenizer` that gives the same ids for texts of ASCII.

        Others it makes lower case letter by letter, where a final sigma looks at its neighbours here.

        Raises:
            ConfigurationError: If there is no `oov_token`, without which it could meet no other word; or if
                `tokenizers` is not installed.
        """
        if self._oov is None:
            raise ConfigurationError("`oov_token` is None; a tokenizer of `tokenizers` needs one for other words.")
        ids = {as_text(word): number for word, number in self._ids.items()}
        return word_level(ids, self._oov_id, self._options)

    def _count(self, texts: Iterable[str], verbose: bool) -> Iterator[tuple[Ids, Lengths]]:
        """Gives each word the number of its place among those that were met, and at the end an id for each."""
        check_many(texts)
        known = [b"", *self._counts]  # place 0 is no word
        places: defaultdict[bytes, int] = defaultdict(None, zip(known, range(len(known)), strict=True))
        places.default_factory = places.__len__
        counts = np.array([0, *self._counts.values()], np.int64)
        for ids, lengths in numbered(_shown(texts) if verbose else texts, self._splitter, places.__getitem__):
            if len(places) > len(counts):
                counts = np.concatenate([counts, np.zeros(2 * len(places), np.int64)])
            np.add.at(counts, ids, 1)
            yield ids, lengths
        if len(places) == 1:
            raise ConfigurationError(
                "`texts` has no word, so the vocabulary would be empty. Look at the texts, `filters` and `split`."
            )
        words = list(places)[1:]
        places.default_factory = None  # it is a method of `places`, which would never go away
        totals = counts[1 : len(words) + 1]
        order = np.argsort(-totals, kind="stable")
        self._use(dict(zip(words, totals.tolist(), strict=True)), _index(words, order, self._oov))

    def _use(self, counts: dict[bytes, int], index: dict[bytes, int]) -> None:
        for name in TABLES:
            self.__dict__.pop(name, None)
        self._counts, self._index = counts, index
        limit = self._options["vocab_size"]
        self._oov_id = 0 if self._oov is None else index.get(self._oov, 0)
        self._ids = index if limit is None else {word: number for word, number in index.items() if number < limit}

    def __getstate__(self) -> dict[str, Any]:
        # Without the tables, which are made when they are asked for: worker processes need none.
        return {name: value for name, value in self.__dict__.items() if name not in TABLES}

    def _lookup(self) -> Callable[[bytes, int], int]:
        self.check_fitted()
        return self._ids.get


def _index(words: list[bytes], order: npt.NDArray[np.int64], oov: bytes | None) -> dict[bytes, int]:
    """Returns the ids of words, from 1 on, in this order, behind what stands for others."""
    ranked = [*([] if oov is None else [oov]), *(words[place] for place in order.tolist())]
    return dict(zip(ranked, range(1, len(ranked) + 1), strict=True))


def _without_zeros(ids: Ids, lengths: Lengths) -> tuple[Ids, Lengths]:
    """Returns the ids that are not 0, and how many of them each text has."""
    keep = ids != 0
    if keep.all():
        return ids, lengths
    kept = np.concatenate([[0], np.cumsum(keep)])  # how many before each place
    return ids[keep], np.diff(kept[np.cumsum(lengths)], prepend=0)


def _shown(texts: Iterable[str]) -> Iterable[str]:
    from rich.progress import track  # Keras itself depends on it

    return track(texts, description="Counting words")
