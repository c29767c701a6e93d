"""TextLoader: from texts into the model."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, ClassVar, Self, cast

from amalthea import labels as labelling
from amalthea._checks import check_choice, check_int
from amalthea.errors import ConfigurationError
from amalthea.loaders.balancing import balanced
from amalthea.loaders.folders import FolderLoader
from amalthea.loaders.listing import Listing, of_lists
from amalthea.sources._splitting import FILTERS
from amalthea.sources.encoders import encoder_of
from amalthea.sources.text_files import Contents
from amalthea.sources.texts import Texts, as_column
from amalthea.sources.words import WordTokenizer
from amalthea.splits import Split

__all__ = ["TextLoader"]

# Counting the words of so many files takes long enough that a progress bar is of use.
MANY = 10_000

# What a new WordTokenizer is made with.
OF_WORDS = {"vocab_size": None, "oov_token": "<unk>", "filters": FILTERS, "lower": True}


class TextLoader(FolderLoader):
    """Batches of token ids of texts, with their labels.

    A batch is `ids`, or `(ids, labels)`, or `(ids, labels, sample_weight)`. Ids have the shape `(rows, max_length)`;
    with `bucket_by_length=True` texts of like length come together, and a batch is as long as the longest of them.

    A list of texts is tokenized once, when the loader is made. Texts in files, and of all else that has a length and an
    index, are read and tokenized by the workers whenever they are asked for, unless `in_memory` or `bucket_by_length`
    is True.

    Args:
        texts: The texts: a list, an array, a pandas series, or a column such as `sources.Contents(paths)`.
        labels: One integer for each text; with `class_names` a name for each; with `label_mode="raw"` a number or an
            array for each; or `None`.
        max_length: Ids of a text at most.
        vocab_size: All ids are below it; `None` is all words of the texts.
        tokenizer: A `WordTokenizer`; a `tokenizers.Tokenizer`; the path of the JSON of one of these, or of the legacy
            `Tokenizer` of Keras; or a function of a text that gives its ids. `None` is a `WordTokenizer` that is fitted
            on the texts.
        oov_token: Name of what stands for words that are not in the vocabulary; `None` leaves them out.
        filters: Characters that stand between words, as a space does.
        lower: Whether to ignore case.
        padding: Where shorter texts are padded: `"post"`, at the end, or `"pre"`.
        truncating: Where longer ones are cut: `"post"`, at the end, or `"pre"`.
        in_memory: Whether to tokenize all texts when the loader is made; `None` is for what is in memory already.
        label_mode: `"int"` (int32 of shape `(rows,)`), `"binary"` (float32, `(rows, 1)`), `"categorical"` (float32,
            `(rows, classes)`), `"raw"` (the labels as they are) or `None` (no labels).
        class_names: Names of the classes, in the order of their numbers.
        sample_weight: One weight for each text, or `None`.
        class_weight: Weights by classes, which become sample weights: `"balanced"`, by which all classes weigh the same
            in sum, or a dict of the weights by numbers or names. `None` is no such weights.
        verbose: Whether to show a progress bar while words are counted. `from_directory` shows one for more than 10,000
            files, unless its `verbose` is False.
        bucket_by_length: As for `Loader`: short texts come with short ones, and are padded to each other's length only.
        **loader_options: As for `amalthea.Loader`.

    Attributes:
        tokenizer: The tokenizer: as given, or the one that was fitted.
        vocabulary: What each id stands for, or `None` for a function.
        vocab_size: How many ids there are, for an `Embedding` layer, or `None` for a function.
        class_names: Names of the classes, or `None`.
        labels: The label of each text, by its number where it is a class, or `None`.
        file_paths: Paths of the files, where the texts are in files, or `None`.

    Raises:
        ConfigurationError: If an argument cannot be used.
        SampleError: If the first text cannot be read.

    Example:
    >>> import amalthea
    >>> loader = amalthea.TextLoader(["The cat sat.", "A dog!"], [0, 1], max_length=4, shuffle=False)
    >>> ids, labels = loader[0]
    >>> ids
    array([[2, 3, 4, 0],
           [5, 6, 0, 0]], dtype=int32)
    >>> loader.vocabulary
    ['', '<unk>', 'the', 'cat', 'sat', 'a', 'dog']
    """

    SUFFIXES: ClassVar[tuple[str, ...]] = (".txt",)

    def __init__(
        self,
        texts: Any,
        labels: Any = None,
        *,
        max_length: int,
        vocab_size: int | None = None,
        tokenizer: Any = None,
        oov_token: str | None = "<unk>",
        filters: str = FILTERS,
        lower: bool = True,
        padding: str = "post",
        truncating: str = "post",
        in_memory: bool | None = None,
        label_mode: str | None = "int",
        class_names: Sequence[str] | None = None,
        sample_weight: Any = None,
        class_weight: Any = None,
        verbose: bool = False,
        bucket_by_length: bool = False,
        **loader_options: Any,
    ) -> None:
        check_int("max_length", max_length, minimum=1)
        check_choice("label_mode", label_mode, labelling.LABEL_MODES)
        of_words: dict[str, Any] = {
            "vocab_size": vocab_size,
            "oov_token": oov_token,
            "filters": filters,
            "lower": lower,
        }
        if tokenizer is not None:
            _check_unused(of_words)
        check_choice("truncating", truncating, ("post", "pre"))
        encoder = encoder_of(WordTokenizer(**of_words) if tokenizer is None else tokenizer, max_length, truncating)
        texts = as_column(texts)
        listing = _listing(texts, labels, class_names, sample_weight, raw=label_mode == "raw")
        ids = Texts(
            texts,
            encoder,
            max_length,
            padding=padding,
            truncating=truncating,
            fixed_length=not bucket_by_length,
            in_memory=True if bucket_by_length and in_memory is None else in_memory,
            fit=tokenizer is None,
            verbose=verbose,
        )
        self.tokenizer: Any = encoder if tokenizer is None else tokenizer
        self.vocabulary = encoder.vocabulary
        self.vocab_size = None if self.vocabulary is None else len(self.vocabulary)
        self.file_paths = texts.paths if isinstance(texts, Contents) else None
        source, options = balanced(listing.beside(ids, label_mode), listing, label_mode, class_weight, loader_options)
        self.class_names, self.labels = listing.class_names, listing.labels
        super().__init__(source, bucket_by_length=bucket_by_length, **options)

    def part(self, indices: Any, *, training: bool = True) -> FolderLoader:
        """Returns a loader of some of the texts, see `Loader.part`; it has their tokenizer."""
        part: Any = super().part(indices, training=training)
        part.tokenizer, part.vocabulary, part.vocab_size = self.tokenizer, self.vocabulary, self.vocab_size
        return cast("FolderLoader", part)

    @classmethod
    def _of_listing(
        cls, listing: Listing, split: Split, verbose: bool, options: dict[str, Any]
    ) -> Self | tuple[Self, Self]:
        if split.subset == "validation" and options.get("tokenizer") is None:
            raise ConfigurationError(
                "`subset` is 'validation' and `tokenizer` None: a vocabulary of the texts for validation would not be "
                "the model's. Pass `tokenizer=training.tokenizer`, or take both at once with `subset='both'`."
            )
        return super()._of_listing(
            listing, split, verbose, {"verbose": verbose and len(listing.paths) > MANY, **options}
        )

    @classmethod
    def _of_part(cls, part: Listing, options: dict[str, Any], training: Self | None = None) -> Self:
        if training is not None:
            options = {name: value for name, value in options.items() if name not in OF_WORDS}
            options["tokenizer"] = training.tokenizer
        return super()._of_part(dataclasses.replace(part, paths=Contents(part.paths)), options)


def _check_unused(of_words: dict[str, Any]) -> None:
    for name, value in of_words.items():
        if value != OF_WORDS[name]:
            raise ConfigurationError(
                f"`{name}` is {value!r}, and there is a `tokenizer`, which has its own. Leave out one of the two."
            )


def _listing(texts: Any, labels: Any, class_names: Any, sample_weight: Any, *, raw: bool) -> Listing:
    for name, values in (("labels", labels), ("sample_weight", sample_weight)):
        if values is not None and hasattr(values, "__len__") and len(values) != len(texts):
            raise ConfigurationError(
                f"`{name}` has {len(values)} entries, and there are {len(texts)} texts; there must be one for each."
            )
    return of_lists(texts, labels, class_names, sample_weight, raw=raw)
