"""In place of `TimeseriesGenerator`: its windows, targets and batches, by the legacy class itself."""

import h5py
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from keras.src.legacy.preprocessing.sequence import TimeseriesGenerator

import amalthea
from amalthea.sources import HDF5, Windows


def windows_as_there(data, targets, length, sampling_rate=1, stride=1, start_index=0, end_index=None, **options):
    """The formulas of docs/arrays.md."""
    return amalthea.TimeSeriesLoader(
        data,
        targets[length:] if end_index is None else targets[length : end_index + 1],
        sequence_length=-(-length // sampling_rate),
        sequence_stride=stride,
        sampling_rate=sampling_rate,
        start_index=start_index,
        **options,
    )


@st.composite
def arguments(draw):
    steps = draw(st.integers(3, 40))
    length = draw(st.integers(1, steps - 1))
    start = draw(st.integers(0, steps - 1 - length))
    return steps, {
        "length": length,
        "sampling_rate": draw(st.integers(1, min(steps - 1, 6))),
        "stride": draw(st.integers(1, min(steps - 1, 6))),
        "start_index": start,
        "end_index": draw(st.none() | st.integers(start + length, steps - 1)),
        "reverse": draw(st.booleans()),
        "batch_size": draw(st.integers(1, 9)),
    }


@settings(max_examples=60)
@given(arguments(), st.sampled_from(["array", "table", "list"]))
def test_batches_are_those_there(drawn, kind):
    steps, options = drawn
    values = np.arange(2.0 * steps).reshape(steps, 2) if kind == "table" else np.arange(float(steps))
    data, targets = (values.tolist(), list(range(steps))) if kind == "list" else (values, np.arange(steps))
    theirs = TimeseriesGenerator(data, targets, **options)
    ours = windows_as_there(data, targets, **options, workers=0)
    assert len(ours) == len(theirs)
    for (x, y), number in zip(ours, range(len(theirs)), strict=True):
        wanted_x, wanted_y = theirs[number]
        np.testing.assert_array_equal(x, wanted_x)
        np.testing.assert_array_equal(y, wanted_y)


@settings(max_examples=15)
@given(arguments())
def test_shuffled_each_of_the_windows_there_comes_once(drawn):
    steps, options = drawn
    assume(options["batch_size"] > 1)
    theirs = TimeseriesGenerator(np.arange(steps), np.arange(steps), **options)
    wanted = [theirs[number] for number in range(len(theirs))]
    ours = windows_as_there(np.arange(steps), np.arange(steps), **options, shuffle=True, seed=0, workers=0)
    seen = {int(target): window.tolist() for x, y in ours for window, target in zip(x, y, strict=True)}
    assert seen == {int(target): window.tolist() for x, y in wanted for window, target in zip(x, y, strict=True)}


@pytest.mark.parametrize("kind", ["mapped", "hdf5"])
def test_data_in_a_file_are_read_in_the_reverse_order_too(tmp_path, kind):
    data = np.random.default_rng(0).random((30, 2)).astype("float32")
    wanted = [x[:, ::-1] for x, _ in windows_as_there(data, data, 7, 2, batch_size=4, workers=0)]
    if kind == "mapped":
        np.save(tmp_path / "data.npy", data)
        stored = np.load(tmp_path / "data.npy", mmap_mode="r")
    else:
        with h5py.File(tmp_path / "data.h5", "w") as file:
            file["data"] = data
        stored = HDF5(tmp_path / "data.h5", "data")
    with windows_as_there(
        stored, data, 7, 2, batch_size=4, reverse=True, workers=1, use_multiprocessing=True
    ) as loader:
        for (x, _), windows in zip(loader, wanted, strict=True):
            np.testing.assert_array_equal(x, windows)
    if kind == "hdf5":
        stored.close()


def test_a_reversed_window_is_a_view_of_the_data():
    data = np.arange(10.0)
    window = Windows(data, None, 3, sampling_rate=2, reverse=True)[1]
    assert np.shares_memory(window, data)
    assert window.tolist() == [5, 3, 1]
