"""Texts as token ids: a source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from amalthea._checks import check_choice, check_int
from amalthea.errors import ConfigurationError, SampleError
from amalthea.sources._numbering import Ids, Lengths, check_many, checked_text
from amalthea.sources._ragged import Ragged, cut
from amalthea.sources._reading import fetches, name_of
from amalthea.sources.contents import in_turn
from amalthea.sources.encoders import Broken, Encoder, encode_pieces, encoder_of, note
from amalthea.sources.protocol import Column
from amalthea.sources.words import WordTokenizer

__all__ = ["Texts", "as_column"]

ENDS = ("post", "pre")


class Texts:
    """Token ids of texts, all of one length: as the legacy `pad_sequences` of Keras cuts and pads them.

    A list, a tuple, an array or a pandas series of texts is tokenized once, here: 4 bytes are kept for each id that is
    not cut off. Texts of anything else that has a length and an index are tokenized whenever they are asked for. A text
    that cannot be read or tokenized is an error when its sample is asked for.

    Args:
        texts: The texts.
        tokenizer: A `WordTokenizer`; a `tokenizers.Tokenizer`; the path of the JSON of one of these, or of the legacy
            `Tokenizer`; or a function of a text that gives its ids.
        max_length: Ids of a sample.
        padding: Where shorter ones are padded: `"post"`, at the end, or `"pre"`.
        truncating: Where longer ones are cut: `"post"`, at the end, or `"pre"`.
        pad_id: What they are padded with; `None` is what the tokenizer pads with, or else 0.
        dtype: `"int32"` or `"int64"`.
        fixed_length: Whether all samples have `max_length` ids. Otherwise a sample has as many as its text, and a batch
            as many as its longest sample. Only for texts that are tokenized here.
        in_memory: Whether to tokenize all texts here; `None` is for what is in memory already.
        fit: Whether to fit the `WordTokenizer` on these texts, in the same pass where they are tokenized here.
        verbose: Whether to show a progress bar meanwhile.

    Attributes:
        lengths: How many ids each sample has, int64 of shape `(samples,)`, where they differ, or `None`.

    Raises:
        ConfigurationError: If an argument cannot be used, or something in a list is no text.
        SampleError: If none of the texts can be read that are to be read here.

    Example:
    >>> from amalthea import WordTokenizer
    >>> source = Texts(["the cat", "the dog sat too"], WordTokenizer(), max_length=3, fit=True)
    >>> source[0], source[1]
    (array([2, 3, 0], dtype=int32), array([2, 4, 5], dtype=int32))
    """

    def __init__(
        self,
        texts: Any,
        tokenizer: Any,
        max_length: int,
        *,
        padding: str = "post",
        truncating: str = "post",
        pad_id: int | None = None,
        dtype: str = "int32",
        fixed_length: bool = True,
        in_memory: bool | None = None,
        fit: bool = False,
        verbose: bool = False,
    ) -> None:
        self._max_length = check_int("max_length", max_length, minimum=1)
        self._pre = check_choice("padding", padding, ENDS) == "pre"
        check_choice("truncating", truncating, ENDS)
        self._dtype = np.dtype(check_choice("dtype", dtype, ("int32", "int64")))
        encoder = encoder_of(tokenizer, max_length, truncating)
        self._pad_id = encoder.pad_id if pad_id is None else check_int("pad_id", pad_id, minimum=0)
        texts = as_column(texts)
        is_list = isinstance(texts, list | tuple)
        self._name, self._fixed_length = name_of(texts), fixed_length
        in_memory = is_list if in_memory is None else in_memory
        if not in_memory and not fixed_length:
            raise ConfigurationError(
                "The length of these texts is not known before they are tokenized. Pass `in_memory=True`, which "
                "tokenizes all of them at once; without that leave out `bucket_by_length` or `fixed_length=False`."
            )
        if isinstance(encoder, WordTokenizer) and not fit:
            encoder.check_fitted()
        elif fit and not isinstance(encoder, WordTokenizer):
            raise ConfigurationError(f"`fit` is True; it is for a `WordTokenizer`, and not for {tokenizer!r:.80}.")
        self._broken: Broken = {}
        self._ids: Ragged | _OnDemand
        if in_memory:
            column = texts if is_list else _Readable(texts, self._broken)
            self._ids = Ragged(_pieces(encoder, column, self._broken, fit, verbose), max_length, truncating)
        else:
            if isinstance(encoder, WordTokenizer) and fit:
                encoder.fit(_Readable(texts, {}), verbose)
            self._ids = _OnDemand(texts, encoder.encode, max_length, truncating)
        self.lengths = self._ids.lengths if isinstance(self._ids, Ragged) and not fixed_length else None

    def __len__(self) -> int:
        return len(self._ids)

    def __getitem__(self, index: int) -> npt.NDArray[Any]:
        index = range(len(self))[index]
        self._check([index])
        ids = self._ids[index]
        if not self._fixed_length:
            return ids.astype(self._dtype)
        row = np.empty(self._max_length, self._dtype)
        self.pad(ids, row)
        return row

    @property
    def name(self) -> Callable[[int], Any] | None:
        """Says which file a text is, where it is one."""
        return self._name

    @property
    def fetch_ahead(self) -> Callable[[npt.NDArray[np.int64]], None] | None:
        """Begins to fetch texts that will be asked for soon, where they are not in memory, nor on a disk."""
        return self._ids.fetch_ahead if isinstance(self._ids, _OnDemand) else None

    def pad(self, sample: npt.NDArray[Any], row: npt.NDArray[Any]) -> None:
        """Writes ids into a row that is as long or longer."""
        free = len(row) - len(sample)
        if self._pre:
            row[:free], row[free:] = self._pad_id, sample
        else:
            row[: len(sample)], row[len(sample) :] = sample, self._pad_id

    def read_into(self, index: int, row: npt.NDArray[Any]) -> None:
        """Writes a sample into its row."""
        self._check([index])
        self.pad(self._ids[index], row)

    def read_rows(self, indices: npt.NDArray[np.int64], rows: npt.NDArray[Any]) -> None:
        """Writes several samples into their rows."""
        self._check(indices)
        if isinstance(self._ids, Ragged) and self._ids.read_rows(indices, rows, self._pad_id, pre=self._pre):
            return
        for index, row in zip(indices.tolist(), rows, strict=True):
            self.pad(self._ids[index], row)

    def _check(self, indices: Iterable[int]) -> None:
        """Raises SampleError if one of these could not be tokenized here."""
        for index in indices if self._broken else ():
            if index in self._broken:
                raise _error(int(index), self._broken, self._name)


class _OnDemand:
    """Ids of texts, made when asked for.

    Args:
        texts: The texts.
        encode: Gives the ids of a text.
        max_length: Ids of a text at most.
        truncating: Where a longer text is cut.
    """

    def __init__(self, texts: Column, encode: Callable[[str], Any], max_length: int, truncating: str) -> None:
        self._texts, self._encode, self._max_length, self._truncating = texts, encode, max_length, truncating

    def __len__(self) -> int:
        return len(self._texts)

    def __getitem__(self, index: int) -> npt.NDArray[np.int32]:
        ids: npt.NDArray[np.int32] = self._encode(checked_text(index, self._texts[index]))
        return cut(ids, self._max_length, self._truncating)

    @property
    def fetch_ahead(self) -> Callable[[npt.NDArray[np.int64]], None] | None:
        return fetches(self._texts)


def as_column(texts: Any) -> Any:
    """Returns texts as something with a length and an index: a list or a tuple where all of them are in memory.

    Raises:
        ConfigurationError: If they are something else, or there are none.
    """
    check_many(texts)
    if not hasattr(texts, "__len__") or not hasattr(texts, "__getitem__"):
        raise ConfigurationError(
            f"`texts` is of type {type(texts).__name__}; it must have a length and an index, as a list has. Put what "
            "an iterator gives into a list, or into files; `WordTokenizer.fit` takes an iterator."
        )
    if not len(texts):
        raise ConfigurationError("`texts` is empty: there is no text to make a sample of.")
    if hasattr(texts, "to_numpy"):  # a series of pandas, whose index may be anything
        texts = texts.to_numpy()
    if isinstance(texts, np.ndarray) and not isinstance(texts, np.memmap):
        return texts.tolist()
    return texts


class _Readable:
    """The texts of a column in their order, with an empty one in the place of each that cannot be read.

    Args:
        texts: The column.
        broken: Takes up what is wrong with these.
    """

    def __init__(self, texts: Column, broken: Broken) -> None:
        self._texts, self._broken = texts, broken

    def __len__(self) -> int:
        return len(self._texts)

    def __iter__(self) -> Iterator[str]:
        yield from in_turn(len(self), self._read, fetches(self._texts))
        if len(self._broken) == len(self):
            raise _error(0, self._broken, name_of(self._texts))

    def _read(self, index: int) -> str:
        try:
            text = self._texts[index]
        except Exception as error:  # other people's code may raise anything
            note(self._broken, index, error)
            text = ""
        return checked_text(index, text)


def _pieces(
    encoder: Encoder, texts: Iterable[str], broken: Broken, fit: bool, verbose: bool
) -> Iterator[tuple[Ids, Lengths]]:
    if not isinstance(encoder, WordTokenizer):
        return encode_pieces(encoder, texts, broken)
    return encoder.fit_pieces(texts, verbose) if fit else encoder.encode_pieces(texts)


def _error(index: int, broken: Broken, name: Callable[[int], Any] | None) -> SampleError:
    return SampleError(index, "source", broken[index], None if name is None else str(name(index)))
