"""A backup that does not fit is an error before the first step, and says what differs."""

import keras
import pytest

import amalthea
from amalthea.errors import ConfigurationError
from amalthea.loaders.backup import BackupLoader
from interrupted import Interrupt, InterruptError, Watch, data_of, loader_of


def model_of(width=3, optimizer="sgd", metrics=("mae",), **options):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(width), keras.layers.Dense(1)])
    model.compile(optimizer, "mse", metrics=list(metrics), **options)
    return model


def fit(model, loader, folder, *callbacks, save_freq=1, **options):
    backup = BackupLoader(loader, folder, save_freq=save_freq)
    model.fit(loader, **{"epochs": 2, "verbose": 0, **options}, callbacks=[backup, *callbacks])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the backup of an interrupted training."""
    folder = tmp_path_factory.mktemp("backup")
    with pytest.raises(InterruptError):
        fit(model_of(), loader_of(), folder, Interrupt(8))
    return folder


def check(folder, message, *, model=model_of, loader=loader_of, **options):
    watch = Watch()
    with pytest.raises(ConfigurationError, match=message):
        fit(model(), loader(), folder, watch, **options)
    assert not watch.begun


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"width": 5}, r"kernel: \(4, 5\) float32` in the model is `.*kernel: \(4, 3\) float32` in the backup"),
        ({"metrics": ()}, "the model has 8 variables and the backup 10"),
        ({"optimizer": "adam"}, "in the model is `.*` in the backup"),
    ],
)
def test_another_model(folder, options, message):
    check(folder, f"of another model or another `compile`: .*{message}", model=lambda: model_of(**options))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seed": 4}, "`seed` is 3 there and 4 here"),
        ({"batch_size": 2, "steps_per_epoch": 6}, "`batch_size` is 4 there and 2 here"),
        ({"transform": None}, "`transform`"),
    ],
)
def test_another_loader(folder, options, message):
    check(folder, message, loader=lambda: loader_of(**options))


def test_another_fit(folder):
    check(folder, "`steps` was 6 when the backup .* and is 3 now", steps_per_epoch=3)
    check(folder, "is of epoch 1, but `fit` begins with epoch 2", initial_epoch=2, epochs=3, model=Beginning)


class Beginning(keras.Sequential):
    """A model that begins where `initial_epoch` says, whatever a callback says."""

    def __init__(self):
        super().__init__([keras.Input((4,)), keras.layers.Dense(3), keras.layers.Dense(1)])
        self.compile("sgd", "mse", metrics=["mae"])

    _initial_epoch = property(lambda self: None, lambda self, value: None)


def test_two_of_them(folder, tmp_path):
    model, loader, watch = model_of(), loader_of(), Watch()
    callbacks = [BackupLoader(loader, place) for place in (folder, tmp_path)]
    with pytest.raises(ConfigurationError, match="two `BackupLoader`s"):
        model.fit(loader, callbacks=[*callbacks, watch], verbose=0)
    assert not watch.begun


def test_a_broken_backup(tmp_path):
    (tmp_path / "training.zip").write_bytes(b"PK")
    check(tmp_path, "training.zip` is no backup, or a broken one")


@pytest.mark.parametrize("steps", [4, 7])
def test_epochs_in_which_the_data_end(tmp_path, steps):
    check(tmp_path, f"`fit` has `steps_per_epoch={steps}`, the loader 6 batches", steps_per_epoch=steps)


def test_an_unshuffled_loader_whose_batches_are_asked_for_in_random_order():
    loader = loader_of(shuffle=False)
    loader._begin_at(loader.state_dict(), skip=3)
    loader.on_epoch_begin()
    assert len(loader[0][0]) == 0
    with pytest.raises(ConfigurationError, match=r"cannot go on in the middle of an epoch .*`shuffle=False` to `fit`"):
        loader[4]


class Told(keras.utils.PyDataset):
    def __len__(self):
        return 6

    def __getitem__(self, number):
        return data_of(4)

    def on_epoch_end(self):
        """Wants to be told."""


def test_a_part_of_a_dataset_that_is_told_of_its_epochs(tmp_path):
    loader = amalthea.SequenceLoader(Told(), shuffle=True, workers=0)
    check(tmp_path, "`fit` has `steps_per_epoch=3`", loader=lambda: loader, steps_per_epoch=3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"loader": Told()}, "`loader` is of type Told; .*`amalthea.SequenceLoader`"),
        ({"validation_loader": Told()}, "`validation_loader` is of type Told"),
        ({"backup_dir": ""}, "`backup_dir` is empty"),
        ({"save_freq": 0}, "`save_freq` is 0; it must be an integer of 1 or more"),
        ({"save_freq": "batch"}, "`save_freq` is 'batch'"),
    ],
)
def test_arguments(tmp_path, options, message):
    with pytest.raises(ConfigurationError, match=message):
        BackupLoader(**{"loader": loader_of(), "backup_dir": tmp_path, **options})
