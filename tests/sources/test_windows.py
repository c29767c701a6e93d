"""Windows over time series: the windows of Keras' own function, without a copy of the data."""

import subprocess
import sys

import h5py
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from amalthea.errors import ConfigurationError
from amalthea.sources import HDF5, Windows
from amalthea.workers.parcel import open_parcel, pack


def reference(data, targets, length, stride=1, rate=1, start=None, end=None):
    """All windows with the target of their first step, written down as their definition."""
    data = data[start or 0 : len(data) if end is None else end]
    windows, wanted = [], []
    for first in range(0, len(data), stride):
        steps = [first + rate * step for step in range(length)]
        if steps[-1] < len(data) and (targets is None or (start or 0) + first < len(targets)):
            windows.append([data[step] for step in steps])
            wanted.append(None if targets is None else targets[(start or 0) + first])
    return np.array(windows), np.array(wanted)


@st.composite
def arguments(draw):
    steps = draw(st.integers(2, 30))
    start = draw(st.none() | st.integers(0, steps - 1))
    end = draw(st.none() | st.integers((start or 0) + 1, steps - 1)) if (start or 0) + 1 < steps else None
    options = {
        "sequence_length": draw(st.integers(1, 5)),
        "sequence_stride": draw(st.integers(1, min(4, steps - 1))),
        "sampling_rate": draw(st.integers(1, min(3, steps - 1))),
        "start_index": start,
        "end_index": end,
    }
    reach = (options["sequence_length"] - 1) * options["sampling_rate"] + 1
    assume((steps if end is None else end) - (start or 0) >= reach)
    return steps, options


@given(arguments(), st.sampled_from(["none", "all", "fewer"]), st.randoms(use_true_random=False))
def test_windows_and_targets_are_those_of_their_definition(drawn, kind, random):
    steps, options = drawn
    data = np.arange(2.0 * steps).reshape(steps, 2)
    targets = None if kind == "none" else np.arange(100, 100 + steps)
    if kind == "fewer":
        targets = targets[: random.randint((options["start_index"] or 0) + 1, steps)]
    wanted, wanted_targets = reference(data, targets, *options.values())
    source = Windows(data, targets, **options)
    assert len(source) == len(wanted)
    indices = np.array([random.randrange(len(source)) for _ in range(5)])
    rows = np.empty((5, *wanted.shape[1:])), np.empty(5, int)
    source.read_rows(indices, rows[0] if targets is None else rows)
    np.testing.assert_array_equal(rows[0], wanted[indices])
    sample = source[int(indices[0])]
    np.testing.assert_array_equal(sample if targets is None else sample[0], wanted[indices[0]])
    if targets is not None:
        np.testing.assert_array_equal(rows[1], wanted_targets[indices])
        assert sample[1] == wanted_targets[indices[0]]
        row = rows[0][0], rows[1][0, ...]
        source.read_into(int(indices[-1]), row)
        np.testing.assert_array_equal(row[0], wanted[indices[-1]])
        assert row[1] == wanted_targets[indices[-1]]


@pytest.mark.parametrize("rate", [1, 3])
def test_a_window_is_a_view_of_the_data(rate):
    data = np.zeros((100, 4))
    window, _ = Windows(data, data, 10, sampling_rate=rate)[5]
    assert np.shares_memory(window, data)
    assert window.shape == (10, 4)


def make_kinds(folder, data):
    np.save(folder / "data.npy", data)
    with h5py.File(folder / "data.h5", "w") as file:
        file.create_dataset("data", data=data, chunks=(16, 1), compression="gzip")
    return {
        "mapped": np.load(folder / "data.npy", mmap_mode="r"),
        "hdf5": HDF5(folder / "data.h5", "data"),
        "transposed": np.asfortranarray(data),
    }


@pytest.mark.parametrize("kind", ["mapped", "hdf5", "transposed"])
@pytest.mark.parametrize("rate", [1, 2])
def test_data_may_be_of_any_kind_and_nested(tmp_path, kind, rate):
    data = np.random.default_rng(0).random((60, 3))
    other = make_kinds(tmp_path, data)[kind]
    source = Windows({"a": (other, data[:, 0])}, {"y": other}, 5, 2, rate, 3, 59)
    windows, targets = reference(data, data, 5, 2, rate, 3, 59)
    indices = np.array([7, 0, 9, 9, 1])
    rows = {"a": (np.empty((5, 5, 3)), np.empty((5, 5)))}, {"y": np.empty((5, 3))}
    source.read_rows(indices, rows)
    np.testing.assert_array_equal(rows[0]["a"][0], windows[indices])
    np.testing.assert_array_equal(rows[0]["a"][1], windows[indices][..., 0])
    np.testing.assert_array_equal(rows[1]["y"], targets[indices])
    inputs, target = source[9]
    np.testing.assert_array_equal(inputs["a"][0], windows[9])
    np.testing.assert_array_equal(target["y"], targets[9])
    if kind == "hdf5":
        other.close()


def test_a_tuple_of_inputs_alone_is_no_pair_of_x_and_y():
    source = Windows((np.arange(9), np.arange(9)), None, 2)
    ((first, second),) = source[3]
    assert first.tolist() == second.tolist() == [3, 4]
    rows = ((np.empty((2, 2)), np.empty((2, 2))),)
    source.read_rows(np.array([5, 1]), rows)
    assert rows[0][1].tolist() == [[5, 6], [1, 2]]


def test_only_the_data_are_sent_to_a_worker():
    data = np.zeros((20_000, 10), np.float32)
    parcel = pack(Windows(data, None, 5_000))
    assert sum(file.size for file in parcel.files) < data.nbytes + 5000
    assert len(parcel.data) < 3000
    assert open_parcel(parcel.data, [file.handle for file in parcel.files]).value[1].shape == (5_000, 10)
    parcel.files[0]._close.detach()  # its handle belongs to what was opened


# A program of its own: what other threads take meanwhile is counted too.
COPYING = """
import sys, tracemalloc
import numpy as np
from amalthea.sources.windows import Windows

source = Windows(getattr(np, sys.argv[1])(np.ones((200_000, 4), np.float32)), None, 50_000, sampling_rate=3)
rows = np.zeros((16, 50_000, 4), np.float32)
tracemalloc.start()
source.read_rows(np.arange(0, 8000, 500), rows)
print(tracemalloc.get_traced_memory()[1] / rows.nbytes)
assert rows.all()
"""


@pytest.mark.parametrize("order", ["ascontiguousarray", "asfortranarray"])
def test_windows_are_copied_straight_into_the_batch(order):
    command = [sys.executable, "-c", COPYING, order]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=250)
    assert float(done.stdout) < 1 / 16


ten = np.zeros(10)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sequence_length": 0}, "`sequence_length` is 0"),
        ({"sequence_length": 2.5}, "`sequence_length` is 2.5"),
        ({"sequence_length": 11}, "No window is left.*11 steps.*10 from step 0 to 10"),
        ({"sequence_length": 4, "sampling_rate": 4}, "No window is left.*takes 13 steps"),
        ({"sequence_length": 4, "start_index": 7}, "3 from step 7 to 10"),
        ({"sequence_stride": 0}, "`sequence_stride` is 0"),
        ({"sequence_stride": 10}, "`sequence_stride` is 10; it must be less than the 10"),
        ({"sampling_rate": -1}, "`sampling_rate` is -1"),
        ({"sampling_rate": 10}, "`sampling_rate` is 10; it must be less than the 10"),
        ({"start_index": -1}, "`start_index` is -1"),
        ({"start_index": 10}, "`start_index` is 10; it must be less than the 10"),
        ({"end_index": 0}, "`end_index` is 0"),
        ({"end_index": 10}, "`end_index` is 10; it must be more than"),
        ({"end_index": 3, "start_index": 3}, "`end_index` is 3; it must be more than `start_index`, 3"),
        ({"targets": ten[:4], "start_index": 4}, "`targets` has 4 rows, and the first window begins at step 4"),
        ({"targets": ten[:0]}, "`targets` has 0 rows"),
        ({"targets": (ten, ten[:4])}, r"`targets\[1\]` has 4"),
        ({"data": {"a": ten, "b": ten[:4]}}, r"`data\['a'\]` has 10, `data\['b'\]` has 4"),
        ({"data": np.array(["a", "b"])}, "`data`, of type ndarray, has the dtype"),
        ({"data": [[1.0, 2.0], [3.0]]}, "`data` is ragged"),
    ],
)
def test_what_cannot_be_used_is_named(options, message):
    with pytest.raises(ConfigurationError, match=message):
        Windows(**{"data": ten, "targets": None, "sequence_length": 2, **options})
