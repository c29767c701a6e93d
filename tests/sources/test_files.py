"""Finding files: in Keras' order, every folder that cannot be listed told."""

import os
import pathlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pictures
from amalthea.errors import ConfigurationError
from amalthea.sources.files import find_files, find_in_each, sorted_names, subfolders

NAMES = ["b.png", "A.JPG", "a.jpeg", "deep/er/x.gif", "deep/b.BMP", "deep-er/c.png", "9.png", "10.png", ".hidden.png"]


def relative(paths, root):
    return [pathlib.Path(path).relative_to(root).as_posix() for path in paths]


def test_folders_are_sorted_by_path_and_files_by_name(tmp_path):
    pictures.write_all(tmp_path, NAMES)
    assert relative(find_files(str(tmp_path), follow_links=False), tmp_path) == [
        ".hidden.png", "10.png", "9.png", "A.JPG", "a.jpeg", "b.png", "deep/b.BMP", "deep-er/c.png", "deep/er/x.gif",
    ]  # fmt: skip


# Bytes that are no text sort among the characters beyond them, as strings: 0xFF before the fullwidth letters.
NAME = st.text("ab\u00e9\uff21\U0001f600", min_size=1, max_size=3) | st.binary(min_size=1, max_size=2).filter(
    lambda data: not set(data) & {0, 47}
).map(os.fsdecode)


@given(st.lists(NAME, max_size=20), st.integers(1, 9))
def test_names_are_in_order_however_few_are_sorted_at_a_time(names, size):
    assert [name for piece in sorted_names(iter(names), size) for name in piece] == sorted(names)


def test_runs_of_names_that_are_packed_in_several_pieces_are_merged_in_order():
    names = [f"{number * 7919 % 6000:04d}" for number in range(6000)]
    pieces = list(sorted_names(iter(names), 2500))
    assert max(map(len, pieces)) < 2500
    assert [name for piece in pieces for name in piece] == sorted(names)


def test_the_files_of_several_folders_are_counted(tmp_path):
    pictures.write_all(tmp_path, ["b/2.png", "b/deep/1.png", "a/1.png"])
    (tmp_path / "none").mkdir()
    paths, counts = find_in_each(str(tmp_path), ("b", "none", "a", "b"), follow_links=False, suffixes=(".png",))
    assert relative(paths, tmp_path) == ["b/2.png", "b/deep/1.png", "a/1.png", "b/2.png", "b/deep/1.png"]
    assert counts.tolist() == [2, 0, 1, 2]


def test_a_folder_whose_name_ends_as_that_of_a_picture_is_no_file(tmp_path):
    pictures.write_all(tmp_path, ["a.png/b.png"])
    (tmp_path / "link.png").symlink_to(tmp_path / "a.png")
    assert relative(find_files(str(tmp_path), follow_links=False), tmp_path) == ["a.png/b.png"]
    assert relative(find_files(str(tmp_path), follow_links=True), tmp_path) == ["a.png/b.png", "link.png/b.png"]


def test_foreign_files_are_left_out_and_every_known_suffix_is_taken(tmp_path):
    known = ["a.bmp", "a.gif", "a.jpeg", "a.jpg", "a.pgm", "a.png", "a.pnm", "a.ppm", "a.tif", "a.tiff", "a.webp"]
    for name in [*known, "a.txt", "jpg", "a.jpg.part", "Thumbs.db", "a.npy", "a.JPGX"]:
        (tmp_path / name).touch()
    assert relative(find_files(str(tmp_path), follow_links=False), tmp_path) == known


def test_classes_are_the_folders_that_are_not_hidden(tmp_path):
    pictures.write_all(tmp_path, ["b/1.png", "a/1.png", ".git/1.png", "B/1.png", "10/1.png", "9/1.png", "file.png"])
    assert subfolders(str(tmp_path)) == ["10", "9", "B", "a", "b"]


def test_links_are_followed_only_when_asked_for(tmp_path):
    pictures.write_all(tmp_path, ["data/a.png", "elsewhere/b.png"])
    (tmp_path / "data" / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "data" / "file.png").symlink_to(tmp_path / "elsewhere" / "b.png")
    root = tmp_path / "data"
    assert relative(find_files(str(root), follow_links=False), root) == ["a.png", "file.png"]
    assert relative(find_files(str(root), follow_links=True), root) == ["a.png", "file.png", "link/b.png"]


@pytest.mark.parametrize("target", [".", "..", "../.."])
def test_a_link_to_a_folder_above_is_an_error_when_followed(tmp_path, target):
    pictures.write_all(tmp_path, ["a/b/1.png"])
    (tmp_path / "a" / "b" / "loop").symlink_to(target)
    assert len(find_files(str(tmp_path), follow_links=False)) == 1
    with pytest.raises(ConfigurationError, match=r"loop.*follow_links=False"):
        find_files(str(tmp_path), follow_links=True)


def test_links_that_lead_to_each_other_are_an_error_when_followed(tmp_path):
    """No file is found forty times, until the system has enough of it."""
    pictures.write_all(tmp_path, ["a/1.png", "b/2.png"])
    (tmp_path / "a" / "to_b").symlink_to(tmp_path / "b")
    (tmp_path / "b" / "to_a").symlink_to(tmp_path / "a")
    with pytest.raises(ConfigurationError, match="follow_links=False"):
        find_files(str(tmp_path), follow_links=True)


def test_a_link_to_nothing_is_no_folder(tmp_path):
    pictures.write_all(tmp_path, ["a.png"])
    (tmp_path / "dangling").symlink_to(tmp_path / "gone")
    assert subfolders(str(tmp_path)) == []
    assert len(find_files(str(tmp_path), follow_links=True)) == 1


@pytest.mark.parametrize("find", [subfolders, lambda folder: find_files(folder, follow_links=False)])
def test_a_missing_folder_and_a_file_are_errors(tmp_path, find):
    pictures.write(tmp_path / "file.png")
    for name, reason in (("gone", "No such file"), ("file.png", "Not a directory")):
        with pytest.raises(ConfigurationError, match=f"{name}.*{reason}"):
            find(str(tmp_path / name))


@pytest.mark.parametrize("find", [subfolders, lambda folder: find_files(folder, follow_links=True)])
def test_a_folder_without_read_permission_is_an_error(tmp_path, monkeypatch, find):
    pictures.write(tmp_path / "closed" / "a.png")
    tmp_path.chmod(0o755)
    monkeypatch.chdir(tmp_path)  # the folders above are closed to others
    (tmp_path / "closed").chmod(0)
    try:
        with pictures.as_a_user(), pytest.raises(ConfigurationError, match=r"closed.*Permission denied"):
            find("closed")
    finally:
        (tmp_path / "closed").chmod(0o755)


def test_a_closed_folder_inside_is_not_passed_over(tmp_path, monkeypatch):
    pictures.write_all(tmp_path, ["all/a.png", "all/closed/b.png"])
    tmp_path.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "all" / "closed").chmod(0)
    try:
        with pictures.as_a_user(), pytest.raises(ConfigurationError, match=r"closed.*Permission denied"):
            find_files("all", follow_links=False)
    finally:
        (tmp_path / "all" / "closed").chmod(0o755)


def test_names_that_are_no_text_are_found_and_can_be_opened(tmp_path):
    for name in (b"gr\xfc\xdfe.png", "Ωmega 漢字 😀.png".encode(), b"a" * 251 + b".png"):
        (tmp_path / os.fsdecode(name)).write_bytes(b"x")
    found = find_files(str(tmp_path), follow_links=False)
    assert len(found) == 3
    assert all(pathlib.Path(path).read_bytes() == b"x" for path in found)
