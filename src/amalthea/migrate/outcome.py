"""What came of a file."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import NamedTuple

__all__ = ["Outcome", "Remark"]


class Remark(NamedTuple):
    """Something to say of a place in a file.

    Attributes:
        place: The file, with the line where there is one, as `train.py:3` or `train.ipynb:cell 2:3`.
        text: What.
    """

    place: str
    text: str


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What came of a file.

    Attributes:
        path: The file.
        before, after: Its text; the same if nothing is to be changed.
        changes: What was changed, at lines of `before`.
        marks: The comments that say what to look at, at lines of `after`.
        refusals: What was left as it is, and why.
        unwritten: Why it could not be written.
    """

    path: Path
    before: str = ""
    after: str = ""
    changes: tuple[Remark, ...] = ()
    marks: tuple[Remark, ...] = ()
    refusals: tuple[Remark, ...] = ()
    unwritten: str | None = None

    @property
    def is_changed(self) -> bool:
        """Whether the file is another one, or would be if it were written."""
        return self.before != self.after
