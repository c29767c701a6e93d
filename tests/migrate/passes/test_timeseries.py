"""`TimeSeriesLoader` in the place of the legacy `TimeseriesGenerator`."""

import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras.src.legacy.preprocessing import sequence

import amalthea
from amalthea.migrate.passes.timeseries import ARGUMENTS, Timeseries
from one_pass import marks_in, ran, rewritten

IMPORT = "from keras.src.legacy.preprocessing.sequence import TimeseriesGenerator\n"
CALL = """
made = TimeseriesGenerator(data, targets, {length}, sampling_rate={rate}, stride={stride}, start_index={start},
                           end_index={end}, reverse={reverse}, batch_size={batch}, workers=0)
"""


def test_its_arguments_are_those_of_the_legacy():
    assert tuple(inspect.signature(sequence.TimeseriesGenerator).parameters)[:-1] == ARGUMENTS


@settings(max_examples=40)
@given(
    length=st.integers(1, 9),
    rate=st.integers(1, 4),
    stride=st.integers(1, 4),
    start=st.integers(0, 5),
    end=st.none() | st.integers(15, 29),
    reverse=st.booleans(),
    batch=st.integers(1, 8),
)
def test_the_windows_and_targets_are_the_same(**options):
    text = IMPORT + CALL.format(**options)
    names = {"data": np.arange(60).reshape(30, 2), "targets": np.arange(30) * 10}
    before = ran(text, **names)["made"]
    after = ran(rewritten(Timeseries, text), amalthea=amalthea, **names)["made"]
    assert isinstance(after, amalthea.TimeSeriesLoader) and len(after) == len(before)
    for number in range(len(before)):
        for made, expected in zip(after[number], before[number], strict=True):
            np.testing.assert_array_equal(made, expected)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("x, y, 3", "x, y[3:], 3"),
        ("x, y, n + 1", "x, y[(n + 1):], n + 1"),
        ("x, y, n, end_index=last", "x, y[n : last + 1], n"),
        ("x, y, n, end_index=None", "x, y[n:], n"),
        ("x, a + b, 7, 2", "x, (a + b)[7:], 4, sampling_rate=2"),
        ("x, y, n, sampling_rate=r", "x, y[n:], -(-n // r), sampling_rate=r"),
        ("data=x, targets=y, length=3", "data=x, targets=y[3:], sequence_length=3"),
        ("x, targets=y, length=3, stride=2", "x, targets=y[3:], sequence_length=3, sequence_stride=2"),
    ],
)
def test_arguments_by_place_and_by_name_are_turned(given, expected):
    text = rewritten(Timeseries, f"{IMPORT}made = TimeseriesGenerator({given})\n")
    assert text == f"{IMPORT}made = amalthea.TimeSeriesLoader({expected})\n"


@pytest.mark.parametrize("given", ["*args", "x, y, **options", "x, y", "x, y, 3, unheard_of=1"])
def test_what_is_not_sure_is_left_alone_and_marked_once(given):
    text = f"{IMPORT}made = TimeseriesGenerator({given})\n"
    once = rewritten(Timeseries, text)
    assert f"TimeseriesGenerator({given})" in once and len(marks_in(once)) == 1
    assert rewritten(Timeseries, once) == once


def test_a_derived_class_is_marked():
    text = rewritten(Timeseries, f"{IMPORT}\n\nclass Own(TimeseriesGenerator):\n    pass\n")
    assert "sources.Windows" in marks_in(text)[0]


def test_a_generator_of_another_library_is_none():
    text = "from elsewhere import TimeseriesGenerator\nmade = TimeseriesGenerator(x, y, 3)\n"
    assert rewritten(Timeseries, text) == text
