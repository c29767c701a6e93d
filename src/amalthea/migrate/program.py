"""Many files: each is read here, rewritten in a process, and written here, in the order in which they were found."""

from __future__ import annotations

import dataclasses
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import loky

from amalthea._checks import check_int
from amalthea._progress import progress
from amalthea.errors import ConfigurationError
from amalthea.migrate.files import NOTEBOOK, File, RefusedError, read, write
from amalthea.migrate.finding import find
from amalthea.migrate.notebooks import Notebook
from amalthea.migrate.outcome import Outcome, Remark
from amalthea.migrate.programs import Program, Script, check_parses
from amalthea.migrate.report import Report

try:
    from amalthea.migrate.processes import Answer, Crew
    from amalthea.migrate.rewrite import Note, Rewritten, worth_a_look
except ModuleNotFoundError as error:
    raise ConfigurationError('Programs are rewritten by libcst: pip install "amalthea[migrate]".') from error

__all__ = ["Totals", "migrate", "outcomes"]

FEW = 3  # so many files are rewritten before a process has started


class Totals(NamedTuple):
    """What came of all files.

    Attributes:
        changed: How many are changed, or would be.
        unwritten: How many could not be written.
    """

    changed: int
    unwritten: int


def migrate(
    paths: Sequence[str], *, apply: bool = False, diff: bool = True, workers: int | None = None, show: bool = True
) -> Totals:
    """Rewrites programs and notebooks, and prints what came of it.

    Args:
        paths: Files and folders.
        apply: Whether to write the files.
        diff: Whether to print what changes, line by line.
        workers: Number of processes; `None` is one for each core.
        show: Whether to show progress on a terminal.

    Raises:
        ConfigurationError: If a path does not exist, there is no program in any of them, or `workers` cannot be used.

    Example:
    >>> migrate(["tests/conftest.py"])
    Looked at 1 file: nothing to change.
    Totals(changed=0, unwritten=0)
    """
    workers = loky.cpu_count() if workers is None else check_int("workers", workers, minimum=1)
    found = find(paths)
    # Taken before there is a bar, which would lead what is printed to where it is shown itself.
    report = Report(sys.stdout, diff=diff, applied=apply)
    for error in found.closed:
        report.refuse(Remark(str(error.filename), _words(error)))
    show = show and not (diff and report.on_terminal)  # the changes run through it, and are progress enough
    with progress("Looking at files", len(found.files), show=show) as advance:
        for outcome in outcomes(found.files, apply=apply, workers=workers):
            report.add(outcome)
            advance(1)
    report.end()
    return Totals(report.changed, len(report.unwritten))


def outcomes(files: Sequence[Path], *, apply: bool = False, workers: int = 1) -> Iterator[Outcome]:
    """Yields what comes of each file, in their order.

    Args:
        files: Programs and notebooks.
        apply: Whether to write them.
        workers: Number of processes.
    """
    waiting: deque[_Begun] = deque()
    busy = 0
    with Crew(workers if len(files) > FEW else 1) as crew:
        for path in files:
            waiting.append(_begin(path, crew, apply))
            busy += waiting[-1].is_long
            while waiting and (not waiting[0].is_long or busy > crew.room):
                first = waiting.popleft()
                busy -= first.is_long
                yield first.end()
        while waiting:
            yield waiting.popleft().end()


class _Begun(NamedTuple):
    """A file that was begun with.

    Attributes:
        is_long: Whether its end has to be waited for.
        end: Returns what came of it.
    """

    is_long: bool
    end: Callable[[], Outcome]


def _begin(path: Path, crew: Crew, apply: bool) -> _Begun:
    try:
        file = read(path)
        if not worth_a_look(file.text):
            return _Begun(False, lambda: Outcome(path))
        program: Program = Notebook(file.text) if path.suffix == NOTEBOOK else Script(file.text)
    except (OSError, RefusedError) as error:
        refused = _refused(path, error)
        return _Begun(False, lambda: refused)
    if not worth_a_look(program.module):
        return _Begun(False, lambda: Outcome(path))
    answer = crew.rewrite(program.module)
    return _Begun(True, lambda: _end(file, program, answer(), apply))


def _end(file: File, program: Program, answer: Answer, apply: bool) -> Outcome:
    """Returns what came of a file, and writes it if that is wanted."""
    left = tuple(Remark(f"{file.path}{place}", reason) for place, reason in program.refusals)
    if isinstance(answer, RefusedError):
        place = f"{file.path}{program.place(program.module, answer.line)}"
        return Outcome(file.path, refusals=(*left, Remark(place, answer.reason)))
    try:
        text, data = _checked(file, program, answer)
    except RefusedError as error:
        return Outcome(file.path, refusals=(*left, *_refused(file.path, error).refusals))
    outcome = Outcome(
        file.path,
        before=file.text,
        after=text,
        changes=_remarks(file, program, program.module, answer.changes),
        marks=_remarks(file, program, answer.text, answer.marks),
        refusals=left,
    )
    return _written(file, data, outcome) if apply and outcome.is_changed else outcome


def _remarks(file: File, program: Program, module: str, notes: Sequence[Note]) -> tuple[Remark, ...]:
    return tuple(Remark(f"{file.path}{program.place(module, note.line)}", note.text) for note in notes)


def _checked(file: File, program: Program, answer: Rewritten) -> tuple[str, bytes]:
    """Returns what is to be written, if it is a program."""
    if answer.text == program.module:
        return file.text, file.data
    text = program.rewritten(answer.text)
    data = file.encoded(text)
    if isinstance(program, Script):
        try:
            check_parses(data)
        except RefusedError as error:
            raise RefusedError(None, f"what it would become is no program of this Python, {error}") from None
    return text, data


def _written(file: File, data: bytes, outcome: Outcome) -> Outcome:
    try:
        write(file, data)
    except (OSError, RefusedError) as error:
        return dataclasses.replace(outcome, unwritten=_words(error))
    return outcome


def _refused(path: Path, error: OSError | RefusedError) -> Outcome:
    line = error.line if isinstance(error, RefusedError) else None
    reason = error.reason if isinstance(error, RefusedError) else _words(error)
    return Outcome(path, refusals=(Remark(f"{path}{'' if line is None else f':{line}'}", reason),))


def _words(error: OSError | RefusedError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
