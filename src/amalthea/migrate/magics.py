"""What is in the cells of a notebook and is no Python: `%matplotlib inline`, `!pip install`, `help?`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from amalthea.migrate.lines import lines_of

__all__ = ["Masked", "is_other_language", "mask"]

# Cells that begin with one of these hold Python below it; those of others, as `%%bash` and `%%html`, do not.
_PYTHON_CELLS = ("capture", "debug", "memit", "prun", "time", "timeit")

# No statement of Python begins, or goes on after `=`, or ends like these.
_MAGIC = re.compile(
    r"""
    [ \t]*
    (?P<magic>
        [%!?,;/] (?: \\\r?\n | [^\n] )*
      | [\w.,*\[\]\ \t]+ = [ \t]* [%!] (?!=) (?: \\\r?\n | [^\n] )*
      | [^\s#"'?=] [^#"'?\n]* \?{1,2} [ \t]* (?= \r?\n | \Z )
    )
    """,
    re.VERBOSE,
)

# What may hold an end of a line that ends no statement, and such an end.
_PIECE = re.compile(
    r"""
      \# [^\n]*
    | \\ \r? \n
    | (?P<quotes> \"\"\" | ''' ) (?: \\. | (?! (?P=quotes) ) . )* (?P=quotes)
    | " (?: \\. | [^"\\\n] )* "
    | ' (?: \\. | [^'\\\n] )* '
    | [(\[{] | [)\]}] | \n
    """,
    re.VERBOSE | re.DOTALL,
)


class Masked(NamedTuple):
    """A cell as Python.

    Attributes:
        text: The cell, with a statement in place of each magic.
        magics: The statements, and what they stand for.
    """

    text: str
    magics: dict[str, str]

    def unmasked(self, text: str) -> str:
        """Returns a text with the magics in place of the statements."""
        for statement, magic in self.magics.items():
            text = text.replace(statement, magic)
        return text

    def line_of(self, text: str, line: int) -> int:
        """Returns which line of the cell a line of the text is, where a magic may go over several."""
        before = "".join(lines_of(text)[: line - 1])
        return line + self.unmasked(before).count("\n") - before.count("\n")

    def is_whole(self, text: str) -> bool:
        """Returns whether each statement is in a text, once."""
        return all(text.count(statement) == 1 for statement in self.magics)


def is_other_language(source: str) -> bool:
    r"""Returns whether a cell is for another program than Python.

    Example:
    >>> is_other_language("%%bash\nls"), is_other_language("%%time\nmodel.fit(x)")
    (True, False)
    """
    found = re.match(r"\s*%%(\w*)", source)
    return found is not None and found[1] not in _PYTHON_CELLS


def mask(source: str, name: str) -> Masked:
    r"""Returns a cell with statements in place of what is no Python.

    Args:
        source: The cell.
        name: What begins the statements; it is nowhere else in the notebook.

    Example:
    >>> mask("for i in x:\n    %time f(i)", "magic").text
    'for i in x:\n    "magic 0"'
    """
    parts, magics, end = [], {}, 0
    for number, (start, stop) in enumerate(_magics_in(source)):
        statement = f'"{name} {number}"'
        magics[statement] = source[start:stop]
        parts += [source[end:start], statement]
        end = stop
    return Masked("".join([*parts, source[end:]]), magics)


def _magics_in(source: str) -> Iterator[tuple[int, int]]:
    """Yields where the magics are: only at the beginning of a statement, since `% x` may go on with one."""
    place = 0
    while place < len(source):
        found = _MAGIC.match(source, place)
        if found:
            yield found.span("magic")
            place = found.end()
        place = _end_of_statement(source, place)


def _end_of_statement(source: str, place: int) -> int:
    depth = 0
    for piece in _PIECE.finditer(source, place):
        if piece[0] in ("(", "[", "{"):
            depth += 1
        elif piece[0] in (")", "]", "}"):
            depth -= 1
        elif piece[0] == "\n" and depth <= 0:
            return piece.end()
    return len(source)
