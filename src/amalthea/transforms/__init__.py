"""Transforms of samples and batches in NumPy and OpenCV, for the workers: no deep learning framework.

A transform is `(sample, rng) -> sample`, a batch transform `(batch, rng) -> batch`.
"""

from amalthea.transforms.brightness import RandomBrightness, RandomChannelShift, RandomGain
from amalthea.transforms.compose import Compose
from amalthea.transforms.contrast import RandomContrast
from amalthea.transforms.cropping import CenterCrop, RandomCrop
from amalthea.transforms.erasing import RandomErasing
from amalthea.transforms.functions import Lambda
from amalthea.transforms.geometry import RandomFlip, RandomRotation, RandomTranslation, RandomZoom
from amalthea.transforms.masks import WithMask
from amalthea.transforms.mixing import CutMix, MixUp
from amalthea.transforms.resizing import Resizing
from amalthea.transforms.scaling import Normalization, Rescaling, SampleNormalization
from amalthea.transforms.shearing import RandomShear, RandomShearAngle
from amalthea.transforms.whitening import ZCAWhitening

__all__ = [
    "CenterCrop",
    "Compose",
    "CutMix",
    "Lambda",
    "MixUp",
    "Normalization",
    "RandomBrightness",
    "RandomChannelShift",
    "RandomContrast",
    "RandomCrop",
    "RandomErasing",
    "RandomFlip",
    "RandomGain",
    "RandomRotation",
    "RandomShear",
    "RandomShearAngle",
    "RandomTranslation",
    "RandomZoom",
    "Rescaling",
    "Resizing",
    "SampleNormalization",
    "WithMask",
    "ZCAWhitening",
]
