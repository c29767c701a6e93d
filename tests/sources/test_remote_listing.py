"""Folders behind URLs are listed as those on a disk are: the same classes, the same files, in the same order."""

import errno
import itertools
import tarfile
import tempfile
import threading
import zipfile
from pathlib import Path

import fsspec
import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

import amalthea
import pictures
from amalthea.errors import ConfigurationError
from amalthea.sources import _remote_listing, configure_remote
from amalthea.sources.files import find_files, find_in_each, subfolders
from faulty_systems import Faulty, Paged

PARTS = st.text("aB-.1é", min_size=1, max_size=3).filter(lambda part: part.strip("."))
TREES = st.sets(
    st.tuples(st.lists(PARTS, min_size=1, max_size=3), st.sampled_from([".png", ".JPG", ".txt"])).map(
        lambda entry: "/".join(entry[0]) + entry[1]
    ),
    min_size=1,
    max_size=12,
)
NUMBERS = itertools.count()


def written(names, root):
    """Writes a tree of files to a disk, as far as no file is a folder to another; returns their names."""
    kept = [name for name in sorted(names) if not any(other.startswith(f"{name}/") for other in names)]
    for name in kept:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"")
    return kept


def elsewhere(names, place):
    """The URLs of folders in memory and in archives that hold such files."""
    url = f"memory://listed/{next(NUMBERS)}/top"
    memory = fsspec.filesystem("memory")
    with zipfile.ZipFile(place / "a.zip", "w") as zipped, tarfile.open(place / "a.tar", "w") as tar:
        for name in reversed(names):
            memory.pipe_file(f"{url.removeprefix('memory:/')}/{name}", b"")
            zipped.writestr(f"top/{name}", b"")
            tar.addfile(tarfile.TarInfo(f"top/{name}"))
    return [url, f"zip://top::{place}/a.zip", f"tar://top::{place}/a.tar"]


@settings(max_examples=20)
@given(TREES)
def test_any_tree_is_listed_as_on_a_disk(names):
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "top"
        names = written(names, root)
        local = [str(Path(path).relative_to(root)) for path in find_files(str(root), follow_links=False)]
        classes = subfolders(str(root))
        paths, counts = find_in_each(str(root), classes, follow_links=False, suffixes=(".png",))
        for url in [*elsewhere(names, Path(place)), f"file://{root}", f"faulty://{root}"]:
            start, _, end = url.partition("::")
            found = [
                path.removeprefix(f"{start}/").removesuffix(f"::{end}") for path in find_files(url, follow_links=False)
            ]
            assert found == local
            assert subfolders(url) == classes
            urls, remote = find_in_each(url, classes, follow_links=False, suffixes=(".png",))
            assert remote.tolist() == counts.tolist()
            assert len(urls) == len(paths)


def test_an_archive_without_a_folder_of_its_own_is_listed_from_its_root(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as zipped:
        zipped.writestr("b/2.png", b"")
        zipped.writestr("b/1.png", b"")
    url = f"zip://::{tmp_path}/a.zip"
    assert list(find_files(url, follow_links=False)) == [f"zip://b/{n}.png::{tmp_path}/a.zip" for n in (1, 2)]
    assert subfolders(url) == ["b"]


def test_class_names_choose_among_the_folders(tmp_path):
    pictures.write_all(tmp_path, ["a/1.png", "b/2.png", "c/3.png", ".hidden/4.png"])
    loader = amalthea.ImageLoader.from_directory(
        f"file://{tmp_path}", class_names=["c", "a"], image_size=4, shuffle=False, verbose=False
    )
    assert list(loader.filenames) == ["c/3.png", "a/1.png"]
    assert loader.labels.tolist() == [0, 1]


def test_a_store_gives_its_names_page_by_page():
    Paged.given = 0
    names = _remote_listing.names_under("paged://bucket/train")
    assert next(names) == "000000.jpg"
    assert Paged.given <= 3 * _remote_listing.PAGE
    assert sum(1 for _ in names) == 99_999


def test_a_folder_that_cannot_be_listed_for_a_while_is_listed_again(tmp_path):
    pictures.write_all(tmp_path, ["a/1.png"])
    Faulty.faults["ls", f"{tmp_path}/a"].append(OSError(errno.EBUSY, "SlowDown"))
    assert len(find_files(f"faulty://{tmp_path}", follow_links=False)) == 1
    assert not Faulty.faults["ls", f"{tmp_path}/a"]


@pytest.mark.parametrize("stall", [0, 1500])
def test_a_page_that_never_comes_is_an_error_after_the_deadline(stall):
    configure_remote(deadline_s=0.2)
    Paged.stall = stall
    Paged.open.clear()
    try:
        with pytest.raises(ConfigurationError, match=r"'paged://bucket/train' cannot be listed: .*no answer in time"):
            list(_remote_listing.names_under("paged://bucket/train"))
    finally:
        Paged.stall = -1
        Paged.open.set()
        configure_remote()


def test_a_folder_that_is_never_listed_is_an_error_after_the_deadline(tmp_path):
    configure_remote(deadline_s=0.02)
    never = threading.Event()
    Faulty.faults["ls", str(tmp_path)].extend([never] * 3)
    try:
        with pytest.raises(ConfigurationError, match=r"cannot be listed: .*no answer in time"):
            find_files(f"faulty://{tmp_path}", follow_links=False)
    finally:
        never.set()
        Faulty.faults.clear()
        configure_remote()


def test_a_cache_of_fsspec_goes_before_the_url_of_a_folder(tmp_path):
    pictures.write_all(tmp_path / "top", ["a/1.png", "b/2.png"])
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as zipped:
        for path in (tmp_path / "top").rglob("*.png"):
            zipped.write(path, path.relative_to(tmp_path))
    for url in (f"simplecache::file://{tmp_path}/top", f"simplecache::zip://top::{tmp_path}/all.zip"):
        loader = amalthea.ImageLoader.from_directory(url, image_size=4, shuffle=False, verbose=False, workers=0)
        assert (loader.class_names, list(loader.filenames)) == (["a", "b"], ["a/1.png", "b/2.png"])
        assert loader[0][1].tolist() == [0, 1]


FIND = pytest.mark.parametrize("find", [subfolders, lambda url: find_files(url, follow_links=False)])
MISSING = ["memory://nothing/there", "file:///nothing/there", "faulty:///nothing/there", "zip://a::/nothing/there.zip"]


@FIND
@pytest.mark.parametrize("url", MISSING)
def test_a_folder_that_is_not_there_is_an_error(find, url):
    with pytest.raises(ConfigurationError, match=rf"'{url}' cannot be listed: FileNotFoundError"):
        find(url)


@FIND
@pytest.mark.parametrize("protocol", ["memory", "file"])
def test_a_file_is_no_folder(tmp_path, find, protocol):
    pictures.write_all(tmp_path, ["1.png"])
    fsspec.filesystem("memory").pipe_file(f"{tmp_path}/1.png", b"")
    with pytest.raises(ConfigurationError, match="cannot be listed: NotADirectoryError"):
        find(f"{protocol}://{tmp_path}/1.png")
