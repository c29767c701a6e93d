"""Splits: what is set aside for validation and test."""

from amalthea.splits.files import same_files
from amalthea.splits.parts import folds, split
from amalthea.splits.validation import Split

__all__ = ["Split", "folds", "same_files", "split"]
