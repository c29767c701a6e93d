"""The lines of a program, as Python sees them."""

from __future__ import annotations

import difflib
import re

__all__ = ["lines_of", "plain", "restored"]

# `str.splitlines` ends lines at form feeds and other letters too, at which Python, editors and `diff` go on.
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_END = re.compile(r"\r\n|\r|\n")
_FEEDS = re.compile(r"(^|(?<=[\r\n]))\x0c+")


def lines_of(text: str) -> list[str]:
    r"""Returns the lines of a text, each with its end.

    Example:
    >>> lines_of("a\r\nb\x0cc\rd")
    ['a\r\n', 'b\x0cc\r', 'd']
    """
    return _LINE.findall(text)


def plain(text: str) -> str:
    r"""Returns a program with the same lines, which end in `\n` and begin with no form feeds.

    libcst drops some ends of lines where they are of other kinds, and some lines beside form feeds.
    """
    return _END.sub("\n", _FEEDS.sub("", text))


def restored(before: str, after: str) -> str:
    r"""Returns what became of `plain(before)`, with the ends of lines and the form feeds of `before`.

    New lines end as those in whose place they are.

    Args:
        before: A program.
        after: What `plain(before)` was rewritten to.

    Example:
    >>> restored("a\r\nb\n\x0cc\r\n", "a\nx\nc\n")
    'a\r\nx\n\x0cc\r\n'
    """
    ends = set(_END.findall(before))
    end = _END.search(before)
    if len(ends) <= 1 and not _FEEDS.search(before):
        return after if end is None else after.replace("\n", end[0])
    old, new, result = lines_of(before), lines_of(after), []
    matcher = difflib.SequenceMatcher(None, lines_of(plain(before)), new, autojunk=False)
    for kind, start, stop, there, until in matcher.get_opcodes():
        if kind == "equal":
            result += old[start:stop]
            continue
        for number, line in enumerate(new[there:until], start):
            beside = _END.search(old[max(0, min(number, stop - 1))])  # the line in whose place it is, or the one before
            result.append(line if beside is None else line.replace("\n", beside[0]))
    return "".join(result)
