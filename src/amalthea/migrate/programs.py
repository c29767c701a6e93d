"""A program in a file, as the rewriter takes it: one text of Python, whatever the file is."""

from __future__ import annotations

import ast
import sys
import warnings
from typing import Protocol

from amalthea.migrate.files import RefusedError
from amalthea.migrate.lines import plain, restored

__all__ = ["Program", "Script", "check_parses"]


class Program(Protocol):
    """A program that can be rewritten.

    Attributes:
        module: It as one text of Python.
        refusals: Where parts of it are that are no Python and are not in `module`, and why.
    """

    module: str
    refusals: tuple[tuple[str, str], ...]

    def place(self, module: str, line: int | None) -> str:
        """Returns where a line of `module`, or of what it became, is in the file: what follows the file's name."""

    def rewritten(self, module: str) -> str:
        """Returns the text of the file for what became of `module`.

        Raises:
            RefusedError: If it cannot be put into the file.
        """


class Script:
    """A program that is a file of Python.

    Args:
        text: The file.

    Attributes:
        module, refusals: As of `Program`.

    Example:
    >>> Script("import keras").place("import keras", 1)
    ':1'
    """

    refusals: tuple[tuple[str, str], ...] = ()

    def __init__(self, text: str) -> None:
        self._text = text
        self.module = plain(text)

    def place(self, module: str, line: int | None) -> str:
        """Returns where a line is."""
        return "" if line is None else f":{line}"

    def rewritten(self, module: str) -> str:
        """Returns the text of the file."""
        return restored(self._text, module)


def check_parses(program: str | bytes) -> None:
    """Checks that this Python can parse a program; bytes say their encoding themselves.

    Raises:
        RefusedError: If it cannot.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the program's own, such as an escape in a string that is none
        try:
            ast.parse(program)
        except SyntaxError as error:
            raise RefusedError(error.lineno, error.msg) from None
        except (ValueError, RecursionError, MemoryError) as error:  # zero bytes; expressions that are too deep
            version = f"{sys.version_info.major}.{sys.version_info.minor}"
            raise RefusedError(None, f"Python {version} cannot parse it: {error or type(error).__name__}") from None
