"""The tree of exceptions. Imports nothing, so that everything may import it."""

from __future__ import annotations

__all__ = ["AmaltheaError", "ConfigurationError", "SampleError", "WorkerError"]


class AmaltheaError(Exception):
    """Base class of every error that Amalthea raises by itself."""


class ConfigurationError(AmaltheaError, ValueError):
    """An argument cannot be used; raised where it was given, before any data is loaded."""


class SampleError(AmaltheaError):
    """One sample could not be made. The first error is its `__cause__`.

    Args:
        index: Index of the sample in its source.
        stage: What was being done: `"source"`, `"transform"`, `"batch"` (its row was written), `"batch_transform"` or
            `"layers"` (the batch that it is the first sample of), `"worker"` (its worker process ended), `"sequence"`
            or `"memory"` (the sample is a batch of a sequence).
        reason: The first error in words.
        path: The sample's file, where it has one.

    Attributes:
        index, stage, reason, path: As given.
    """

    def __init__(self, index: int, stage: str, reason: str, path: str | None = None) -> None:
        super().__init__(index, stage, reason, path)
        self.index = index
        self.stage = stage
        self.reason = reason
        self.path = path

    def __str__(self) -> str:
        what = "batch" if self.stage in ("sequence", "memory") else "sample"
        where = f"{what} {self.index}" + (f" ({self.path!r})" if self.path else "")
        return f"{where} could not be made, stage {self.stage!r}: {self.reason}"


class WorkerError(AmaltheaError):
    """The workers failed for good: they ended without having made what was asked of them."""
