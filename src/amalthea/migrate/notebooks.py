"""Notebooks: their cells are one program, and all else in the file stays as it is, to the letter."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from amalthea.migrate.files import RefusedError
from amalthea.migrate.json_values import Value
from amalthea.migrate.lines import lines_of
from amalthea.migrate.magics import Masked, is_other_language, mask
from amalthea.migrate.programs import check_parses

__all__ = ["Notebook"]


class _Cell(NamedTuple):
    """A cell that is Python.

    Attributes:
        number: Which of the code cells, from 1.
        value: Its source in the file.
        masked: It without magics.
    """

    number: int
    value: Value
    masked: Masked


class Notebook:
    r"""A program that is a notebook, of format 3 or 4.

    Cells share their names: an import is in one, and what it is used for in another. So they are rewritten as one
    module, with a statement of its own between two of them, by which they are told apart again.

    Args:
        text: The file.

    Attributes:
        module, refusals: As of `Program`. Cells that are not Python by themselves are left out.

    Raises:
        RefusedError: If it is no notebook.

    Example:
    >>> cells = [{"cell_type": "code", "source": ["%time\n", "import keras"]}, {"cell_type": "code", "source": "1"}]
    >>> notebook = Notebook(json.dumps({"cells": cells}))
    >>> print(notebook.module)
    "notebook part 1 0"
    import keras
    "notebook part"
    1
    >>> json.loads(notebook.rewritten(notebook.module.replace("keras", "os")))["cells"][0]["source"]
    ['%time\n', 'import os']
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._name = "notebook part"
        while self._name in text:
            self._name += "_"
        self._border = f'"{self._name}"'
        self._cells: list[_Cell] = []
        refusals: list[tuple[str, str]] = []
        for number, value in enumerate(_sources_in(text), 1):
            source = value.value if isinstance(value.value, str) else "".join(value.value)
            if not source.strip() or is_other_language(source):
                continue
            masked = _python_of(source, f"{self._name} {number}")
            try:
                check_parses(masked.text)
            except RefusedError as error:
                refusals.append((_place(number, error.line and masked.line_of(masked.text, error.line)), error.reason))
            else:
                self._cells.append(_Cell(number, value, masked))
        self.refusals = tuple(refusals)
        self.module = f"\n{self._border}\n".join(cell.masked.text for cell in self._cells)

    def place(self, module: str, line: int | None) -> str:
        """Returns where a line is: `":cell 3:2"` is the second line of the third code cell."""
        if line is None or not self._cells:
            return ""
        *before, part = self._parts(lines_of(module)[: line - 1])
        cell = self._cells[len(before)]
        return _place(cell.number, cell.masked.line_of(part, part.count("\n") + 1))

    def rewritten(self, module: str) -> str:
        """Returns the text of the file."""
        if module == self.module:
            return self._text
        *before, last = self._parts(lines_of(module))
        parts = [*(part.removesuffix("\n") for part in before), last]  # the border is on a line of its own
        if len(parts) != len(self._cells):
            raise RefusedError(None, "its cells cannot be told apart after it was rewritten")
        end, pieces = 0, []
        for cell, part in zip(self._cells, parts, strict=True):
            if part != cell.masked.text:
                pieces += [self._text[end : cell.value.start], cell.value.spelled(_checked(cell, part))]
                end = cell.value.end
        return "".join([*pieces, self._text[end:]])

    def _parts(self, lines: list[str]) -> list[str]:
        """Returns what is between the borders."""
        places = [place for place, line in enumerate(lines) if line.rstrip() == self._border]
        starts, ends = [0, *(place + 1 for place in places)], [*places, len(lines)]
        return ["".join(lines[start:end]) for start, end in zip(starts, ends, strict=True)]


def _python_of(source: str, name: str) -> Masked:
    """Returns a cell without what is no Python in it."""
    try:
        check_parses(source)
    except RefusedError:
        return mask(source, name)
    return Masked(source, {})


def _checked(cell: _Cell, part: str) -> str:
    """Returns what a cell became, if it is a cell still."""
    try:
        check_parses(part)
    except RefusedError as error:
        raise RefusedError(None, f"what cell {cell.number} would become is no program, {error}") from None
    if not cell.masked.is_whole(part):
        raise RefusedError(None, f"what cell {cell.number} would become has lost a magic")
    return cell.masked.unmasked(part)


def _place(number: int, line: int | None) -> str:
    return f":cell {number}" if line is None else f":cell {number}:{line}"


def _sources_in(text: str) -> list[Value]:
    """Returns the sources of the code cells."""
    try:
        json.loads(text)
        notebook = Value(text).members()
    except json.JSONDecodeError as error:
        raise RefusedError(error.lineno, f"it is no notebook: {error.msg}") from None
    except RecursionError:
        raise RefusedError(None, "it is no notebook: it is nested too deeply") from None
    if "worksheets" in notebook:  # format 3, of before 2015
        key, sheets = "input", [sheet.members() for sheet in notebook["worksheets"].items()]
    else:
        key, sheets = "source", [notebook]
    if not any("cells" in sheet for sheet in sheets):
        raise RefusedError(None, "it is no notebook: it has no cells")
    cells = [cell.members() for sheet in sheets if "cells" in sheet for cell in sheet["cells"].items()]
    sources = [cell[key] for cell in cells if "cell_type" in cell and cell["cell_type"].value == "code" and key in cell]
    if not all(_is_text(source.value) for source in sources):
        raise RefusedError(None, f"it is no notebook: the {key} of a cell is no text")
    return sources if _is_python(notebook) else []


def _is_text(source: Any) -> bool:
    return isinstance(source, str) or (isinstance(source, list) and all(isinstance(line, str) for line in source))


def _is_python(notebook: dict[str, Value]) -> bool:
    """Returns whether a notebook is in Python, as it is if it does not say."""
    metadata = notebook["metadata"].members() if "metadata" in notebook else {}
    for of, key in (("kernelspec", "language"), ("language_info", "name")):
        said = metadata[of].members().get(key) if of in metadata else None
        if said is not None and "python" not in str(said.value).lower():
            return False
    return True
