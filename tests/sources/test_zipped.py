"""Zipped: the forms that samples may have, and what must agree."""

import numpy as np
import pytest

import pictures
from amalthea.errors import ConfigurationError
from amalthea.sources import ImageFiles, Zipped
from amalthea.sources.protocol import Source


class Named:
    """Sample i has the name `names[i]`."""

    def __init__(self, *names):
        self.names = names

    def __len__(self):
        return len(self.names)

    def __getitem__(self, index):
        return np.float32(index)

    def name(self, index):
        return self.names[index]


@pytest.mark.parametrize(
    ("arguments", "sample"),
    [
        (([1, 2],), 2),
        (([1, 2], [3, 4]), (2, 4)),
        (([1, 2], [3, 4], [0.5, 1.0]), (2, 4, 1.0)),
        ((([1, 2], [5, 6]),), ((2, 6),)),
        ((([1, 2], [5, 6]), [3, 4]), ((2, 6), 4)),
        (({"a": [1, 2], "b": ([5, 6], [7, 8])},), {"a": 2, "b": (6, 8)}),
        (
            ({"a": [1, 2]}, {"one": [3, 4], "two": [5, 6]}, {"one": [0.5, 1.0], "two": [1.0, 0.0]}),
            ({"a": 2}, {"one": 4, "two": 6}, {"one": 1.0, "two": 0.0}),
        ),
        (([1, 2], ([3, 4], [5, 6])), (2, (4, 6))),
    ],
)
def test_a_sample_has_the_form_of_the_arguments(arguments, sample):
    source: Source = Zipped(*arguments)
    assert (len(source), source[1]) == (2, sample)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (({"a": [1, 2], "b": [1]}, [0, 1]), r"`inputs\['a'\]` has 2, `inputs\['b'\]` has 1, `targets` has 2"),
        (([1, 2, 3], [0, 1]), "`inputs` has 3, `targets` has 2"),
        (([1, 2], ([0, 1], [0])), r"`targets\[1\]` has 1"),
        (([1, 2], [0, 1], [1.0]), "`sample_weight` has 1"),
        (([1, 2], None, [1.0, 1.0]), "no `targets` that it could belong to"),
        (({"a": iter([1, 2])},), r"`inputs\['a'\]` is .* of type list_iterator"),
        (({"a": 3},), r"`inputs\['a'\]` is 3 of type int; it must be a source"),
        (({"a": "text"},), r"`inputs\['a'\]` is 'text' of type str"),
        (({},), "`inputs` is an empty dict"),
        (([1, 2], ()), "`targets` is an empty tuple"),
    ],
)
def test_what_does_not_go_together_is_named(arguments, message):
    with pytest.raises(ConfigurationError, match=message):
        Zipped(*arguments)


def test_names_must_agree_folders_and_suffixes_aside():
    images, texts = Named("img/a.png", b"img/b.png"), Named("txt/a.txt", "txt/b.txt")
    assert len(Zipped({"image": images, "text": texts, "number": [1, 2]})) == 2


def test_names_that_differ_are_named():
    images, texts = Named("img/a.png", "img/b.png"), Named("txt/a.txt", "txt/c.txt")
    with pytest.raises(
        ConfigurationError, match=r"Sample 1 of `inputs\['image'\]` is 'img/b.png', that of `targets` is 'txt/c.txt'"
    ):
        Zipped({"number": [1, 2], "image": images}, texts)
    assert Zipped({"image": images}, texts, same_names=False).name(1) == "img/b.png"


def test_one_part_is_read_in_place_beside_one_that_is_not(tmp_path):
    paths = pictures.write_all(tmp_path, ["a.png", "b.png"])
    source = Zipped({"image": ImageFiles(paths, (6, 8)), "pair": [[1.0, 2.0], [3.0, 4.0]]}, [0, 1])
    rows = {"image": np.zeros((6, 8, 3), np.float32), "pair": np.zeros(2)}, np.zeros((), np.int64)
    source.read_into(1, rows)
    np.testing.assert_array_equal(rows[0]["image"], source[1][0]["image"])
    assert (rows[0]["pair"].tolist(), int(rows[1])) == ([3.0, 4.0], 1)
