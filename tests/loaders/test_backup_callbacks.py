"""What other callbacks know goes on with the training: what was best, how long to wait, how often to save."""

import keras
import numpy as np
import pytest

from amalthea.loaders.backup import BackupLoader
from interrupted import Interrupt, InterruptError, Twins, assert_same, left_of, loader_of

EXECUTIONS = 1 if keras.backend.backend() == "torch" else 4  # Keras has one only on PyTorch


@pytest.fixture(scope="module")
def twins():
    return Twins()


@pytest.fixture(scope="module")
def twins_of_executions():
    return Twins(steps_per_execution=EXECUTIONS)


@pytest.fixture(scope="module")
def twins_without_schedule():
    return Twins(rate=0.02)


def fit(model, callbacks, folder=None, *, epochs=4, first=True, save_freq=1, loader=None, **options):
    loader = loader or loader_of()
    own = [BackupLoader(loader, folder, save_freq=save_freq)] if folder else []
    callbacks = [*own, *callbacks] if first else [*callbacks, *own]
    return left_of(model, model.fit(loader, epochs=epochs, verbose=0, callbacks=callbacks, **options))


def check(twins, folder, before, others, **options):
    """Returns the callbacks of a training that was left alone, and of one that was interrupted."""
    model, _ = twins.begin()
    alone = others()
    left = fit(model, alone, **options)
    model, other = twins.begin()
    with pytest.raises(InterruptError):
        fit(model, [*others(), Interrupt(before)], folder, **options)
    again = others()
    assert_same(fit(other, again, folder, first=False, **options), left)
    return alone, again


@pytest.mark.parametrize("before", [12, 17])
def test_a_learning_rate_that_is_reduced_on_a_plateau(twins_without_schedule, tmp_path, before):
    twins = twins_without_schedule

    def others():
        return [keras.callbacks.ReduceLROnPlateau("mae", min_delta=0.3, patience=1, mode="min", cooldown=1)]

    alone, again = check(twins, tmp_path, before, others)
    for name in ("wait", "best", "cooldown_counter", "min_delta"):
        assert getattr(again[0], name) == getattr(alone[0], name)
    assert float(twins.second.optimizer.learning_rate) < 0.02


@pytest.mark.parametrize("before", [15])
def test_early_stopping_stops_where_it_would_and_has_the_best_weights(twins, tmp_path, before):
    def others():
        return [keras.callbacks.EarlyStopping("loss", min_delta=10, patience=2, restore_best_weights=True)]

    alone, again = check(twins, tmp_path, before, others, epochs=6)
    assert (again[0].stopped_epoch, again[0].best_epoch) == (alone[0].stopped_epoch, alone[0].best_epoch) == (2, 0)


class Enough(keras.callbacks.Callback):
    """Stops the training in the midst of an epoch."""

    def on_train_batch_end(self, batch, logs=None):
        self.model.stop_training = batch == 3


class Killed(keras.callbacks.Callback):
    """Is interrupted when all is done but for the end of the epoch, or of the training."""

    def __init__(self, where):
        super().__init__()
        setattr(self, where, self.interrupt)

    def interrupt(self, *_, **__):
        raise InterruptError


@pytest.mark.parametrize("where", ["on_train_end", "on_test_begin"])
def test_a_training_that_was_stopped_stays_so(twins, tmp_path, where):
    """The interrupt comes after the stop, before the training has ended, or before the validation of its epoch."""
    data = {"validation_data": loader_of(8, shuffle=False, transform=None)}
    save_freq = 1 if where == "on_test_begin" else "epoch"
    model, _ = twins.begin()
    alone = fit(model, [Enough()], **data)
    model, other = twins.begin()
    with pytest.raises(InterruptError):
        fit(model, [Enough(), Killed(where)], tmp_path, save_freq=save_freq, **data)
    assert_same(fit(other, [Enough()], tmp_path, save_freq=save_freq, **data), alone)
    assert alone[2] == [0]


@pytest.mark.parametrize("before", [15])
def test_a_model_checkpoint_keeps_the_best_of_all(twins, tmp_path, before):
    def others():
        return [
            keras.callbacks.ModelCheckpoint(
                tmp_path / "{epoch}.weights.h5", "loss", save_best_only=True, save_weights_only=True
            )
        ]

    alone, again = check(twins, tmp_path / "backup", before, others)
    assert again[0].best == alone[0].best


@pytest.mark.parametrize("before", [14])
def test_a_model_checkpoint_saves_at_the_same_steps(twins, tmp_path, before):
    paths = []

    def others():
        paths.append(tmp_path / str(len(paths)))
        path = paths[-1] / "{epoch}-{batch}.weights.h5"
        return [keras.callbacks.ModelCheckpoint(path, save_weights_only=True, save_freq=4)]

    check(twins, tmp_path / "backup", before, others)
    alone, interrupted, again = ({path.name for path in folder.glob("*")} for folder in paths)
    assert alone == interrupted | again
    assert len(alone) == 6
    assert not interrupted & again


@pytest.mark.parametrize(("before", "behind", "save_freq"), [(7, True, "epoch"), (7, False, "epoch"), (11, False, 4)])
def test_together_with_the_backup_of_keras(twins, tmp_path, before, behind, save_freq):
    """Whichever of the two backups is newer, and whichever callback comes first."""

    def backup():
        return keras.callbacks.BackupAndRestore(tmp_path / "keras", save_freq=save_freq)

    options = {"first": behind, "epochs": 2}
    alone = fit(twins.begin()[0], [], **options)
    model, other = twins.begin()
    with pytest.raises(InterruptError):
        fit(model, [backup(), Interrupt(before)], tmp_path / "own", save_freq=5, **options)
    assert_same(fit(other, [backup()], tmp_path / "own", save_freq=5, **options), alone)


def test_a_backup_of_keras_alone_takes_the_loader_to_its_epoch(twins, tmp_path):
    model, other = twins.begin()
    with pytest.raises(InterruptError):
        fit(model, [keras.callbacks.BackupAndRestore(tmp_path / "keras"), Interrupt(9)], epochs=3)
    loader, epochs = loader_of(), []
    note = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: epochs.append((epoch, loader.epoch)))
    fit(other, [keras.callbacks.BackupAndRestore(tmp_path / "keras"), note], tmp_path / "own", loader=loader, epochs=3)
    assert epochs == [(1, 1), (2, 2)]


def test_what_a_callback_does_at_the_beginning_of_an_epoch_is_not_done_twice(twins_without_schedule, tmp_path):
    def others():
        return [keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.7)]

    check(twins_without_schedule, tmp_path, 9, others, epochs=2)


class Counter(keras.callbacks.Callback):
    """Somebody's callback, with whatever it counts."""

    def __init__(self, every):
        super().__init__()
        self.every, self.count, self.losses, self.first = every, 0, [], None

    def on_train_batch_end(self, batch, logs=None):
        self.count += 1
        self.losses.append(logs["loss"])
        self.first = np.float32(logs["mae"]) if self.first is None else self.first


def test_callbacks_of_somebody_else_go_on_and_settings_are_those_of_now(twins, tmp_path):
    model, other = twins.begin()
    alone, again = [Counter(1), Counter(2)], [Counter(3), Counter(4)]
    fit(model, alone)
    model, other = twins.begin()
    with pytest.raises(InterruptError):
        fit(model, [Counter(1), Counter(2), Interrupt(9)], tmp_path)
    fit(other, again, tmp_path)
    for one, its in zip(alone, again, strict=True):
        assert (its.count, its.losses, its.first) == (one.count, one.losses, one.first)
    assert [each.every for each in again] == [3, 4]


@pytest.mark.parametrize("before", [4, 6])
def test_several_steps_at_once(twins_of_executions, tmp_path, before):
    """Of the four at once the last of an epoch are two."""
    check(twins_of_executions, tmp_path, before, list, epochs=2)
