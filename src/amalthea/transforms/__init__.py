"""Transforms of samples and batches in NumPy and OpenCV, for the workers: no deep learning framework.

A transform is `(sample, rng) -> sample`, a batch transform `(batch, rng) -> batch`.
"""

from amalthea.transforms.brightness import RandomBrightness
from amalthea.transforms.compose import Compose
from amalthea.transforms.contrast import RandomContrast
from amalthea.transforms.cropping import CenterCrop, RandomCrop
from amalthea.transforms.erasing import RandomErasing
from amalthea.transforms.geometry import (
    RandomFlip,
    RandomRotation,
    RandomShear,
    RandomTranslation,
    RandomZoom,
)
from amalthea.transforms.masks import WithMask
from amalthea.transforms.mixing import CutMix, MixUp
from amalthea.transforms.resizing import Resizing
from amalthea.transforms.scaling import Normalization, Rescaling

__all__ = [
    "CenterCrop",
    "Compose",
    "CutMix",
    "MixUp",
    "Normalization",
    "RandomBrightness",
    "RandomContrast",
    "RandomCrop",
    "RandomErasing",
    "RandomFlip",
    "RandomRotation",
    "RandomShear",
    "RandomTranslation",
    "RandomZoom",
    "Rescaling",
    "Resizing",
    "WithMask",
]
