"""Against `keras.utils.timeseries_dataset_from_array` itself: collected where TensorFlow is installed."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

import amalthea

DATA = np.random.default_rng(0).random((24, 2)).astype(np.float32)

small = st.integers(-1, 6)
some_step = st.none() | st.integers(-1, 26)


def of_keras(data, targets, arguments):
    """Keras' batches, and whether it ended in an error of TensorFlow's, for want of a target."""
    batches = []
    try:
        for batch in keras.utils.timeseries_dataset_from_array(data, targets, **arguments):
            batches.append(tf.nest.map_structure(lambda tensor: tensor.numpy(), batch))
    except ValueError:
        return [], False
    except tf.errors.InvalidArgumentError:
        return batches, True
    return batches, False


def of_amalthea(data, targets, arguments):
    try:
        loader = amalthea.TimeSeriesLoader(data, targets, workers=0, **arguments)
    except amalthea.ConfigurationError:
        return []
    return list(loader)


@settings(max_examples=300)
@given(
    steps=st.integers(1, 24),
    targets=st.none() | st.integers(0, 26),
    arguments=st.fixed_dictionaries(
        {
            "sequence_length": st.integers(1, 6),
            "sequence_stride": small,
            "sampling_rate": small,
            "start_index": some_step,
            "end_index": some_step,
            "batch_size": st.integers(1, 9),
        }
    ),
)
def test_batches_are_those_of_keras_for_every_argument_and_errors_where_it_has_none(steps, targets, arguments):
    """Where targets are missing Keras fails in the middle of an epoch: then ours go up to the last target."""
    data = DATA[:steps]
    targets = None if targets is None else np.arange(targets)
    (theirs, failed), ours = of_keras(data, targets, arguments), of_amalthea(data, targets, arguments)
    assert len(ours) >= len(theirs) if failed else len(ours) == len(theirs)
    for our, their in zip(ours, theirs, strict=False):
        our, their = ((batch,) if targets is None else batch for batch in (our, their))
        for mine, other in zip(our, their, strict=True):
            np.testing.assert_array_equal(mine, other)
            assert mine.dtype == other.dtype


@pytest.mark.parametrize("shape", [(), (3,), (2, 2)])
@pytest.mark.parametrize("dtype", ["float64", "float16", "int32", "uint8", "bool"])
def test_shapes_and_dtypes_are_those_of_keras(shape, dtype):
    data = np.random.default_rng(0).integers(0, 2, (300, *shape)).astype(dtype)
    # Batches of 128 and the order of the data are the defaults of both.
    for ours, theirs in zip(
        amalthea.TimeSeriesLoader(data, data, 7),
        keras.utils.timeseries_dataset_from_array(data, data, 7),
        strict=True,
    ):
        for mine, other in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(mine, other.numpy())
            assert mine.dtype == other.numpy().dtype


def test_a_shuffled_epoch_holds_the_windows_of_keras():
    arguments = {"sequence_length": 3, "shuffle": True, "seed": 1, "batch_size": 4}
    pairs = []
    for batches in (of_keras(DATA, np.arange(24), arguments)[0], of_amalthea(DATA, np.arange(24), arguments)):
        assert np.diff([target for _, targets in batches for target in targets]).min() < 0
        pairs.append(sorted((int(y), x.tobytes()) for xs, ys in batches for x, y in zip(xs, ys, strict=True)))
    assert pairs[0] == pairs[1]
