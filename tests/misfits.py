"""Loaders whose states fit, and what an error says of those that do not."""

import re

import numpy as np

import amalthea
from every_loader import Threes

X, Y = np.arange(20.0), np.arange(20)


def transform(sample, rng):
    return sample


def other_transform(sample, rng):
    return sample


def arrays(x=X, y=Y, **options):
    return amalthea.ArrayLoader(x, y, **{"batch_size": 4, "seed": 1, "workers": 0, **options})


def sequences(kind=Threes, **options):
    return amalthea.SequenceLoader(kind(), **{"seed": 1, "workers": 0, **options})


def named(error):
    """The fields that an error says differ."""
    return set(re.findall(r"`(\w+)` is ", str(error).partition("Make the loader")[0]))
