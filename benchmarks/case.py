"""The one idea: a case is a name, its data and its contestants, and each of them does the same work."""

import ctypes.util
import dataclasses
import functools
import importlib.util
from collections.abc import Callable, Mapping, Sequence
from typing import Any

PACKAGES = {"jax": "jax", "torch": "torch", "tensorflow": "tensorflow"}
WORKERS = 2


@dataclasses.dataclass(frozen=True)
class Contestant:
    """One way to do the work.

    Attributes:
        name: What it is called in the table.
        make: `"module:function"` in `benchmarks.contestants`; the function takes the data and returns a dataset.
        backend: What Keras runs on, or `None` where there is no Keras.
        through: How its batches are drawn, a key of `benchmarks.drives.DRIVES`; `None` is as the case says, and without
            Keras by itself.
        needs: Packages, and libraries as `"libname"`, without which it cannot run.
        options: Of the function.
        against: Which Amalthea it is compared with; `None` is the first of the case.
        floor: Whether it is the least that the machine needs for the work.
        note: What is not the same work.
    """

    name: str
    make: str
    backend: str | None = None
    through: str | None = None
    needs: Sequence[str] = ()
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    against: str | None = None
    floor: bool = False
    note: str = ""

    @property
    def missing(self):
        """What is not installed of all that it needs."""
        needs = [*self.needs, *([PACKAGES[self.backend], "keras"] if self.backend else [])]
        return [name for name in needs if not _is_there(name)]


@dataclasses.dataclass(frozen=True)
class Case:
    """The same work for all of its contestants.

    Attributes:
        name: For the command line; what stands before the first dash is its group, which has a chart of its own.
        title: For people.
        what: The work, in a sentence or two.
        unit: What a sample is, in the plural.
        contestants: The first is Amalthea.
        data: `data(folder, **options)` makes the files and returns what the contestants are told, with the `count` of
            the samples; `None` passes the options on.
        options: Of `data`.
        smoke: What is other for a smoke test.
        load: `"module:function"` in `benchmarks.data`, run in each process on what they are told, before anything
            is measured: what is in memory already.
        through: How batches are drawn, where the contestant does not say.
        warm: Whether an epoch is run before those that count. Otherwise one epoch is all, with its start.
        cold: Whether the file named `file` is thrown out of the page cache first.
    """

    name: str
    title: str
    what: str
    unit: str
    contestants: Sequence[Contestant]
    data: Callable[..., dict[str, Any]] | None = None
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    smoke: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    load: str | None = None
    through: str = "keras"
    warm: bool = True
    cold: bool = False

    def told(self, folder, *, smoke=False, count=None):
        """Makes the data, and returns what the contestants are told of it."""
        options = {**self.options, **(self.smoke if smoke else {}), **({"count": count} if count else {})}
        return self.data(folder, **options) if self.data else options

    def described(self, contestant, told, *, seconds, compare):
        """Returns what the process of a contestant has to know, as JSON can say it.

        Args:
            contestant: The contestant.
            told: What it is told of the data.
            seconds: How long its epochs are timed, at least.
            compare: Whether its pixels are compared, which are the same each time.
        """
        return {
            "make": contestant.make,
            "options": dict(contestant.options),
            "through": contestant.through or (self.through if contestant.backend else "itself"),
            "load": self.load,
            "told": told,
            "warm": self.warm,
            "cold": self.cold,
            "seconds": seconds,
            "compare": compare,
        }


@functools.cache
def _is_there(name):
    if name.startswith("lib"):
        return ctypes.util.find_library(name.removeprefix("lib")) is not None
    try:
        return importlib.util.find_spec(name) is not None
    except Exception:  # looking for `a.b` imports `a`, which is installed for another version or device of something
        return False
