"""The methods of a model that take batches, and what their arguments were called."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from amalthea.migrate.passes._calls import keyword, named

__all__ = ["METHODS", "SAMPLES", "data_of", "spelled_anew"]

# By the method of old: that of Keras 3, and the names of the arguments that may be given by place.
METHODS: dict[str, tuple[str, tuple[str, ...]]] = {
    "fit": ("fit", ()),
    "evaluate": ("evaluate", ()),
    "predict": ("predict", ()),
    "fit_generator": (
        "fit",
        ("x", "steps_per_epoch", "epochs", "verbose", "callbacks", "validation_data", "validation_steps"),
    ),
    "evaluate_generator": ("evaluate", ("x", "steps")),
    "predict_generator": ("predict", ("x", "steps")),
}

# Of Keras 1 for the most part.
_RENAMED = {
    "generator": "x",
    "nb_epoch": "epochs",
    "nb_worker": "workers",
    "max_q_size": "max_queue_size",
    "pickle_safe": "use_multiprocessing",
}

# What counted samples in Keras 1, and what counts batches in its place.
SAMPLES = {"samples_per_epoch": "steps_per_epoch", "nb_val_samples": "validation_steps", "val_samples": "steps"}


def spelled_anew(method: str, args: Sequence[cst.Arg]) -> list[cst.Arg] | None:
    """Returns the arguments of a call by their names in Keras 3; `None` if it cannot be told what they are.

    Args:
        method: Its name in the program.
        args: As they are. The first, the data, stays without a name if it has none.
    """
    names = METHODS[method][1]
    counted = any(keyword(args, name) for name in ("nb_epoch", "nb_worker", "max_q_size", "pickle_safe", *SAMPLES))
    result = []
    for place, arg in enumerate(args):
        if arg.keyword is not None:
            result.append(named(arg, _RENAMED.get(arg.keyword.value, arg.keyword.value)))
        elif not names or arg.star == "**" or (place == 0 and not arg.star):
            result.append(arg)
        elif arg.star or place >= len(names):
            return None
        else:
            result.append(named(arg, _in_samples(names[place]) if counted else names[place]))
    return result


def data_of(args: Sequence[cst.Arg]) -> cst.Arg | None:
    """Returns the argument that gives the batches."""
    first = args[0] if args and args[0].keyword is None and not args[0].star else None
    return first or keyword(args, "x")


def _in_samples(name: str) -> str:
    return next((old for old, new in SAMPLES.items() if new == name), name)
