"""Batches made as a whole, by somebody's sequence of them."""

from __future__ import annotations

import functools
import random
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from amalthea._trees import map_leaves
from amalthea.batches import Plan, as_sample, check_sample
from amalthea.errors import SampleError
from amalthea.workers.jobs import Job, Origin

__all__ = ["BatchMaker", "Whole", "reseed"]

# Of these nothing is sent: they are there, or stand-ins for them.
KNOWN_MODULES = frozenset({"__main__", "keras", "amalthea"})


class BatchMaker:
    """Makes the batches of a sequence.

    Args:
        sequence: Gives a batch by its number.
        seed: With the epoch and the number it decides all that is random in a batch that a worker process makes.
    """

    unit = "Batch"
    mends = False
    deadly: frozenset[int] = frozenset()

    def __init__(self, sequence: Any, seed: int) -> None:
        self.sequence, self.seed = sequence, seed

    def by_value(self) -> tuple[str, ...]:
        """Returns the modules that a worker process need not import.

        A module that derives a class from Keras' dataset imports Keras and a backend, seconds and hundreds of
        megabytes that its batches rarely need.
        """
        mro = type(self.sequence).__mro__
        modules = {each.__module__ for each in mro}
        known = sys.stdlib_module_names | KNOWN_MODULES
        return tuple(sorted(module for module in modules if module.split(".")[0] not in known))

    def batch(self, plan: Plan) -> Any:
        """Returns the planned batch: NumPy arrays in the form that Keras takes on every backend.

        Raises:
            SampleError: If the sequence fails, or gives something else.
        """
        number = int(plan.indices[0])
        try:
            return _checked(self.sequence[number])
        except (Exception, SystemExit) as error:  # other people's code may raise anything; it arrives as the cause
            raise SampleError(number, "sequence", f"{type(error).__name__}: {error}") from error


class Whole:
    """The recipe for batches that a sequence makes.

    Args:
        sequence: Gives a batch by its number.
        seed: As for `BatchMaker`.
    """

    in_use = 0  # how large its batches are is for the sequence to say

    def __init__(self, sequence: Any, seed: int) -> None:
        self._sequence, self._seed = sequence, seed
        self._maker = BatchMaker(sequence, seed)
        self._before: BatchMaker | None = None  # with it lives what was sent for it, and need not be sent again

    def renew(self) -> None:
        """Lets worker processes make the batches that follow from the sequence as it is now."""
        self._maker, self._before = BatchMaker(self._sequence, self._seed), self._maker

    def job(self, plan: Plan) -> Job:
        """Returns the work of making a batch."""
        return Job(
            [None],
            rows=1,
            span=1,
            fill=functools.partial(_fill, self._maker, plan),
            complete=lambda slot: slot[0],
            origin=Origin(self._maker, plan, None),
        )

    def clear(self) -> None:
        """Gives back what was sent of the sequence."""
        self._maker, self._before = BatchMaker(self._sequence, self._seed), None


def reseed(maker: BatchMaker, plan: Plan, randoms: Sequence[Any]) -> None:
    """Sets all random state that a sequence may draw from, as the batch's own key says.

    So a batch is the same whichever process makes it, and no two are alike.

    Args:
        maker: Has the seed.
        plan: The batch.
        randoms: The generators that the sequence holds.
    """
    for place, generator in enumerate([np.random, random, *randoms]):
        # The 3 keeps these streams apart from those of samples and batches.
        key = np.random.SeedSequence([maker.seed, plan.epoch, int(plan.indices[0]), place, 3])
        if isinstance(generator, np.random.Generator):
            generator.__init__(type(generator.bit_generator)(key))  # type: ignore[misc]  # no other way is public
        elif hasattr(generator, "set_state"):  # a RandomState, or NumPy's global one
            name = generator.get_state(legacy=False)["bit_generator"]
            generator.set_state(getattr(np.random, name)(key).state | {"has_gauss": 0, "gauss": 0.0})
        else:  # a random.Random, or Python's global one
            generator.seed(int(key.generate_state(1, np.uint64)[0]))


def _fill(maker: BatchMaker, plan: Plan, slot: list[Any], _: range) -> list[SampleError]:
    slot[0] = map_leaves(np.copy, maker.batch(plan))  # the sequence may use its memory for the next batch
    return []


def _checked(value: Any) -> Any:
    batch = as_sample(value)
    check_sample(batch)
    return map_leaves(_as_array, batch)


def _as_array(leaf: Any) -> Any:
    array = np.asarray(leaf)
    if array.dtype.kind not in "biuf":
        raise TypeError(
            f"a batch holds {leaf!r:.80} of dtype {array.dtype}; NumPy arrays of integers, floats of 16 bits or more, "
            "or booleans are needed"
        )
    return array
