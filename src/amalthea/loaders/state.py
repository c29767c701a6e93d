"""The state of a loader: where it is in its stream of batches, and what decides that stream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from amalthea.errors import ConfigurationError

__all__ = ["State", "checked_state", "state_of"]

FORMAT = 1


class State(NamedTuple):
    """Where a loader is.

    Attributes:
        seed: Its seed.
        epoch: The epoch of the batch that comes next.
        position: The place of that batch in its epoch.
    """

    seed: int
    epoch: int
    position: int


def state_of(seed: int, epoch: int, position: int, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a state in types of JSON.

    Example:
    >>> state_of(7, epoch=2, position=5, fields={"batch_size": 32})
    {'amalthea': 1, 'seed': 7, 'epoch': 2, 'position': 5, 'stream': {'batch_size': 32}}
    """
    return {"amalthea": FORMAT, "seed": seed, "epoch": epoch, "position": position, "stream": dict(fields)}


def checked_state(state: Any, seed: int | None, length: int, fields: Mapping[str, Any]) -> State:
    """Returns where a state says that a loader is.

    Args:
        state: What somebody gave.
        seed: What its seed must be; `None` is any.
        length: Batches of an epoch.
        fields: What decides the batches of this loader.

    Raises:
        ConfigurationError: If it is no state, or one of other batches.
    """
    if not isinstance(state, Mapping) or state.get("amalthea") != FORMAT:
        what = f"of the format {state['amalthea']!r}" if isinstance(state, Mapping) and "amalthea" in state else "none"
        raise ConfigurationError(
            f"`state` is {what}; it must be what `loader.state_dict()` has returned, of the format {FORMAT}: "
            f"{state!r:.200}."
        )
    place = State(*(_number(state, name) for name in State._fields))
    _compare(state, place.seed, seed, fields)
    if place.position >= length:
        raise ConfigurationError(f"`state['position']` is {place.position}; an epoch has {length} batches.")
    return place


def _number(state: Mapping[str, Any], name: str) -> int:
    value = state.get(name)
    if type(value) is not int or value < 0:
        raise ConfigurationError(f"`state[{name!r}]` is {value!r}; it must be an integer of 0 or more.")
    return value


def _compare(state: Mapping[str, Any], found: int, seed: int | None, fields: Mapping[str, Any]) -> None:
    stream = state.get("stream")
    if not isinstance(stream, Mapping):
        raise ConfigurationError(f"`state['stream']` is {stream!r}; it must be a dict of what decides the batches.")
    differing = [(name, value, fields.get(name)) for name, value in stream.items() if fields.get(name) != value]
    if seed is not None and found != seed:
        differing.insert(0, ("seed", found, seed))
    if differing:
        each = "; ".join(f"`{name}` is {theirs!r} there and {ours!r} here" for name, theirs, ours in differing)
        raise ConfigurationError(
            f"The state is that of a loader of other batches: {each}. Make the loader as the other was made; what is "
            "known to make no difference may be removed from `state['stream']`."
        )
