"""Workers, which were arguments of `fit` and are the data's own now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import libcst as cst
import libcst.matchers as m

from amalthea.migrate.passes._calls import argument, code_of, keyword

__all__ = ["OPTIONS", "asked_for", "in_words", "shuffle_of"]

OPTIONS = ("workers", "use_multiprocessing", "max_queue_size")

_FEW = m.Integer("1") | m.Integer("0") | m.UnaryOperation(operator=m.Minus())
_NO = m.Name("False") | m.Integer("0")


def asked_for(args: Sequence[cst.Arg]) -> list[cst.Arg]:
    """Returns the options of a call that ask for workers; none if it wants no more than Keras gives by itself."""
    workers, processes = keyword(args, "workers"), keyword(args, "use_multiprocessing")
    several = workers is not None and not m.matches(workers.value, _FEW)
    apart = processes is not None and not m.matches(processes.value, _NO)
    options = [found for name in OPTIONS if (found := keyword(args, name)) is not None]
    return [each for each in options if each is not processes or apart] if several or apart else []


def in_words(options: Sequence[cst.Arg]) -> str:
    """Returns options as they are written in a call."""
    return ", ".join(f"{option.keyword.value}={code_of(option.value)}" for option in options if option.keyword)


def shuffle_of(method: str, args: Sequence[cst.Arg]) -> list[cst.Arg]:
    """Returns the `shuffle` that a loader needs to go on as the method did: `fit` shuffled batches by itself."""
    given: Any = keyword(args, "shuffle")
    if method != "fit" or (given is not None and m.matches(given.value, _NO)):
        return []
    return [argument("shuffle", given.value.deep_clone() if given is not None else cst.Name("True"))]
