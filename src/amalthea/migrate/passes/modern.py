"""Where a thing of the Keras of old is in Keras 3, and what is there no more."""

from __future__ import annotations

import re

__all__ = ["missing", "modern"]

# Packages that were called otherwise. Longer ones first.
_PACKAGES = {
    "keras.layers.experimental.preprocessing": "keras.layers",
    "keras.mixed_precision.experimental": "keras.mixed_precision",
    "keras.preprocessing.image.utils": "keras.preprocessing.image",
    "keras.preprocessing.image_dataset": "keras.preprocessing",
    "keras.preprocessing.text_dataset": "keras.preprocessing",
    "keras.preprocessing.timeseries": "keras.preprocessing",
    "keras.optimizers.experimental": "keras.optimizers",
    "keras.optimizers.legacy": "keras.optimizers",
    "keras.optimizer_v2": "keras.optimizers",
    "keras.objectives": "keras.losses",
}

# Packages of Keras 3 with no package inside, but for those named: what was in an inner module is in the package itself.
_FLAT: dict[str, frozenset[str]] = {
    **dict.fromkeys(("layers", "callbacks", "losses", "metrics", "models", "initializers"), frozenset()),
    **dict.fromkeys(("regularizers", "constraints", "activations"), frozenset()),
    "optimizers": frozenset({"schedules"}),
    "utils": frozenset({"bounding_boxes", "legacy"}),
}

# Of these modules of `keras.layers` nothing is left but what was in them.
_INNER = (
    "advanced_activations attention convolutional convolutional_recurrent core embeddings experimental local merging "
    "noise normalization pooling preprocessing recurrent rnn wrappers"
)

# Of `keras.engine` and the modules in it.
_ENGINE = {
    "Container": "keras.models.Model",
    "Functional": "keras.models.Model",
    "Input": "keras.layers.Input",
    "InputLayer": "keras.layers.InputLayer",
    "InputSpec": "keras.layers.InputSpec",
    "Layer": "keras.layers.Layer",
    "Model": "keras.models.Model",
    "Network": "keras.models.Model",
    "Sequential": "keras.models.Sequential",
    "get_source_inputs": "keras.utils.get_source_inputs",
}

_ERRORS = {
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "msle": "mean_squared_logarithmic_error",
    "kld": "kl_divergence",
}

# Functions of `keras.backend` that `keras.ops` has with the same arguments and the same defaults.
_OPS = (
    "abs all any cast clip cos equal exp greater greater_equal less less_equal log max maximum mean min minimum "
    "not_equal one_hot ones_like prod reshape round shape sigmoid sign sin softmax softplus sqrt square squeeze stack "
    "std stop_gradient sum tanh tile var zeros_like"
)

_RENAMED = {
    "keras.utils.Sequence": "keras.utils.PyDataset",
    "keras.utils.plot": "keras.utils.plot_model",
    "keras.preprocessing.sequence.pad_sequences": "keras.utils.pad_sequences",
    "keras.layers.CuDNNGRU": "keras.layers.GRU",
    "keras.layers.CuDNNLSTM": "keras.layers.LSTM",
    "keras.layers.Deconvolution2D": "keras.layers.Conv2DTranspose",
    "keras.layers.SeparableConvolution2D": "keras.layers.SeparableConv2D",
    "keras.applications.mobilenet.DepthwiseConv2D": "keras.layers.DepthwiseConv2D",
    "keras.applications.mobilenet.relu6": "keras.activations.relu6",
    "keras.constraints.maxnorm": "keras.constraints.max_norm",
    "keras.constraints.nonneg": "keras.constraints.non_neg",
    "keras.constraints.unitnorm": "keras.constraints.unit_norm",
    "keras.losses.kullback_leibler_divergence": "keras.losses.kl_divergence",
    "keras.losses.logcosh": "keras.losses.log_cosh",
    "keras.regularizers.l1l2": "keras.regularizers.l1_l2",
    "keras.initializers.normal": "keras.initializers.random_normal",
    "keras.initializers.uniform": "keras.initializers.random_uniform",
    "keras.initializers.one": "keras.initializers.ones",
    "keras.initializers.zero": "keras.initializers.zeros",
    "keras.mixed_precision.set_policy": "keras.mixed_precision.set_global_policy",
    "keras.backend.flatten": "keras.ops.ravel",
    "keras.backend.permute_dimensions": "keras.ops.transpose",
    "keras.backend.pow": "keras.ops.power",
    **{f"keras.backend.{name}": f"keras.ops.{name}" for name in _OPS.split()},
    **{f"keras.layers.Convolution{n}D": f"keras.layers.Conv{n}D" for n in (1, 2, 3)},
    **{
        f"keras.preprocessing.image.{name}": f"keras.utils.{name}"
        for name in ("array_to_img", "img_to_array", "load_img", "save_img", "image_dataset_from_directory")
    },
    **{
        f"keras.preprocessing.{name}": f"keras.utils.{name}"
        for name in ("image_dataset_from_directory", "text_dataset_from_directory", "timeseries_dataset_from_array")
    },
    **{
        f"keras.optimizers.{name.lower()}": f"keras.optimizers.{name}"
        for name in ("Adadelta", "Adagrad", "Adam", "Adamax", "Nadam", "RMSprop", "SGD")
    },
    **{
        f"keras.{package}.{written}": f"keras.{package}.{name}"
        for package in ("losses", "metrics")
        for short, name in _ERRORS.items()
        for written in (short, short.upper())
    },
}

# All that these packages have in Keras 3; of the others only what they have lost is known.
_WHOLE = {
    "keras.backend": (
        "backend clear_session epsilon floatx get_uid image_data_format is_float_dtype is_int_dtype is_keras_tensor "
        "result_type set_epsilon set_floatx set_image_data_format standardize_dtype"
    ),
    "keras.callbacks": (
        "BackupAndRestore CSVLogger Callback CallbackList EarlyStopping History LambdaCallback LearningRateScheduler "
        "ModelCheckpoint OrbaxCheckpoint ProgbarLogger ReduceLROnPlateau RemoteMonitor SwapEMAWeights TensorBoard "
        "TerminateOnNaN"
    ),
    "keras.models": "Model Sequential clone_model load_model model_from_json save_model",
    "keras.preprocessing": "image sequence",
    "keras.preprocessing.image": "smart_resize",
    "keras.preprocessing.sequence": "",
    "keras.utils": (
        "Config CustomObjectScope FeatureSpace Progbar PyDataset array_to_img audio_dataset_from_directory "
        "bounding_boxes clear_session custom_object_scope deserialize_keras_object disable_interactive_logging "
        "enable_interactive_logging get_custom_objects get_file get_registered_name get_registered_object "
        "get_source_inputs image_dataset_from_directory img_to_array is_interactive_logging_enabled is_keras_tensor "
        "legacy load_img model_to_dot normalize pack_x_y_sample_weight pad_sequences plot_model "
        "register_keras_serializable save_img serialize_keras_object set_random_seed split_dataset "
        "standardize_dtype text_dataset_from_directory timeseries_dataset_from_array to_categorical "
        "unpack_x_y_sample_weight"
    ),
}

_LOST = {
    **dict.fromkeys(("keras.engine", "keras.estimator", "keras.experimental", "keras.premade"), ""),
    **dict.fromkeys(("keras.layers.LocallyConnected1D", "keras.layers.LocallyConnected2D"), ""),
    **dict.fromkeys(("keras.layers.Highway", "keras.layers.MaxoutDense", "keras.layers.AbstractRNNCell"), ""),
    **dict.fromkeys(("keras.layers.DenseFeatures", "keras.optimizers.TFOptimizer"), ""),
    **dict.fromkeys(("keras.layers.Merge", "keras.layers.merge"), "`keras.layers.concatenate` and its kin"),
    **dict.fromkeys(("keras.layers.RandomHeight", "keras.layers.RandomWidth"), "`keras.layers.RandomZoom`"),
    **{f"keras.layers.AtrousConvolution{n}D": f"`keras.layers.Conv{n}D` with `dilation_rate`" for n in (1, 2)},
    "keras.losses.cosine_proximity": "`keras.losses.cosine_similarity`",
    **{f"keras.regularizers.activity_{n}": f"`keras.regularizers.{n}` as `activity_regularizer`" for n in ("l1", "l2")},
    "keras.layers.ThresholdedReLU": "`keras.layers.ReLU` with `threshold`",
    "keras.layers.TimeDistributedDense": "`keras.layers.Dense`",
    "keras.utils.HDF5Matrix": "`amalthea.ArrayLoader`, which reads HDF5 datasets",
    "keras.utils.multi_gpu_model": "`keras.distribution.DataParallel`",
    "keras.utils.OrderedEnqueuer": "`amalthea.SequenceLoader`",
    "keras.utils.GeneratorEnqueuer": "`amalthea.Loader`",
    "keras.utils.SequenceEnqueuer": "`amalthea.SequenceLoader`",
    **dict.fromkeys(("keras.preprocessing.sequence.make_sampling_table", "keras.preprocessing.sequence.skipgrams"), ""),
    "keras.wrappers.scikit_learn": "`keras.wrappers.SKLearnClassifier` and `SKLearnRegressor`",
    **{f"keras.backend.{name}": "" for name in ("get_session", "set_session", "learning_phase", "set_learning_phase")},
    "keras.backend": "`keras.ops`",
    "keras.preprocessing.image": "`amalthea.ImageLoader` and `amalthea.transforms`",
    "keras.preprocessing.text": "`amalthea.WordTokenizer`",
    "keras.preprocessing.sequence": "`amalthea.TimeSeriesLoader`",
}


def modern(path: str) -> str:
    """Returns the path that a thing of Keras has in Keras 3; the path as it is if nothing else is known.

    Args:
        path: The canonical path.

    Example:
    >>> modern("keras.layers.core.Dense")
    'keras.layers.Dense'
    >>> modern("keras.utils.Sequence.on_epoch_end")
    'keras.utils.PyDataset.on_epoch_end'
    """
    path = _out_of_modules(path)
    for whole in _prefixes(path):
        if whole in _RENAMED:
            return _RENAMED[whole] + path.removeprefix(whole)
    return path


def missing(path: str) -> tuple[str, str] | None:
    """Returns the path of what Keras 3 has no more and what to see instead; `None` if it is there, as far as is known.

    Args:
        path: The canonical path.

    Example:
    >>> missing("keras.utils.HDF5Matrix")
    ('keras.utils.HDF5Matrix', '`amalthea.ArrayLoader`, which reads HDF5 datasets')
    """
    path = modern(path)
    for whole in _prefixes(path):
        package, _, name = whole.rpartition(".")
        if (whole in _LOST and whole not in _WHOLE) or (package in _WHOLE and name not in _WHOLE[package].split()):
            return whole, next((_LOST[each] for each in _prefixes(whole) if each in _LOST), "")
    return None


def _out_of_modules(path: str) -> str:
    """Returns the path of what was in a module inside of a package that has none any more."""
    for old, new in _PACKAGES.items():
        if path == old or path.startswith(f"{old}."):
            path = new + path.removeprefix(old)
    parts = path.split(".")
    if parts[1:2] == ["layers"] and len(parts) == 3 and parts[2] in _INNER.split():
        return "keras.layers"
    if parts[1:2] == ["engine"]:
        return next((_ENGINE[part] + path.partition(part)[2] for part in parts[2:] if part in _ENGINE), path)
    while len(parts) > 3 and parts[1] in _FLAT and _is_module(parts[2], parts[3], _FLAT[parts[1]]):
        del parts[2]
    return ".".join(parts)


def _is_module(name: str, inside: str, packages: frozenset[str]) -> bool:
    return bool(re.fullmatch("[a-z0-9_]+", name)) and name not in packages and not inside.startswith("_")


def _prefixes(path: str) -> list[str]:
    """Returns a path and those of all that it is in, the longest first."""
    parts = path.split(".")
    return [".".join(parts[:size]) for size in range(len(parts), 1, -1)]
