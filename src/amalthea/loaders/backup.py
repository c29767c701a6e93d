"""BackupLoader: a training that was interrupted goes on at the next batch."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import keras

from amalthea._checks import check_int
from amalthea.errors import ConfigurationError
from amalthea.loaders.backup_callbacks import Others, calling_list
from amalthea.loaders.backup_file import is_plain, load, save
from amalthea.loaders.backup_model import (
    build,
    check_values,
    random_state,
    restore_random_state,
    restore_values,
    values_of,
)
from amalthea.loaders.backup_steps import TakenSteps, check_steps
from amalthea.loaders.base import BatchLoader

__all__ = ["BackupLoader"]

NAME = "training.zip"
FORMAT = 1


class BackupLoader(keras.callbacks.Callback):  # type: ignore[misc]  # Keras ships no types: Any
    """Keeps the state of a training, its loader's included, so that after an interrupt it goes on at the next batch.

    The same program, started again, then reaches the same weights as if it had never been interrupted, bit for bit on
    the same backend and machine. All that belongs together is in one file, which is replaced as a whole: the model's
    variables (with those of random layers), the optimizer, the metrics of the epoch, the history, where the loader
    is, and what the other callbacks know, as `EarlyStopping`, `ModelCheckpoint` and `ReduceLROnPlateau` do.

    `keras.callbacks.BackupAndRestore` is not needed beside it; in one list with it this callback has the last word.
    The place in the list makes no difference.

    Args:
        loader: The loader that the model is trained from.
        backup_dir: Folder for the backup. With several processes one that all of them see; the first one writes.
        save_freq: `"epoch"`, or after how many batches to save.
        delete_checkpoint: Whether to delete the backup when the training has reached its end.
        validation_loader: The loader of the validation data, if it shuffles or augments.

    Raises:
        ConfigurationError: If an argument cannot be used; before the first step also if there is a backup that is of
            another model, another loader or another `fit`, or that is broken.

    Example:
    >>> import tempfile
    >>> import amalthea
    >>> import keras
    >>> import numpy as np
    >>> x = np.arange(8, dtype="float32").reshape(8, 1)
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> loader = amalthea.ArrayLoader(x, 2 * x, batch_size=2, seed=1)
    >>> backup = BackupLoader(loader, tempfile.mkdtemp(), save_freq=2)
    >>> history = model.fit(loader, epochs=3, callbacks=[backup], verbose=0)
    >>> len(history.history["loss"])
    3
    """

    def __init__(
        self,
        loader: BatchLoader,
        backup_dir: str | Path,
        *,
        save_freq: str | int = "epoch",
        delete_checkpoint: bool = True,
        validation_loader: BatchLoader | None = None,
    ) -> None:
        super().__init__()
        for name, value in (("loader", loader), ("validation_loader", validation_loader)):
            if not isinstance(value, BatchLoader) and (value is not None or name == "loader"):
                raise ConfigurationError(
                    f"`{name}` is of type {type(value).__name__}; it must be a loader of Amalthea: wrap a `PyDataset` "
                    "in `amalthea.SequenceLoader`."
                )
        if not str(backup_dir):
            raise ConfigurationError("`backup_dir` is empty; it must be the path of a folder.")
        self.loader, self.validation_loader = loader, validation_loader
        self.backup_dir, self.delete_checkpoint = Path(backup_dir), delete_checkpoint
        self.save_freq = save_freq
        self._every = None if save_freq == "epoch" else check_int("save_freq", save_freq, minimum=1)
        self._path = self.backup_dir / NAME

    def on_train_begin(self, logs: Any = None) -> None:
        """Called by Keras."""
        self._list = calling_list()
        everyone = [self] if self._list is None else self._list.callbacks
        if any(isinstance(each, BackupLoader) and each is not self for each in everyone):
            raise ConfigurationError(
                "`callbacks` holds two `BackupLoader`s; one keeps all of a training. Leave one out."
            )
        if everyone[-1] is not self:
            # Behind all others it sees what they have made of a step. When they have begun it is called once more.
            everyone.append(self)
            return
        while everyone.count(self) > 1:
            everyone.remove(self)
        self._everyone, self._others = everyone, Others(each for each in everyone if each is not self)
        self._first: int | None = None  # the planned batch that the epoch of `fit` begins with
        self._seen = self._taken = 0  # steps of the epoch, and those that were taken before the interrupt
        self._unsaved = 0  # steps since the last backup
        self._backup: dict[str, Any] | None = None  # that of a step of the epoch that comes next
        self._fit = {"steps": self.params["steps"], "steps_per_execution": self.model.steps_per_execution}
        check_steps(self.loader, **self._fit)
        if self._path.exists():
            self._go_to(_checked(load(self._path), self._fit, self._path))
        elif self.model._initial_epoch and self.params["steps"]:
            # There is a backup of `BackupAndRestore` only: the loader goes to the same epoch.
            self.loader._begin_at(self.loader._state_at(self.model._initial_epoch * self.params["steps"]))

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Called by Keras."""
        self.model._initial_epoch = None  # has been used, and is not meant for the next `fit`
        if self._first is None:  # later ones are counted: TensorFlow asks ahead
            self._first = self.loader._next_batch
        self._epoch, self._seen, self._taken = epoch, 0, 0
        if self._backup is not None:
            self._go_on(self._backup)
            self._backup = None

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Called by Keras."""
        if batch < self._taken:
            self._steps.pass_next()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Called by Keras."""
        if batch < self._taken:
            if batch + 1 == self._taken:
                self._show_all()
            return
        self._unsaved += batch + 1 - self._seen
        self._seen = batch + 1
        if self._every is not None and self._unsaved >= self._every:
            self._save(logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Called by Keras."""
        self._first = (self._first or 0) + self._batches_seen()
        self._epoch, self._seen = epoch + 1, 0
        if self._every is None:
            self._save(logs)

    def on_train_end(self, logs: Any = None) -> None:
        """Called by Keras."""
        self.model._initial_epoch = None  # no epoch was left that could have used it
        if self.delete_checkpoint and self.loader.shard.index == 0:
            self._path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # somebody else has a file there
                self.backup_dir.rmdir()

    def _batches_seen(self) -> int:
        # The last execution of several steps may have found fewer.
        return min(self._seen, self.params["steps"] or self._seen)

    def _save(self, logs: Any) -> None:
        self._unsaved = 0
        if self.loader.shard.index:
            return
        validation = self.validation_loader  # one without end has no length, and so no truth
        evaluated = None if validation is None else validation._state_at(validation._passes.next_evaluation)
        save(
            self._path,
            {
                "amalthea": FORMAT,
                "fit": self._fit,
                "epoch": self._epoch,
                "steps": self._seen,
                "batches": self._batches_seen(),
                "stopped": bool(self.model.stop_training),
                "logs": {name: value for name, value in (logs or {}).items() if is_plain(value)},
                "loader": self.loader._state_at(self._first or 0),
                "validation": evaluated,
                "callbacks": self._others.state(),
                "model": values_of(self.model),
                "random": random_state(),
            },
        )

    def _go_to(self, backup: dict[str, Any]) -> None:
        """Goes to where a backup was made, or to the beginning of that epoch."""
        build(self.model, self.loader)
        check_values(self.model, backup["model"])
        self.loader._begin_at(backup["loader"], skip=backup["batches"])
        if self.validation_loader is not None and backup["validation"] is not None:
            self.validation_loader._begin_at(backup["validation"])
        self._restore(backup)
        self._backup = backup if backup["steps"] else None
        at_end = backup["stopped"] and not backup["steps"]
        self.model._initial_epoch = self.params["epochs"] if at_end else backup["epoch"]

    def _go_on(self, backup: dict[str, Any]) -> None:
        """Goes to a step of the epoch that has begun."""
        if backup["epoch"] != self._epoch:
            raise ConfigurationError(
                f"The backup `{self._path}` is of epoch {backup['epoch']}, but `fit` begins with epoch {self._epoch}. "
                "Leave `initial_epoch` as it was, or remove the backup."
            )
        self._restore(backup)  # what the others do at the beginning of an epoch they have done before
        self._seen = self._taken = backup["steps"]
        self._stopped, self._random = backup["stopped"], backup["random"]
        self._steps = TakenSteps(self.model, backup["logs"])
        if self._list is not None:  # the others have seen these steps
            self._list.callbacks = [self]

    def _show_all(self) -> None:
        """Ends the steps that were taken before."""
        self.model.stop_training = self._stopped
        restore_random_state(self._random)  # PyTorch's loader of batches has drawn from it at the epoch's beginning
        if self._list is not None:
            self._list.callbacks = self._everyone

    def _restore(self, backup: dict[str, Any]) -> None:
        restore_values(self.model, backup["model"])
        restore_random_state(backup["random"])
        self._others.restore(backup["callbacks"])


def _checked(backup: Any, fit: dict[str, Any], path: Path) -> dict[str, Any]:
    if not isinstance(backup, dict) or backup.get("amalthea") != FORMAT:
        raise ConfigurationError(
            f"`{path}` is no backup of the format {FORMAT}. Remove it to train from the beginning."
        )
    for name, value in fit.items():
        if backup["fit"][name] != value:
            raise ConfigurationError(
                f"`{name}` was {backup['fit'][name]} when the backup `{path}` was made and is {value} now. Leave it as "
                "it was, or remove the backup to train from the beginning."
            )
    return backup
