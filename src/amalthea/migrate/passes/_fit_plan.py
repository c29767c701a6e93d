"""What is to become of the arguments of one call of `fit`, `evaluate` or `predict`."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

import libcst as cst

from amalthea.migrate.passes._calls import argument, dotted, keyword, plain
from amalthea.migrate.passes._fit_names import SAMPLES, data_of
from amalthea.migrate.passes._steps import (
    STEPS,
    batches_of_samples,
    is_all_samples,
    is_share,
    is_whole_pass,
    whole_number,
)
from amalthea.migrate.passes._values import Kind, Values
from amalthea.migrate.passes._workers import OPTIONS, asked_for, in_words, shuffle_of

__all__ = ["Plan", "data_in", "loader_of", "planned"]


@dataclasses.dataclass
class Plan:
    """What is to be done.

    Attributes:
        gone: Names of arguments that go.
        counts: By the name of an argument that counts samples or batches, that of the number of batches, and its code.
        wrapped: By the name of an argument, the options of the `SequenceLoader` that it is put into.
        iterated: Names of arguments that are iterators and have to be generators.
        marks: What to look at.
    """

    gone: set[str] = dataclasses.field(default_factory=set)
    counts: dict[str, tuple[str, str]] = dataclasses.field(default_factory=dict)
    wrapped: dict[str, list[cst.Arg]] = dataclasses.field(default_factory=dict)
    iterated: set[str] = dataclasses.field(default_factory=set)
    marks: list[str] = dataclasses.field(default_factory=list)


def data_in(args: Sequence[cst.Arg]) -> dict[str, Any]:
    """Returns what gives batches to a call: that of `"x"`, and that of `"validation_data"` if there is such."""
    found = {"x": data_of(args), "validation_data": keyword(args, "validation_data")}
    return {name: arg.value for name, arg in found.items() if arg is not None}


def planned(method: str, args: Sequence[cst.Arg], values: Values, *, is_moved: bool) -> Plan:
    """Returns what is to be done with the arguments of a call.

    Args:
        method: Its name in Keras 3.
        args: By their names in Keras 3, as they were.
        values: What is known.
        is_moved: Whether the loader is told how long an epoch is.
    """
    plan, data = Plan(), data_in(args)
    if is_moved:
        plan.gone |= {"steps_per_epoch", "samples_per_epoch"}
    for steps, of in STEPS.items():
        given = keyword(args, steps)
        if given is not None and steps not in plan.gone:
            _plan_steps(plan, given, data.get(of), values)
    _plan_samples(plan, args, data, values)
    _plan_workers(plan, method, args, values)
    kinds = {name: values.kind_of(value) for name, value in data.items()}
    plan.iterated |= {name for name, kind in kinds.items() if kind is Kind.ITERATOR}
    if keyword(args, "sample_weight") is not None and kinds.get("x") in (Kind.SEQUENCE, Kind.LOADER):
        plan.marks.append(
            f"`sample_weight` cannot stand beside `{plain(data['x'])}`: let it give batches `(x, y, sample_weight)`"
        )
    return plan


def _plan_steps(plan: Plan, given: Any, data: Any, values: Values) -> None:
    name = given.keyword.value
    if data is not None and is_whole_pass(given.value, data, values):
        plan.gone.add(name)
        return
    code = whole_number(given.value, values)
    if code != plain(given.value):
        plan.counts[name] = name, code
    may_exceed = dotted(given.value) != "None" and not is_share(given.value, data)
    if data is not None and values.kind_of(data) is Kind.LOADER and may_exceed:
        plan.marks.append(_too_many(name, data))


def _too_many(steps: str, data: Any) -> str:
    owner = f"`{dotted(data)}`" if dotted(data) else "the loader"
    remedy = f", or give it to {owner} when that is made" if steps == "steps_per_epoch" else ""
    return (
        f"`{steps}` may be more than the batches of {owner}, which the legacy iterator began again: leave it out for "
        f"all of them{remedy}"
    )


def _plan_samples(plan: Plan, args: Sequence[cst.Arg], data: dict[str, Any], values: Values) -> None:
    known, unknown = [], []
    for old, new in SAMPLES.items():
        given, of = keyword(args, old), data.get(STEPS[new])
        if given is None or of is None or old in plan.gone:
            continue
        code = batches_of_samples(given.value, of, values)
        if values.kind_of(of) is Kind.LOADER and is_all_samples(given.value, of, values):
            plan.gone.add(old)
        elif code is None:
            unknown.append(f"`{old}` is `{new}`")
        else:
            plan.counts[old] = new, code
            if values.kind_of(of) is Kind.LOADER:
                plan.marks.append(_too_many(new, of))
            else:
                known.append(new)
    if known:
        plan.marks.append(f"{_listed(known)}, in batches now, was in samples: is this one pass?")
    if unknown:
        plan.marks.append(
            f"what was given in samples is in batches now: {', '.join(unknown)}, divided by the size of a batch"
        )


def _plan_workers(plan: Plan, method: str, args: Sequence[cst.Arg], values: Values) -> None:
    plan.gone.update(OPTIONS)
    options, read, unknown = asked_for(args), [], []
    for name, value in data_in(args).items() if options else ():
        kind, shuffle = values.kind_of(value), shuffle_of(method, args) if name == "x" else []
        if kind is Kind.SEQUENCE:
            plan.wrapped[name] = [*shuffle, *options]
        elif kind in (Kind.GENERATOR, Kind.ITERATOR):
            read.append(plain(value))
        elif kind is None and plain(value) != "None" and not _is_arrays(name, value, args, values):
            unknown.append(f"`amalthea.SequenceLoader({plain(value)}, {in_words([*shuffle, *options])})`")
    if read:
        plan.marks.append(
            f"`{in_words(options)}` is gone, for a generator is read by one thread: {_listed(read)} could be a class "
            "with `__len__` and `__getitem__` that gives one sample, for `amalthea.Loader`"
        )
    if unknown:
        plan.marks.append(
            f"`{in_words(options)}` is gone from `{method}`; if it is given a Sequence, write {', '.join(unknown)}"
        )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _is_arrays(name: str, value: Any, args: Sequence[cst.Arg], values: Values) -> bool:
    """Returns whether what a call is given is arrays, which workers never had to do with."""
    if name == "validation_data":
        return all(isinstance(each, cst.Tuple | cst.List) for each in values.origins_of(value))
    return keyword(args, "y") is not None or (len(args) > 1 and args[1].keyword is None and not args[1].star)


def loader_of(value: Any, options: Sequence[cst.Arg]) -> cst.Call:
    """Returns a sequence in a loader with these options."""
    added = [argument(each.keyword.value, each.value.deep_clone()) for each in options if each.keyword]
    function = cst.Attribute(cst.Name("amalthea"), cst.Name("SequenceLoader"))
    return cst.Call(function, [cst.Arg(value), *added])
