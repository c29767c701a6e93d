"""What a source is."""

from __future__ import annotations

from typing import Any, Protocol

__all__ = ["Column", "Source"]


class Column(Protocol):
    """One value by index."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> Any: ...


class Source(Column, Protocol):
    """One sample by index: `len(source)`, `source[i]`.

    More is used where a source has it:

    - `name(index)` says in an error what the sample is, for instance its file.
    - `read_into(index, row)` writes a sample straight into its row of the batch: an array, or a tree of arrays in the
      structure of the sample.
    - `read_rows(indices, rows)` does so for several samples at once: `indices` is an int64 array of shape `(n,)`, each
      array of `rows` has the shape `(n, ...)`. When it raises, the rows are made one by one, to see which it was.
    - `draw(index, rng)` gives a sample that is drawn anew in each epoch, from the generator made of
      `[seed, epoch, index]`; it is called instead of `source[i]`.
    - `lengths`, int of shape `(samples,)`, and `pad(sample, row)`: x is an array whose first axis differs in length
      from sample to sample. A batch is as long as its longest sample; `pad` writes a sample into a row that is longer.
    - `recipe()` says what decides the samples, in types of JSON, and `stamp(index)` gives integers that become others
      when what a sample is made from is changed: with them a source may be cached in a folder, see `sources.Cached`.
    - `fetch_ahead(indices)` begins to fetch samples that will be asked for soon, and returns at once: where they come
      from far away, many are on their way together. `indices` is an int64 array of shape `(n,)`. `stamp_ahead` does so
      for their stamps.
    - `blank()` gives a sample of zeros, like all others, without reading one: a cache takes its shapes from there.
    """
