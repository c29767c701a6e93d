"""What came of many files, in print: the lines that change as they come, and a summary at the end."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

from amalthea.migrate.lines import lines_of
from amalthea.migrate.outcome import Outcome, Remark
from amalthea.report.table import aligned, many, printable, section

__all__ = ["Report", "difference"]

MOST = 20  # kinds of changes that are listed

COLOURS = {"+": "32", "-": "31", "@": "36"}  # of lines that begin so, in the codes of terminals


def difference(name: str, before: str, after: str) -> Iterator[str]:
    r"""Yields the lines of a unified diff, as `diff -u` prints them and `patch` takes them.

    Args:
        name: The file.
        before: Its text.
        after: What becomes of it.

    Example:
    >>> print("".join(difference("a.py", "x\ny", "x\nz\n")))
    --- a.py
    +++ a.py
    @@ -1,2 +1,2 @@
     x
    -y
    \ No newline at end of file
    +z
    """
    for line in difflib.unified_diff(lines_of(before), lines_of(after), name, name):
        if line.endswith("\n"):
            yield line
        elif line.endswith("\r"):
            yield f"{line[:-1]}\n"  # on a terminal the next line would be written over it
        else:
            yield f"{line}\n\\ No newline at end of file\n"


class Report:
    """Prints what came of files.

    Args:
        out: Where to.
        diff: Whether to print the lines that change.
        applied: Whether the files are written.

    Attributes:
        on_terminal: Whether somebody looks at it.
        changed: How many files are changed, or would be.
        unwritten: Those that could not be written, and why.
    """

    def __init__(self, out: TextIO, *, diff: bool, applied: bool) -> None:
        from rich.console import Console  # it knows of terminals without colours, and of the wishes of their owners

        console = Console(file=out)
        self.on_terminal = console.is_terminal
        self.changed = 0
        self.unwritten: list[Remark] = []
        self._out, self._diff, self._applied = out, diff, applied
        self._colours = console.is_terminal and not console.no_color
        self._looked_at = 0
        self._changes: Counter[str] = Counter()
        self._files: list[list[str]] = []
        self._marks: list[Remark] = []
        self._refusals: list[Remark] = []

    def add(self, outcome: Outcome) -> None:
        """Adds a file, and prints how it changes."""
        self._looked_at += 1
        self._refusals += outcome.refusals
        if outcome.unwritten is not None:
            self.unwritten.append(Remark(str(outcome.path), outcome.unwritten))
            return
        self._marks += outcome.marks
        if outcome.is_changed:
            self.changed += 1
            self._changes.update(change.text for change in outcome.changes)
            self._files.append([printable(str(outcome.path), None), f"{len(outcome.changes):,}"])
            if self._diff:
                self._print(difference(printable(str(outcome.path), None), outcome.before, outcome.after))

    def refuse(self, refusal: Remark) -> None:
        """Adds something that could not be looked at."""
        self._refusals.append(refusal)

    def end(self) -> None:
        """Prints the summary."""
        what = "was changed" if self._applied else "would change"
        lines = [
            *([""] if self._diff and self.changed else []),
            self._headline(),
            *section(f"What {what}", self._most_frequent()),
            *section("Files, with the number of changes", self._names()),
            *section("To look at, where comments say `TODO(amalthea)`", _told(self._marks)),
            *section("Left as they are", _told(self._refusals)),
            *section("Could not be written, and are as they were", _told(self.unwritten)),
        ]
        if self.changed and not self._applied:
            lines += ["", "Nothing is written without `--write`."]
        self._out.write("".join(f"{line}\n" for line in lines))

    def _headline(self) -> str:
        if not self.changed:
            result = "nothing to change" if not self.unwritten else "none was changed"
        elif self._applied:
            result = f"{self.changed:,} {'was' if self.changed == 1 else 'were'} changed"
        else:
            result = f"{self.changed:,} would change"
        return f"Looked at {many(self._looked_at, 'file')}: {result}."

    def _names(self) -> list[str]:
        return aligned(self._files) if self._files and not self._diff else []  # a diff names them itself

    def _most_frequent(self) -> list[str]:
        ranked = sorted(self._changes.items(), key=lambda each: (-each[1], each[0]))
        rows = [[printable(text, None), f"{count:,}"] for text, count in ranked[:MOST]]
        more = [f"... and {len(ranked) - MOST:,} more kinds"] if len(ranked) > MOST else []
        return [*(aligned(rows) if rows else []), *more]

    def _print(self, lines: Iterable[str]) -> None:
        for line in lines:
            code = COLOURS.get(line[0]) if self._colours else None
            body = line.rstrip("\r\n")
            self._out.write(line if code is None else f"\x1b[{code}m{body}\x1b[0m\n")


def _told(remarks: Sequence[Remark]) -> list[str]:
    return [f"{printable(place, None)}: {printable(text, None)}" for place, text in remarks]
