"""One file of plain values and arrays: what is read is what was written, and it is whole or an error."""

import keras
import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import amalthea
from amalthea.loaders.backup_file import is_plain, load, save
from amalthea.loaders.backup_model import check_values, restore_values, values_of

NUMBERS = st.one_of(hnp.boolean_dtypes(), hnp.integer_dtypes(), hnp.floating_dtypes(), hnp.complex_number_dtypes())
ARRAYS = hnp.arrays(NUMBERS, hnp.array_shapes(min_dims=0, min_side=0, max_side=3))
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), ARRAYS, ARRAYS.map(lambda a: a[()])
)
TREES = st.recursive(
    SCALARS,
    lambda tree: st.one_of(
        st.lists(tree, max_size=3), st.lists(tree, max_size=3).map(tuple), st.dictionaries(st.text(), tree, max_size=3)
    ),
    max_leaves=6,
)


def as_bits(value):
    """Returns the value with each array as its bits, so that not-a-numbers and signs of zeros are compared too."""
    if isinstance(value, np.ndarray | np.generic):
        return type(value), value.dtype, value.shape, value.tobytes()
    if isinstance(value, dict):
        return {key: as_bits(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(as_bits, value))
    return type(value), repr(value)


@given(TREES)
def test_what_is_read_is_what_was_written(tmp_path_factory, tree):
    path = tmp_path_factory.getbasetemp() / "tree.zip"
    assert is_plain(tree)
    save(path, tree)
    assert as_bits(load(path)) == as_bits(tree)


@pytest.mark.parametrize("dtype", [ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn, ml_dtypes.float8_e5m2])
def test_short_floats_are_read_as_float32_of_the_same_values(tmp_path, dtype):
    values = np.array([0.1, -2.5, 300.0, 0.0], np.float32).astype(dtype)
    save(tmp_path / "a", values)
    np.testing.assert_array_equal(load(tmp_path / "a"), values.astype(np.float32), strict=True)


@pytest.mark.parametrize("value", [object(), {1: 2}, {1, 2}, [object()], np.array(["a"]), np.array([None]), b"1"])
def test_what_is_not_plain(value):
    assert not is_plain(value)


def test_a_file_that_is_cut_off_or_changed_anywhere_is_an_error(tmp_path):
    path = tmp_path / "a.zip"
    save(path, {"values": np.arange(20), "step": 3})
    whole = path.read_bytes()
    place = whole.index(np.arange(20).tobytes()) + 8
    for broken in (whole[:0], whole[:100], whole[:-1], whole[:place] + b"x" + whole[place + 1 :], b"x" * 100):
        path.write_bytes(broken)
        with pytest.raises(amalthea.errors.ConfigurationError, match=f"`{path}` is no backup, or a broken one"):
            load(path)


def test_a_backup_that_cannot_be_written_leaves_the_one_before(tmp_path):
    path = tmp_path / "a.zip"
    save(path, 1)
    (tmp_path / "a.zip.part").mkdir()
    with pytest.raises(OSError, match="part"):
        save(path, 2)
    assert load(path) == 1


def test_variables_of_every_dtype_come_back(tmp_path):
    dtypes = ["float16", "bfloat16", "float32", "int8", "uint8", "int32", "bool"]

    class Model(keras.Model):
        def __init__(self, value):
            super().__init__()
            for dtype in dtypes:
                fill = keras.initializers.Constant(value)
                self.add_weight(shape=(3,), dtype=dtype, initializer=fill, trainable=False)

    one, other = Model(1), Model(0)
    save(tmp_path / "a", values_of(one))
    restore_values(other, load(tmp_path / "a"))
    for its, theirs in zip(other.variables, one.variables, strict=True):
        assert str(its.dtype) == str(theirs.dtype)
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(its), keras.ops.convert_to_numpy(theirs))
    assert values_of(other)["dtypes"] == dtypes


@pytest.mark.parametrize("kept_in", [lambda one, two: (one, two), lambda one, two: {"one": one, "two": two}])
def test_optimizers_in_a_list_or_a_dict_come_back(kept_in):
    def model_of(step):
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, name="dense")])
        optimizers = [keras.optimizers.SGD(momentum=0.9), keras.optimizers.Adam()]
        for optimizer in optimizers:
            optimizer.build(model.trainable_variables)
            optimizer.iterations.assign(step)
        model.optimizers = kept_in(*optimizers)
        return model, optimizers

    (one, _), (other, optimizers) = model_of(5), model_of(0)
    check_values(other, values_of(one))
    restore_values(other, values_of(one))
    assert [int(optimizer.iterations) for optimizer in optimizers] == [5, 5]
