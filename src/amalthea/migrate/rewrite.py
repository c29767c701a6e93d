"""A program in, the program for Keras 3 out."""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import warnings

import libcst as cst
from libcst import metadata

from amalthea.errors import AmaltheaError
from amalthea.migrate.imports import Imports, TakenError
from amalthea.migrate.lines import lines_of
from amalthea.migrate.passes import PASSES
from amalthea.migrate.rewriter import MARK, Note, Notes

__all__ = ["Note", "Rewritten", "UnparsableError", "rewrite", "worth_a_look"]

# A program that has to do with Keras holds one of these, even where its models come from elsewhere. To parse one takes
# a thousand times as long as to look for them.
_SIGNS = (
    "keras",
    "_generator",
    "use_multiprocessing",
    "workers",
    "pickle_safe",
    "max_q",
    "nb_",
    "samples_per_epoch",
    "texts_to_",
    "fit_on_",
)


class UnparsableError(AmaltheaError):
    """A text is no program of Python 3.

    Args:
        line: Where, counted from 1.
        reason: What is wrong there.
    """

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line, self.reason = line, reason

    def __reduce__(self) -> tuple[type[UnparsableError], tuple[int, str]]:
        return type(self), (self.line, self.reason)


@dataclasses.dataclass(frozen=True)
class Rewritten:
    """A program for Keras 3.

    Attributes:
        text: The program. It is what was given, to the letter, if nothing was to be done.
        changes: What was changed, at lines of what was given.
        marks: The comments that say what to look at, at lines of `text`; those of an earlier run as well.
    """

    text: str
    changes: tuple[Note, ...]
    marks: tuple[Note, ...]


def worth_a_look(text: str) -> bool:
    """Returns whether a text may have to do with Keras; only such texts need to be parsed."""
    return any(sign in text for sign in _SIGNS)


def rewrite(text: str) -> Rewritten:
    r"""Rewrites a program.

    Args:
        text: The program, with line ends of any kind.

    Raises:
        UnparsableError: If it is no program of Python 3, or what came out of it would be none.

    Example:
    >>> print(rewrite("from keras.utils.data_utils import Sequence\nprint(Sequence)").text)
    from keras.utils import PyDataset
    print(PyDataset)
    """
    module = _parsed(text)
    code, changes = _rewritten(module, text) if worth_a_look(text) else (text, ())
    if code != text:
        _check(text, code)
    return Rewritten(code, changes, _marks_in(code))


def _rewritten(module: cst.Module, text: str) -> tuple[str, tuple[Note, ...]]:
    program = metadata.MetadataWrapper(module)
    imports = Imports.of(program)
    notes, changed = Notes(imports.idle), False
    for each in PASSES:
        if any(word in text for word in each.words):
            rewriter = each(notes)
            module = program.visit(rewriter)
            if rewriter.touched:  # otherwise all that is known of the program holds for the next one
                program, changed = metadata.MetadataWrapper(module), True
    if not changed:
        return text, ()
    try:
        module = imports.settled(program.module, notes.imports)
    except TakenError as error:
        raise UnparsableError(1, f"left as it is: {error}") from None
    return module.code, tuple(sorted(set(notes.changes)))


def _parsed(text: str) -> cst.Module:
    try:
        return cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        raise UnparsableError(error.raw_line, error.message.strip()) from None


def _check(before: str, after: str) -> None:
    """Raises UnparsableError if a program could be compiled before it was rewritten, and cannot be any more."""
    try:
        _compile(after)
    except (SyntaxError, ValueError) as error:
        with contextlib.suppress(SyntaxError, ValueError):
            _compile(before)
            line = error.lineno if isinstance(error, SyntaxError) else None
            raise UnparsableError(line or 1, f"left as it is: what came out of it is no program, {error}") from None


def _compile(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the program's own, such as an escape in a string that is none
        compile(text, "<program>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)


def _marks_in(text: str) -> tuple[Note, ...]:
    return tuple(
        Note(number, line.split(MARK, 1)[1].strip())
        for number, line in enumerate(lines_of(text), 1)
        if line.lstrip().startswith(MARK)
    )
