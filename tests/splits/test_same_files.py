"""Files that are on both sides of a split, byte for byte."""

import numpy as np
import pytest
from PIL import Image

import amalthea
from amalthea.errors import ConfigurationError
from amalthea.splits import same_files, split


def write(path, data):
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return str(path)


def test_pairs_are_the_files_with_the_same_bytes(tmp_path):
    long = bytes(range(256)) * 8192
    contents = {"a": b"one", "b": b"two", "c": b"", "d": long, "e": b"one", "f": b"longer", "g": long[:-1] + b"x"}
    other = {"1": b"two", "2": b"one", "3": b"", "4": long, "5": b"six", "6": b"shorter?"}
    left = [write(tmp_path / "left" / name, data) for name, data in contents.items()]
    right = [write(tmp_path / "right" / name, data) for name, data in other.items()]
    found = [(one[-1], two[-1]) for one, two in same_files(left, right)]
    assert found == [("a", "2"), ("b", "1"), ("c", "3"), ("d", "4"), ("e", "2")]
    assert [pair[::-1] for pair in same_files(right, left)] == sorted(same_files(left, right), key=lambda each: each[1])


def test_a_file_that_ends_in_zeros_is_not_one_of_the_same_size_that_differs(tmp_path):
    left, right = write(tmp_path / "a", b"\1\0\0"), write(tmp_path / "b", b"\1\2\0")
    assert same_files([left], [right]) == []
    assert same_files([left], [left]) == [(left, left)]


def test_many_files_keep_their_order(tmp_path):
    left = [write(tmp_path / f"{number}", b"%04d" % number) for number in range(2100)]
    assert same_files(left, left[::-1]) == [(path, path) for path in left]


def test_loaders_of_files_are_compared(tmp_path):
    for number, value in enumerate([1, 2, 3, 4, 1, 6]):
        Image.fromarray(np.full((4, 4, 3), value, np.uint8)).save(tmp_path / f"{number}.png")
    loader = amalthea.ImageLoader.from_directory(tmp_path, labels=None, image_size=4, shuffle=False, verbose=False)
    training, test = split(loader, (0.5, 0.5), shuffle=False)
    ((one, two),) = same_files(training, test)
    assert (one[-5:], two[-5:]) == ("0.png", "4.png")


def test_no_files_on_one_side_are_no_pairs(tmp_path):
    assert same_files([], [write(tmp_path / "a", b"a")]) == []


@pytest.mark.parametrize("part", ["a.png", 3, None])
def test_what_has_no_files_is_told(part):
    with pytest.raises(ConfigurationError, match=r"`second`.*list of paths, or a loader"):
        same_files([], part)


def test_a_loader_without_files_is_told():
    with pytest.raises(ConfigurationError, match=r"`first`.*`file_paths`"):
        same_files(amalthea.Loader([1.0, 2.0]), [])


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    with pytest.raises(ConfigurationError, match=r"missing\.png' cannot be read: No such file"):
        same_files([str(tmp_path / "missing.png")], [])
