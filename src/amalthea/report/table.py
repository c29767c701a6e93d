"""Text in columns, and names as they can be shown."""

from __future__ import annotations

import os
from collections.abc import Sequence

__all__ = ["aligned", "many", "percent", "printable", "section"]

WIDEST = 40  # letters of a name; longer ones are cut in the middle


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    r"""Returns lines whose columns stand below each other: the first to the left, all others to the right.

    Example:
    >>> print("\n".join(aligned([["cats", "1,200"], ["dogs", "7"]])))
    cats  1,200
    dogs      7
    """
    from rich.cells import cell_len  # Chinese letters are two columns wide

    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        spaces = [" " * (width - cell_len(text)) for text, width in zip(row, widths, strict=True)]
        cells = [row[0] + spaces[0], *(space + text for space, text in zip(spaces[1:], row[1:], strict=True))]
        lines.append("  ".join(cells).rstrip())
    return lines


def section(title: str, lines: Sequence[str]) -> list[str]:
    """Returns a title with lines indented below it, and an empty one before it; nothing where there are no lines."""
    return ["", title, *(f"  {line}" for line in lines)] if lines else []


def many(count: int, what: str) -> str:
    """Returns how many of something.

    Example:
    >>> many(1, "class"), many(1200, "class"), many(0, "image")
    ('1 class', '1,200 classes', '0 images')
    """
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}{'es' if what[-1] == 's' else 's'}"


def percent(part: float, whole: float) -> str:
    """Returns a share; what is there is never 0 %, and what is not all never 100 %.

    Example:
    >>> percent(1, 3), percent(1, 10_000), percent(999, 1000), percent(0, 5)
    ('33 %', '< 1 %', '> 99 %', '0 %')
    """
    share = 100 * part / whole if whole else 0.0
    if 99.5 <= share < 100:
        return "> 99 %"
    return "< 1 %" if 0 < share < 0.5 else f"{share:.0f} %"


def printable(name: str, widest: int | None = WIDEST) -> str:
    r"""Returns a name of a file or a class for one line of text, whatever is in it.

    Example:
    >>> printable("two\nlines"), printable("x" * 50, widest=9)
    ('two\\nlines', 'xxxx…xxxx')
    """
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    text = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)
    if widest is None or len(text) <= widest:
        return text
    return f"{text[: widest // 2]}…{text[-(widest // 2) :]}"
