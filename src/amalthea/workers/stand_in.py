"""What stands in for `keras.utils.PyDataset` in a worker process, which imports no Keras."""

from __future__ import annotations

__all__ = ["PyDataset"]


class PyDataset:
    """The base of somebody's dataset, as far as its own methods may use it."""

    def __init__(self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10) -> None:
        self._workers = workers
        self._use_multiprocessing = use_multiprocessing
        self._max_queue_size = max_queue_size

    @property
    def workers(self) -> int:
        """As it was given."""
        return self._workers

    @property
    def use_multiprocessing(self) -> bool:
        """As it was given."""
        return self._use_multiprocessing

    @property
    def max_queue_size(self) -> int:
        """As it was given."""
        return self._max_queue_size

    @property
    def num_batches(self) -> int | None:
        """Batches of an epoch."""
        return len(self)  # type: ignore[arg-type]  # a dataset without a length has a `num_batches` of its own

    def on_epoch_begin(self) -> None:
        """Does nothing."""

    def on_epoch_end(self) -> None:
        """Does nothing."""
