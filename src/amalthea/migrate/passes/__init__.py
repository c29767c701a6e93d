"""The passes over a program. Each rewrites one kind of legacy code."""

from __future__ import annotations

from amalthea.migrate.passes.aliases import Aliases
from amalthea.migrate.passes.fitting import Fitting
from amalthea.migrate.passes.image_generators import ImageGenerators
from amalthea.migrate.passes.keras_arguments import KerasArguments
from amalthea.migrate.passes.keras_names import KerasNames
from amalthea.migrate.passes.next_batches import NextBatches
from amalthea.migrate.passes.sequences import Sequences
from amalthea.migrate.passes.stars import Stars
from amalthea.migrate.passes.texts import Texts
from amalthea.migrate.passes.timeseries import Timeseries
from amalthea.migrate.rewriter import Rewriter

__all__ = ["PASSES"]

# In their order: the first two let all others tell what is of Keras, which they read by its old names; the last gives
# all that is left its new ones.
PASSES: tuple[type[Rewriter], ...] = (
    Stars,
    Aliases,
    ImageGenerators,
    Texts,
    Timeseries,
    Sequences,
    Fitting,
    NextBatches,
    KerasArguments,
    KerasNames,
)
