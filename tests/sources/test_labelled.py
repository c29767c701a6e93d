"""Labelled: a target beside each sample."""

import numpy as np
import pytest

import pictures
from amalthea.errors import ConfigurationError
from amalthea.sources import ImageFiles, Labelled


def test_a_sample_has_its_target_and_its_weight():
    source = Labelled([10.0, 20.0], targets=[3, 4], sample_weight=[0.5, 0.25])
    assert len(source) == 2
    assert source[1] == (20.0, 4, 0.25)


def test_rows_are_written_in_place_where_the_source_can(tmp_path):
    paths = pictures.write_all(tmp_path, ["a.png", "b.png"])
    source = Labelled(ImageFiles(paths, (6, 8)), np.array([[1.0, 2.0], [3.0, 4.0]], np.float32), [5.0, 6.0])
    rows = np.zeros((6, 8, 3), np.float32), np.zeros(2, np.float32), np.zeros((), np.float32)
    source.read_into(1, rows)
    for row, value in zip(rows, source[1], strict=True):
        np.testing.assert_array_equal(row, value)
    assert source.name(1) == paths[1]


def test_a_source_without_rows_and_names_gets_none():
    source = Labelled([1.0], targets=[0])
    assert source.read_into is None
    assert Labelled(source, targets=[1]).read_into is None
    assert source.name is None


@pytest.mark.parametrize(
    ("columns", "named"), [({"targets": [1]}, "targets"), ({"targets": [1, 2], "sample_weight": [1] * 3}, "weight")]
)
def test_lengths_that_differ_are_an_error(columns, named):
    with pytest.raises(ConfigurationError, match=named):
        Labelled([1.0, 2.0], **columns)
