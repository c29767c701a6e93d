"""Files kept from URLs: read once, noticed when they change, bounded, and never in the way."""

import multiprocessing
import os
import threading
from pathlib import Path

import pytest

from amalthea.sources import _remote, configure_remote
from amalthea.sources._remote_cache import HEADER, Downloads
from faulty_systems import Faulty


@pytest.fixture(autouse=True)
def plain_settings():
    Faulty.asked.clear()
    yield
    configure_remote()


def files_in(folder):
    return [path for path in Path(folder).rglob("*") if path.is_file()]


def size_of(folder):
    return sum(path.stat().st_size for path in files_in(folder))


def test_a_file_is_fetched_once_and_asked_about_once_a_run(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"first")
    for run in range(1, 3):
        configure_remote(cache=tmp_path / "cache")
        for _ in range(3):
            assert _remote.content(f"faulty://{path}") == b"first"
        assert (Faulty.asked[str(path)], Faulty.asked["info", str(path)]) == (1, run)
    path.write_bytes(b"another")
    configure_remote(cache=tmp_path / "cache")
    assert _remote.content(f"faulty://{path}") == b"another"
    assert len(files_in(tmp_path / "cache")) == 1


def test_a_file_of_which_nothing_is_told_is_fetched_once_a_run(tmp_path):
    path = tmp_path / "file"
    for content in (b"first", b"other"):
        path.write_bytes(content)
        configure_remote(cache=tmp_path / "cache")
        assert [_remote.content(f"silent://{path}") for _ in range(3)] == [content] * 3
    assert Faulty.asked[str(path)] == 2


def test_the_folder_holds_no_more_than_it_may(tmp_path):
    downloads = Downloads(str(tmp_path), 10_000, 0)
    for number in range(50):
        downloads.keep(f"s3://{number}", (900, 0), bytes(900))
        assert size_of(tmp_path) <= 10_000
        assert downloads.find(f"s3://{number}").data == bytes(900)
    assert size_of(tmp_path) >= 7_000
    downloads.keep("s3://49", (9_500, 0), bytes(9_500))
    assert downloads.find("s3://49").data == bytes(9_500)
    assert size_of(tmp_path) <= 10_000
    downloads.keep("s3://large", (20_000, 0), bytes(20_000))
    assert downloads.find("s3://large") is None
    assert downloads.find("s3://49") is not None


def test_two_that_look_for_room_at_the_same_moment_stay_within_the_bound(tmp_path):
    first, second = (Downloads(str(tmp_path), 10_000, 0) for _ in range(2))  # as in two processes

    class Meanwhile:
        def __iter__(self):
            second.keep("s3://second", (6000, 0), bytes(6000))
            return iter((6000, 0))

    first.keep("s3://first", Meanwhile(), bytes(6000))
    assert 6000 < size_of(tmp_path) <= 10_000


def test_what_was_used_longest_ago_makes_room(tmp_path):
    downloads = Downloads(str(tmp_path), 10_000, 0)
    for number in range(9):
        downloads.keep(f"s3://{number}", (900, 0), bytes(900))
    for age, number in enumerate((3, 4, 5, 6, 7, 8, 0, 1, 2)):
        os.utime(downloads._path(f"s3://{number}"), ns=(age, age))
    downloads.keep("s3://new", (2500, 0), bytes(2500))
    there = [number for number in range(9) if downloads.find(f"s3://{number}") is not None]
    assert there == [0, 1, 2, 5, 6, 7, 8]


def test_what_is_not_ours_stays(tmp_path):
    (tmp_path / "ab").mkdir()
    for name in ("thesis.tex", "ab/letter.txt"):
        (tmp_path / name).write_bytes(bytes(5000))
    downloads = Downloads(str(tmp_path), 2_000, 0)
    for number in range(10):
        downloads.keep(f"s3://{number}", (900, 0), bytes(900))
    assert (tmp_path / "thesis.tex").exists()
    assert (tmp_path / "ab" / "letter.txt").exists()


@pytest.mark.parametrize("broken", [b"", b"am", b"x" * 200])
def test_a_file_that_a_crash_has_left_broken_is_fetched_again(tmp_path, broken):
    path = tmp_path / "file"
    path.write_bytes(b"content")
    configure_remote(cache=tmp_path / "cache")
    _remote.content(f"faulty://{path}")
    (kept,) = files_in(tmp_path / "cache")
    kept.write_bytes(kept.read_bytes()[: HEADER.size] + broken)
    assert _remote.content(f"faulty://{path}") == b"content"
    assert Faulty.asked[str(path)] == 2


def test_a_folder_that_cannot_be_written_to_only_keeps_nothing(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"content")
    (tmp_path / "cache").write_bytes(b"no folder")
    configure_remote(cache=tmp_path / "cache")
    for _ in range(2):
        assert _remote.content(f"faulty://{path}") == b"content"
    assert Faulty.asked[str(path)] == 2


def _fill(folder, start):
    downloads = Downloads(folder, 25_000, 0)
    for number in range(start, start + 150):
        downloads.keep(f"s3://{number % 400}", (90, 0), number.to_bytes(2, "little") * 45)
        found = downloads.find(f"s3://{number % 400}")
        assert found is None or int.from_bytes(found.data[:2], "little") % 400 == number % 400


def test_several_at_once_keep_whole_files_within_the_bound(tmp_path):
    at_work = [threading.Thread(target=_fill, args=(str(tmp_path), 100 * number)) for number in range(2)]
    context = multiprocessing.get_context("spawn")
    at_work += [context.Process(target=_fill, args=(str(tmp_path), 50 + 100 * number)) for number in range(2)]
    for each in at_work:
        each.start()
    for each in at_work:
        each.join(120)
        assert getattr(each, "exitcode", 0) == 0
    assert size_of(tmp_path) <= 25_000
    assert not [path for path in files_in(tmp_path) if path.suffix == ".part"]
