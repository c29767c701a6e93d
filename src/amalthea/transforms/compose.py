"""Several transforms in a row; those that move pixels become one warp."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from amalthea.transforms._checks import bad
from amalthea.transforms._warp import Geometric, as_warp

Transform = Callable[[Any, np.random.Generator], Any]
"""`(sample, rng) -> sample`."""


@dataclass(eq=False)
class Compose:
    """Applies transforms one after the other.

    Geometric transforms next to each other that agree in `fill_mode`, `interpolation` and `fill_value` are
    one warp of the image: it is interpolated once, and what lies outside is filled in once, at the end. A
    flip agrees with all. A warp that comes out as a pure flip copies pixels and interpolates nothing.

    Args:
        transforms: Transforms of this module or any functions `(sample, rng) -> sample`. A `Compose` in it
            counts as its transforms.

    Attributes:
        steps: What is done: the transforms, with one warp for those that are one.

    Raises:
        ConfigurationError: `transforms` is no sequence of callables.

    Example:
        ```python
        augment = Compose([RandomFlip("horizontal"), RandomRotation(0.1), RandomBrightness(0.2)])
        image, label = augment((np.zeros((32, 32, 3), "uint8"), 1), np.random.default_rng(0))
        ```
    """

    transforms: Sequence[Transform]

    def __post_init__(self) -> None:
        if not isinstance(self.transforms, list | tuple) or not all(map(callable, self.transforms)):
            remedy = "Write Compose([RandomFlip(), my_function]), for instance."
            raise bad("transforms", self.transforms, "a list of functions (sample, rng) -> sample", remedy)
        self.steps: list[Transform] = [_one_step(group) for group in _groups(_flattened(self.transforms))]

    def __call__(self, sample: Any, rng: np.random.Generator) -> Any:
        """The sample after all transforms, which draw from `rng` in their order."""
        for step in self.steps:
            sample = step(sample, rng)
        return sample


def _flattened(transforms: Iterable[Transform]) -> Iterator[Transform]:
    for transform in transforms:
        if isinstance(transform, Compose):
            yield from _flattened(transform.transforms)
        else:
            yield transform


def _groups(transforms: Iterable[Transform]) -> list[list[Transform]]:
    groups: list[list[Transform]] = []
    for transform in transforms:
        if groups and _as_one_warp([*groups[-1], transform]):
            groups[-1].append(transform)
        else:
            groups.append([transform])
    return groups


def _as_one_warp(group: Sequence[object]) -> list[Geometric]:
    """The group, if one warp can do all of it; otherwise nothing."""
    steps = [transform for transform in group if isinstance(transform, Geometric)]
    samplings = {step.sampling for step in steps} - {None}
    return steps if len(steps) == len(group) and len(samplings) <= 1 else []


def _one_step(group: list[Transform]) -> Transform:
    return group[0] if len(group) == 1 else as_warp(_as_one_warp(group))
