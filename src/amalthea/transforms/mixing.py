"""Batch transforms that mix each row with another one of the batch, and the labels with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from amalthea.errors import ConfigurationError
from amalthea.transforms._checks import Factor, bad, bounds, is_number
from amalthea.transforms._images import cast_pixels
from amalthea.transforms.erasing import span

Array = NDArray[Any]


@dataclass(eq=False)
class MixUp:
    """Blends each row with another one, as `keras.layers.MixUp`.

    The method is from Zhang et al., https://arxiv.org/abs/1710.09412.

    Args:
        alpha: The share that a row keeps is drawn from Beta(alpha, alpha): the smaller, the less is mixed.

    Raises:
        ConfigurationError: `alpha` is not above 0.

    Example:
        ```python
        x, y = np.zeros((8, 32, 32, 3), "float32"), np.eye(8, dtype="float32")
        x, y = MixUp(alpha=0.2)((x, y), np.random.default_rng(0))  # each row of y sums to 1
        ```
    """

    alpha: float = 0.2

    def __post_init__(self) -> None:
        if not is_number(self.alpha) or not 0 < self.alpha < np.inf:
            raise bad("alpha", self.alpha, "a number above 0", "Write alpha=0.2, as for ImageNet.")

    def __call__(self, batch: Any, rng: np.random.Generator) -> Any:
        """The batch `(x, y)` or `(x, y, sample_weight)`, its rows mixed.

        Args:
            batch: x of shape (batch, ...), y one-hot or float of shape (batch, ...).
            rng: Draws a permutation of the rows and one share for each of them.

        Returns:
            A new tuple of the same shapes; y and sample weights are floats.

        Raises:
            ConfigurationError: The batch has no y, or its y are class numbers.
        """
        x, *targets = _mixable(batch, "MixUp")
        partners = rng.permutation(len(x))
        shares = rng.beta(self.alpha, self.alpha, size=len(x))
        mixed = _blended(x, partners, shares, x.dtype)
        return mixed, *_blended_targets(targets, partners, shares)


@dataclass(eq=False)
class CutMix:
    """Pastes a rectangle of another row into each row, as `keras.layers.CutMix`.

    The method is from Yun et al., https://arxiv.org/abs/1905.04899.

    Args:
        factor: For each batch, alpha is drawn from 0 to `factor`, or from between a pair; for each row, the
            share that it keeps from Beta(alpha, alpha).

    Raises:
        ConfigurationError: `factor` is no number or pair from 0 to 1.
    """

    factor: Factor = 1.0

    def __post_init__(self) -> None:
        self._alphas = bounds("factor", self.factor, 0, 1, symmetric=False)

    def __call__(self, batch: Any, rng: np.random.Generator) -> Any:
        """The batch `(x, y)` or `(x, y, sample_weight)`, its rows mixed.

        Args:
            batch: x of shape (batch, height, width, channels), y one-hot or float of shape (batch, ...), or masks
                of shape (batch, height, width, channels).
            rng: Draws a permutation of the rows, one alpha, and a share and a place for each row.

        Returns:
            A new tuple of the same shapes; y and sample weights are floats. A label's share is the share of
            the pixels. Masks keep their dtype: the same rectangle is pasted into them.

        Raises:
            ConfigurationError: The batch has no y, or its y are class numbers.
            ValueError: x is no batch of images.
        """
        masked = _has_masks(batch)
        x, *targets = batch if masked else _mixable(batch, "CutMix")
        if x.ndim != 4:
            raise ValueError(f"CutMix needs x of shape (batch, height, width, channels); got {x.shape}.")
        partners = rng.permutation(len(x))
        alpha = rng.uniform(*self._alphas) + 1e-6
        shares, places = rng.beta(alpha, alpha, size=len(x)), rng.random((len(x), 2))
        mixed, kept = _pasted(x, partners, np.sqrt(1 - shares), places)
        masks = [_pasted(targets.pop(0), partners, np.sqrt(1 - shares), places)[0]] if masked else []
        return mixed, *masks, *_blended_targets(targets, partners, kept)


def _mixable(batch: Any, name: str) -> list[Array]:
    if not isinstance(batch, tuple) or len(batch) < 2 or not all(isinstance(a, np.ndarray) for a in batch):
        raise ConfigurationError(
            f"{name} mixes batches (x, y) of one array each; got {_described(batch)}. Give the loader "
            f"labels, or leave {name} out of batch_transform."
        )
    labels = batch[1]
    numbers = labels.dtype.kind in "iub"
    if numbers and labels.ndim == 4 and 1 in (labels.shape[1], labels.shape[-1]):
        raise ConfigurationError(
            f"{name} cannot mix y of dtype {labels.dtype} and shape {labels.shape}: masks of class numbers have no "
            f"values in between. Use CutMix, for channels that come last, or make float masks in a `transform`."
        )
    if numbers and (labels.ndim == 1 or labels.shape[-1] == 1):
        raise ConfigurationError(
            f"{name} cannot mix y of dtype {labels.dtype} and shape {labels.shape}: class numbers have no "
            f"values in between. y must be one-hot or float: use label_mode='categorical'."
        )
    return list(batch)


def _has_masks(batch: Any) -> bool:
    """Whether y has a value for each pixel of x."""
    pictures = isinstance(batch, tuple) and len(batch) > 1 and all(isinstance(each, np.ndarray) for each in batch)
    return pictures and batch[0].ndim == batch[1].ndim == 4 and batch[0].shape[:3] == batch[1].shape[:3]


def _described(batch: Any) -> str:
    inside = f" of {[type(part).__name__ for part in batch]}" if isinstance(batch, tuple) else ""
    return type(batch).__name__ + inside


def _blended_targets(targets: list[Array], partners: NDArray[np.intp], shares: NDArray[np.float64]) -> list[Array]:
    floats = [target if target.dtype.kind == "f" else target.astype(np.float32) for target in targets]
    return [_blended(target, partners, shares, target.dtype) for target in floats]


def _blended(rows: Array, partners: NDArray[np.intp], shares: NDArray[np.float64], dtype: np.dtype[Any]) -> Array:
    """The share of each row and the rest of its partner, in `dtype`."""
    work = np.result_type(rows.dtype, np.float32)
    keep = shares.reshape(-1, *[1] * (rows.ndim - 1)).astype(work)
    return cast_pixels(keep * rows + (1 - keep) * rows[partners], dtype)


def _pasted(
    x: Array, partners: NDArray[np.intp], sides: NDArray[np.float64], places: NDArray[np.float64]
) -> tuple[Array, NDArray[np.float64]]:
    """The images with their partners' rectangles, and the share of each image's own pixels that is left."""
    mixed, kept = x.copy(), np.ones(len(x))
    for row, (partner, side, (down, right)) in enumerate(zip(partners, sides, places, strict=True)):
        rows, columns = span(side, down, x.shape[1]), span(side, right, x.shape[2])
        mixed[row, rows, columns] = x[partner, rows, columns]
        kept[row] -= mixed[row, rows, columns].size / x[row].size
    return mixed, kept
