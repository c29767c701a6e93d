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

    Two methods more are used where a source has them: `read_into(index, rows)` writes the sample straight into its
    row, and `name(index)` says in an error what the sample is, for instance its file.
    """
