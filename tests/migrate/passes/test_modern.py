"""The table of what Keras 3 has, against Keras 3."""

import importlib

import pytest

from amalthea.migrate.passes import modern as module
from amalthea.migrate.passes.modern import missing, modern


def is_there(path):
    """Whether the public Keras 3 has a thing."""
    thing = importlib.import_module("keras")
    for part in path.split(".")[1:]:
        try:
            thing = getattr(thing, part)
        except AttributeError:
            return False
    return True


RENAMED = {
    "keras.utils.Sequence": "keras.utils.PyDataset",
    "keras.preprocessing.image.load_img": "keras.utils.load_img",
    "keras.preprocessing.image.utils.img_to_array": "keras.utils.img_to_array",
    "keras.preprocessing.image.array_to_img": "keras.utils.array_to_img",
    "keras.preprocessing.image.save_img": "keras.utils.save_img",
    "keras.preprocessing.sequence.pad_sequences": "keras.utils.pad_sequences",
    "keras.preprocessing.image_dataset_from_directory": "keras.utils.image_dataset_from_directory",
    "keras.preprocessing.text_dataset.text_dataset_from_directory": "keras.utils.text_dataset_from_directory",
    "keras.preprocessing.timeseries.timeseries_dataset_from_array": "keras.utils.timeseries_dataset_from_array",
    "keras.utils.np_utils.to_categorical": "keras.utils.to_categorical",
    "keras.layers.core": "keras.layers",
    "keras.layers.core.Dense": "keras.layers.Dense",
    "keras.layers.merge.concatenate": "keras.layers.concatenate",
    "keras.layers.normalization.batch_normalization.BatchNormalization": "keras.layers.BatchNormalization",
    "keras.layers.experimental.preprocessing.Rescaling": "keras.layers.Rescaling",
    "keras.layers.convolutional.Convolution2D": "keras.layers.Conv2D",
    "keras.layers.CuDNNLSTM": "keras.layers.LSTM",
    "keras.engine.topology.Layer": "keras.layers.Layer",
    "keras.engine.training.Model.fit": "keras.models.Model.fit",
    "keras.optimizers.legacy.Adam": "keras.optimizers.Adam",
    "keras.optimizer_v2.adam.Adam": "keras.optimizers.Adam",
    "keras.optimizers.adam": "keras.optimizers.Adam",
    "keras.optimizers.schedules.ExponentialDecay": "keras.optimizers.schedules.ExponentialDecay",
    "keras.objectives.mse": "keras.losses.mean_squared_error",
    "keras.metrics.MAE": "keras.metrics.mean_absolute_error",
    "keras.callbacks.experimental.BackupAndRestore": "keras.callbacks.BackupAndRestore",
    "keras.backend.flatten": "keras.ops.ravel",
    "keras.backend.epsilon": "keras.backend.epsilon",
    "keras.applications.resnet50.ResNet50": "keras.applications.resnet50.ResNet50",
    "keras.datasets.mnist.load_data": "keras.datasets.mnist.load_data",
}


@pytest.mark.parametrize("path", sorted(RENAMED))
def test_a_thing_of_old_is_found_where_keras_3_has_it(path):
    assert modern(path) == RENAMED[path]
    assert modern(RENAMED[path]) == RENAMED[path]
    assert is_there(RENAMED[path])
    assert missing(path) is None


def test_all_that_things_are_renamed_to_is_there():
    targets = [modern(path) for path in module._RENAMED] + list(module._ENGINE.values())
    assert len(targets) > 80
    assert [path for path in targets if not is_there(path)] == []


def test_all_that_is_said_to_be_in_a_package_is_there():
    names = [f"{package}.{name}" for package, names in module._WHOLE.items() for name in names.split()]
    assert len(names) > 60
    assert [path for path in names if not is_there(path)] == []


def test_what_is_said_to_be_gone_is_not_there():
    gone = [path for path in module._LOST if path not in module._WHOLE]
    assert len(gone) > 20
    assert [path for path in gone if is_there(path)] == []


@pytest.mark.parametrize(
    ("path", "gone", "remedy"),
    [
        ("keras.backend.int_shape", "keras.backend.int_shape", "keras.ops"),
        ("keras.utils.io_utils.HDF5Matrix", "keras.utils.HDF5Matrix", "ArrayLoader"),
        ("keras.wrappers.scikit_learn.KerasClassifier", "keras.wrappers.scikit_learn", "SKLearnClassifier"),
        ("keras.preprocessing.text.Tokenizer", "keras.preprocessing.text", "WordTokenizer"),
        ("keras.utils.conv_utils.normalize_tuple", "keras.utils.normalize_tuple", ""),
    ],
)
def test_what_is_gone_is_told_with_what_to_see_instead(path, gone, remedy):
    assert missing(path)[0] == gone
    assert remedy in missing(path)[1]
