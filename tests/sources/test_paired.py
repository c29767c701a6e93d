"""Files that belong together by their names."""

import os
import pathlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amalthea.errors import ConfigurationError
from amalthea.sources import files, paired
from amalthea.sources.paired import stem

NAMES = st.lists(
    st.text("abc._-", min_size=1, max_size=6).filter(lambda name: name.strip(".")), unique=True, min_size=1
)


@given(NAMES, st.randoms(use_true_random=False))
def test_each_path_finds_the_one_of_its_name_in_any_order(names, random):
    images, texts = [f"img/{name}.png" for name in names], [f"txt/deep/{name}.txt" for name in names]
    shuffled = [*texts, "txt/zzz.txt"]
    random.shuffle(shuffled)
    assert paired(images, shuffled) == texts


@pytest.mark.parametrize(
    ("path", "name"),
    [("a/b.c/d.tar.gz", "d.tar"), ("d", "d"), (".hidden", ".hidden"), (b"x/y.png", "y"), (pathlib.Path("x/y.z"), "y")],
)
def test_a_name_is_that_of_the_file_without_its_last_suffix(path, name):
    assert stem(path) == name


def test_several_others_are_a_tuple():
    texts, masks = paired(["a.png", "b.png"], ["b.txt", "a.txt"], [pathlib.Path("m/a.png"), pathlib.Path("m/b.png")])
    assert (list(texts), list(masks)) == (["a.txt", "b.txt"], [os.path.join("m", "a.png"), os.path.join("m", "b.png")])


def test_a_function_may_say_what_files_have_in_common():
    masks = ["m/a_mask.png", "m/b_mask.png"]
    assert paired(["b.jpg", "a.jpg"], masks, by=lambda path: os.path.basename(path)[0]) == masks[::-1]


def test_the_first_few_without_a_partner_are_named():
    with pytest.raises(
        ConfigurationError, match=r"4 of 5 files have no partner in `others\[1\]`: '1.png', '2.png', '3.png', \.\.\."
    ):
        paired([f"{number}.png" for number in range(5)], [f"{number}.txt" for number in range(5)], ["0.wav"])


@pytest.mark.parametrize(
    ("paths", "other", "message"),
    [
        (["x/a.png", "y/a.png"], ["a.txt"], "`paths` has two files of one name, 'x/a.png' and 'y/a.png'"),
        (["a.png"], ["a.txt", "a.md"], r"`others\[0\]` has two files of one name, 'a.txt' and 'a.md'"),
        ("a.png", ["a.txt"], "`paths` is the single string 'a.png'"),
        (["a.png"], "a.txt", r"`others\[0\]` is the single string"),
    ],
)
def test_what_cannot_be_paired_is_an_error(paths, other, message):
    with pytest.raises(ConfigurationError, match=message):
        paired(paths, other)


def test_one_list_alone_is_an_error():
    with pytest.raises(ConfigurationError, match="one list of paths"):
        paired(["a.png"])


def test_the_files_of_a_folder(tmp_path):
    for name in ("b.TXT", "a.txt", "deep/c.txt", "d.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = [os.path.relpath(path, tmp_path) for path in files(tmp_path, ".txt")]
    assert found == ["a.txt", "b.TXT", os.path.join("deep", "c.txt")]
    assert len(files(str(tmp_path), [".txt", ".MD"])) == 4
    with pytest.raises(ConfigurationError, match=r"no file whose name ends in \('.wav',\)"):
        files(tmp_path, ".wav")


@pytest.mark.parametrize(
    ("by", "message"),
    [
        (None, "`by` is None; it must be a function of the path"),
        (list, r"`by` gives \['a', .*\] for 'a.png', which cannot be looked up"),
    ],
)
def test_what_tells_no_partner_is_an_error(by, message):
    with pytest.raises(ConfigurationError, match=message):
        paired(["a.png"], ["a.txt"], by=by)


def test_an_iterator_of_paths_is_read_once(tmp_path):
    for name in ("b.txt", "a.txt"):
        (tmp_path / name).touch()
    assert list(paired(iter(["x/a.png", "x/b.png"]), tmp_path.glob("*.txt"))) == [
        str(tmp_path / "a.txt"),
        str(tmp_path / "b.txt"),
    ]
