"""Arrays of any kind, by rows: the very rows, copied once, and nothing else."""

import pickle
import tracemalloc

import keras
import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

import amalthea
from amalthea.errors import ConfigurationError
from amalthea.sources import Arrays
from amalthea.workers.parcel import open_parcel, pack

ROWS = 12
LAYOUTS = {
    "c": lambda array: array,
    "fortran": np.asfortranarray,
    "every second": lambda array: np.repeat(array, 2, axis=0)[::2],
    "backwards": lambda array: array[::-1],
    "some columns": lambda array: np.concatenate([array, array], axis=1)[:, 1 : 1 + array.shape[1]],
    "transposed": lambda array: np.ascontiguousarray(array.T).T,
    "broadcast": lambda array: np.broadcast_to(array[:1], array.shape),
    "foreign": lambda array: array.astype(array.dtype.newbyteorder()),
    "unaligned": lambda array: (
        np.frombuffer(b"-" + array.tobytes(), np.uint8)[1:].view(array.dtype).reshape(array.shape)
    ),
}


def numbers(dtype, width=3):
    return np.random.default_rng(0).integers(0, 2 if dtype == "bool" else 100, (ROWS, width)).astype(dtype)


def empty_rows(source, count):
    """Memory for so many samples."""

    def rows(tree):
        if isinstance(tree, dict):
            return {key: rows(value) for key, value in tree.items()}
        if isinstance(tree, tuple):
            return tuple(map(rows, tree))
        return np.empty((count, *np.shape(tree)), np.asarray(tree).dtype.newbyteorder("="))

    return rows(source[0])


@given(
    layout=st.sampled_from(sorted(LAYOUTS)),
    dtype=st.sampled_from(["bool", "uint8", "int64", "float16", "float32", "float64"]),
    indices=st.lists(st.integers(0, ROWS - 1), min_size=1, max_size=20)
    | st.integers(1, ROWS).map(lambda stop: list(range(stop // 2, stop))),
)
def test_rows_are_those_of_the_array_in_any_layout_and_dtype(layout, dtype, indices):
    x, y = LAYOUTS[layout](numbers(dtype)), np.arange(ROWS)
    source = Arrays({"a": x, "b": (x[:, 0], y)}, y)
    rows = empty_rows(source, len(indices))
    source.read_rows(np.array(indices), rows)
    inputs, target = rows
    np.testing.assert_array_equal(inputs["a"], x[indices])
    np.testing.assert_array_equal(inputs["b"][0], x[indices, 0])
    np.testing.assert_array_equal(inputs["b"][1], y[indices])
    np.testing.assert_array_equal(target, y[indices])
    assert inputs["a"].dtype == dtype
    sample, target = source[indices[0]]
    np.testing.assert_array_equal(sample["a"], x[indices[0]])
    assert target == y[indices[0]]
    row = {"a": np.empty_like(inputs["a"][0]), "b": (np.empty((), dtype), np.empty((), int))}, np.empty((), int)
    source.read_into(indices[-1], row)
    np.testing.assert_array_equal(row[0]["a"], x[indices[-1]])
    assert row[1] == y[indices[-1]]


def copied_bytes(source, indices, rows):
    """The most memory that reading takes beside the rows."""
    tracemalloc.start()
    try:
        source.read_rows(indices, rows)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("order", ["contiguous", "shuffled"])
def test_rows_of_a_plain_array_are_copied_straight_into_the_batch(order):
    x = np.ones((64, 1 << 18), np.float32)  # so large that what other threads take is little beside a row
    x.flags.writeable = False
    indices = np.arange(8, 24) if order == "contiguous" else np.arange(60, 12, -3)
    rows = np.empty((16, 1 << 18), np.float32)
    assert copied_bytes(Arrays(x), indices, rows) < rows.nbytes / 16
    assert rows.all()


@pytest.mark.parametrize("layout", ["fortran", "every second", "transposed", "backwards"])
def test_no_array_is_copied_as_a_whole(layout):
    x = LAYOUTS[layout](np.ones((4096, 512), np.float32))
    rows = np.empty((16, 512), np.float32)
    assert copied_bytes(Arrays(x), np.arange(100, 4, -6), rows) < x.nbytes / 8
    assert rows.all()


def test_no_rows_are_no_error():
    source = Arrays(np.zeros((5, 4)))
    source.read_rows(np.empty(0, np.int64), np.empty((0, 4)))


def test_samples_are_views():
    x = np.zeros((5, 4))
    assert np.shares_memory(Arrays(x)[3], x)


def test_a_memory_map_is_sent_by_name(tmp_path):
    np.save(tmp_path / "x.npy", np.arange(100_000.0).reshape(-1, 10))
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    parcel = pack(Arrays({"x": (mapped, mapped[:, 3])}))
    assert len(parcel.data) < 3000 and not parcel.files
    inputs = open_parcel(parcel.data, []).value[7]
    np.testing.assert_array_equal(inputs["x"][0], mapped[7])
    assert inputs["x"][1] == 73


def test_nested_arrays_are_sent_through_shared_memory():
    x = np.zeros((1000, 1000), np.float32)
    parcel = pack(Arrays(({"a": x}, x), np.zeros(1000)))
    assert len(parcel.data) < 12_000  # the small targets are in it
    assert sum(file.size for file in parcel.files) < x.nbytes + 10_000  # the same array twice is one


def test_tensors_pandas_objects_and_lists_are_taken():
    table = pandas.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    tensor = keras.ops.convert_to_tensor(np.float32([[1, 2], [3, 4]]))
    source = Arrays({"table": table, "column": table["a"], "tensor": tensor, "list": [1, 2]}, [[0.5], [1.5]])
    x, y = source[1]
    assert x["table"].tolist() == [2, 4] and x["column"] == 2
    assert x["tensor"].tolist() == [3, 4] and x["tensor"].dtype == np.float32
    assert x["list"] == 2 and x["list"].dtype == np.int64
    assert y == [1.5] and y.dtype == np.float32


def test_variables_are_taken_on_any_backend():
    assert Arrays(keras.Variable(np.float32([1, 2])))[1] == 2


def test_a_tuple_of_inputs_alone_is_no_pair_of_x_and_y():
    assert Arrays((np.arange(3), np.arange(3)))[1] == ((1, 1),)
    assert Arrays([np.arange(3), np.arange(3)])[1] == ((1, 1),)
    assert Arrays(np.arange(3))[1] == 1
    assert Arrays((np.arange(3), np.arange(3)), np.arange(3))[1] == ((1, 1), 1)


def test_it_ends_and_is_picklable():
    source = Arrays(np.arange(3), np.arange(3), np.ones(3))
    assert len(list(pickle.loads(pickle.dumps(source)))) == 3
    assert source[-1][0] == 2
    with pytest.raises(IndexError):
        source[3]


ten = np.zeros((10, 2))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (({"a": ten, "b": ten[:9]}, ten), r"`x\['a'\]` has 10, `x\['b'\]` has 9, `y` has 10"),
        (((ten, (ten[:7],)),), r"`x\[0\]` has 10, `x\[1\]\[0\]` has 7.*np.stack"),
        ((ten, ten, ten[:3]), "`sample_weight` has 3"),
        ((ten, None, ten), "`sample_weight` is given without `y`"),
        (([ten[0, :1], ten[0]],), r"`x\[0\]` has 1, `x\[1\]` has 2"),
        (([[1, 2], [3]],), "`x` is ragged"),
        ((np.array(["a", "b"]),), "`x`, of type ndarray, has the dtype <U1"),
        ((ten, {"y": ["a", "b"]}), r"`y\['y'\]\[0\]`, of type str"),
        ((np.array([None, 1]),), "dtype object"),
        ((np.ones(3, complex),), "dtype complex128"),
        ((np.ones(3, "datetime64[s]"),), "dtype datetime64"),
        ((pandas.DataFrame({"a": [1], "b": ["c"]}),), "`x`, of type DataFrame, has the dtype object"),
        (({"a": ten, "b": 3},), r"`x\['b'\]` is the single number 3"),
        ((ten, {"a": None}), r"`y\['a'\]`, of type NoneType"),
        ((None,), "`x`, of type NoneType"),
        (({},), "`x` holds no array"),
        (([],), "`x` holds no array"),
        ((keras.Input((3,)),), "`x`"),
    ],
)
def test_what_cannot_be_used_is_named(arguments, message):
    with pytest.raises(ConfigurationError, match=message):
        Arrays(*arguments)


def test_an_empty_array_is_an_empty_source():
    with pytest.raises(ConfigurationError, match="empty"):
        amalthea.Loader(Arrays(np.zeros((0, 3))))
