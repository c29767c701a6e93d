"""Cached: what comes out is what the source gives, whatever happened to the cache."""

import gc
import os
import random
import shutil
import subprocess
import sys
import tempfile
import textwrap
import threading
import warnings
from pathlib import Path

import cloudpickle
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pictures
from amalthea.errors import ConfigurationError, SampleError
from amalthea.sources import Arrays, Cached, ImageFiles, Noise, Subset, Texts
from amalthea.sources.contents import stamp_of
from amalthea.testing import check_source
from amalthea.workers.parcel import pack
from numbered import Numbered, assert_right
from opened import descriptors

SHAPE = Numbered().shape
TIMEOUT_S = 100


def full(folder, **options):
    """The path of a cache that is full."""
    cache = Cached(Numbered(**options), folder)
    cache.fill(workers=1)
    assert cache.filled == len(cache)
    return cache.path


@pytest.fixture(params=["memory", "folder"])
def place(request, tmp_path):
    return "memory" if request.param == "memory" else tmp_path / "cache"


# What comes out


def test_a_sample_is_made_once(place):
    source = Numbered()
    cache = Cached(source, place)
    source.made.clear()
    for _ in range(3):
        assert_right(cache)
    assert sorted(source.made) == list(range(8))
    assert cache.filled == 8


@settings(max_examples=25)
@given(reads=st.lists(st.lists(st.integers(0, 7), max_size=6), max_size=12), lasting=st.booleans())
def test_samples_are_right_in_whatever_order_they_are_asked_for(reads, lasting):
    with tempfile.TemporaryDirectory() as folder:
        source = Numbered()
        cache = Cached(source, folder if lasting else "memory")
        source.made.clear()
        asked = set()
        for indices in reads:
            rows = np.zeros((len(indices), *SHAPE), np.uint8)
            cache.read_rows(np.array(indices, np.int64), rows)
            for index, row in zip(indices, rows, strict=True):
                assert (row == source.expected(index)).all()
            asked |= set(indices)
            assert cache.filled == len(asked)
        assert set(source.made) == asked
        if lasting:
            later = Numbered()
            again = Cached(later, folder)
            later.made.clear()
            assert_right(again)
            assert set(later.made) == set(range(8)) - asked


def test_trees_of_all_dtypes_keep_their_structure_shapes_and_bits(place):
    columns = {
        "small": np.arange(7, dtype=np.int8),
        "wide": np.linspace(0, 1, 42).reshape(7, 2, 3),
        "flags": np.arange(14).reshape(7, 2) % 3 == 0,
        "big endian": np.arange(21, dtype=">i4").reshape(7, 3),
    }
    source = Arrays(columns, np.arange(7, dtype=np.float16))
    cache = Cached(source, place, key="trees")
    for _ in range(2):
        for index in range(7):
            (given, number), (x, y) = cache[index], source[index]
            assert given.keys() == x.keys() and number == y and number.dtype == y.dtype
            for name, value in x.items():
                assert given[name].dtype == np.asarray(value).dtype.newbyteorder("=")
                assert np.array_equal(given[name], value)


def test_nothing_is_wrong_with_it_as_a_source(place):
    check_source(Cached(Numbered(), place), processes=False)


def test_what_is_given_out_may_be_written_to(place):
    cache = Cached(Numbered(), place)
    for _ in range(2):
        cache[3][...] = 0
    assert_right(cache)


def test_there_is_no_sample_beyond_the_last(place):
    cache = Cached(Numbered(), place)
    assert (cache[-1] == cache[7]).all()
    for index in (8, -9):
        with pytest.raises(IndexError):
            cache[index]
        with pytest.raises(IndexError):
            cache.read_rows(np.array([0, index]), np.zeros((2, *SHAPE), np.uint8))


def test_a_broken_sample_is_an_error_each_time_and_is_never_kept(place):
    class Broken(Numbered):
        def __getitem__(self, index):
            if index in (0, 5):
                raise OSError(f"sample {index} is broken")
            return super().__getitem__(index)

    cache = Cached(Broken(), place)
    with pytest.warns(UserWarning, match="^2 of 8 samples could not be read .* a loader says which"):
        cache.fill(workers=2)
    for _ in range(2):
        for index in (0, 5):
            with pytest.raises(OSError, match=f"sample {index} is broken"):
                cache[index]
        with pytest.raises(OSError, match="sample 5 is broken"):
            cache.read_rows(np.array([4, 5]), np.zeros((2, *SHAPE), np.uint8))
    assert cache.filled == 6


def test_a_source_that_wants_to_end_the_program_has_broken_samples(place):
    class Exiting(Numbered):
        def __getitem__(self, index):
            if index in (0, 5):
                sys.exit("no such sample")
            return super().__getitem__(index)

    cache = Cached(Exiting(), place)
    with pytest.warns(UserWarning, match="^2 of 8 samples could not be read"):
        cache.fill(workers=2)
    assert cache.filled == 6


def test_a_sample_of_another_shape_is_an_error_and_is_not_kept(place):
    cache = Cached([np.zeros(3), np.zeros(3), np.zeros(4)], place, key="")
    with pytest.raises(ValueError, match=r"its shape is \(4,\), that of the first sample is \(3,\)"):
        cache[2]
    assert cache.filled == 0


def test_threads_fill_it_together(place):
    source = Numbered(200)
    cache = Cached(source, place)
    threads = [threading.Thread(target=assert_right, args=(cache,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert cache.filled == 200
    source.made.clear()
    assert_right(cache)
    assert not source.made


# What it says


def test_it_says_how_large_it_is_and_how_full(place):
    cache = Cached(Numbered(8, (10, 20, 3)), place)
    cache[0], cache[1]
    assert cache.nbytes >= 8 * 600
    where = "memory" if place == "memory" else str(place)
    assert repr(cache).startswith("Cached(8 samples of 10 x 20 x 3, ")
    assert repr(cache).endswith(f" kB, in {where}, 25 % filled)")
    cache.fill()
    assert cache.filled == 8
    assert "100 % filled" in repr(cache)


def test_what_was_never_made_takes_no_room(tmp_path):
    cache = Cached(Numbered(1000, (10_000,)), tmp_path)
    cache[500]
    assert cache.nbytes > 10_000_000
    assert cache.path.stat().st_blocks * 512 < 200_000


def test_marks_have_their_room_from_the_start(tmp_path):
    """They are read before they are written; a full file system in memory has nothing there but a bus error."""
    cache = Cached(Numbered(100_000, (1,)), tmp_path)
    assert cache.path.stat().st_blocks * 512 >= 8 * 100_000


def test_it_is_sent_to_worker_processes_by_handle_and_not_copied(place):
    cache = Cached(Numbered(100, (100_000,)), place)
    cache.fill()
    parcel = pack(cache)
    assert len(parcel.data) < 20_000
    assert len(parcel.files) == 2
    assert {cache.nbytes} <= {file.size for file in parcel.files}


@pytest.mark.parametrize(
    ("source", "options", "words"),
    [
        (Noise(3, 2), {}, "drawn anew in each epoch"),
        (Texts(["a", "ab"], lambda text: list(map(ord, text)), 4, fixed_length=False), {}, "of different lengths"),
        ([], {}, "`source` is empty"),
        ([1.0], {}, "Pass `key`, any string"),
        ([1.0], {"key": 3}, "`key` is 3; it must be a string"),
        (["text"], {"key": ""}, "`source` has a sample that holds 'text'"),
    ],
    ids=["random", "lengths", "empty", "no key", "key", "text"],
)
def test_what_cannot_be_cached_is_told_at_once(tmp_path, source, options, words):
    with pytest.raises(ConfigurationError, match=words):
        Cached(source, tmp_path, **options)


@pytest.mark.parametrize("cache", [3, None, False, "", "a\0b", __file__, np.zeros(2)], ids=repr)
def test_a_cache_is_memory_or_a_folder(cache):
    words = "^`cache` is .*; it must be 'memory', or the path of a folder. A loader without a cache has None"
    with pytest.raises(ConfigurationError, match=words):
        Cached(Numbered(), cache)


@pytest.mark.parametrize("cache", ["Memory", " memory", "mem", "ram", "DISK", b"RAM"])
def test_what_is_meant_for_memory_is_no_folder(tmp_path, monkeypatch, cache):
    monkeypatch.chdir(tmp_path)
    name = os.fsdecode(cache)
    with pytest.raises(ConfigurationError, match=f"must be 'memory', .* of that name is written './{name}'"):
        Cached(Numbered(), cache)
    assert not os.listdir(tmp_path)
    for folder in (f"./{name}", Path(name)):
        assert Cached(Numbered(), folder).path.parent == tmp_path / name


def test_names_may_be_bytes(tmp_path):
    assert Cached(Numbered(), b"memory").path is None
    cache = Cached(Numbered(), os.fsencode(tmp_path))
    assert cache.path.parent == tmp_path
    assert f"in {tmp_path}," in repr(cache)


def test_a_source_has_samples():
    with pytest.raises(ConfigurationError, match=r"^`source` is of type int"):
        Cached(3, "memory")


def test_a_source_of_which_nothing_can_be_made_is_told_at_once(place):
    class Broken(Numbered):
        def __getitem__(self, index):
            self.made.append(index)
            raise OSError(f"nothing is at {index}")

        def name(self, index):
            return f"{index}.txt"

    source = Broken(1000)
    with pytest.raises(SampleError, match=r"sample 0 \('0.txt'\) .* stage 'source': OSError: nothing is at 0"):
        Cached(source, place)
    assert len(source.made) == 100


def test_no_picture_is_read_to_know_their_shape(place):
    cache = Cached(ImageFiles(["nothing.png"], (4, 6), dtype="uint8"), place)
    assert "4 x 6 x 3" in repr(cache)
    with pytest.raises(FileNotFoundError):
        cache[0]


class Endless(Numbered):
    """More than any machine has room for."""

    def __len__(self):
        return 10**12


def test_what_does_not_fit_is_told_before_anything_is_made(tmp_path):
    with pytest.raises(ConfigurationError, match=r"would take 15.0 TB; .* are free. Make the samples smaller"):
        Cached(Endless(shape=(7,)), "memory")
    with pytest.raises(ConfigurationError, match=r"which would take 15.0 TB more; .* are free there"):
        Cached(Endless(shape=(7,)), tmp_path / "new" / "cache")
    assert not os.listdir(tmp_path)


def test_fill_takes_a_number_of_threads():
    with pytest.raises(ConfigurationError, match="`workers` is 0"):
        Cached(Numbered(), "memory").fill(workers=0)


# What it was made from


def test_a_sample_that_was_changed_since_is_made_again_and_no_other(tmp_path):
    full(tmp_path)
    source = Numbered()
    source.versions[3] = 1
    cache = Cached(source, tmp_path)
    source.made.clear()
    assert_right(cache)
    assert source.made == [3]
    back = Numbered()
    cache = Cached(back, tmp_path)
    back.made.clear()
    assert_right(cache)
    assert back.made == [3]


def test_a_sample_that_changes_while_it_is_made_is_not_kept(tmp_path):
    class Changing(Numbered):
        def __getitem__(self, index):
            sample = super().__getitem__(index)
            self.versions[index] += index == 3
            return sample

    source = Changing()
    cache = Cached(source, tmp_path)
    for index in range(8):
        cache[index]
    assert cache.filled == 7


@pytest.mark.parametrize("change", ["write", "same age", "swap"])
def test_a_picture_of_the_same_size_and_age_takes_the_place_of_another(tmp_path, change):
    paths = pictures.write_all(tmp_path / "images", [f"{number}.bmp" for number in range(6)])
    assert len({os.path.getsize(path) for path in paths}) == 1
    Cached(ImageFiles(paths, 8, dtype="uint8"), tmp_path / "cache").fill()
    before = os.stat(paths[1])
    if change == "swap":
        for path in paths[1:3]:
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        other, between = paths[2], paths[2] + ".moved"
        os.rename(paths[1], between), os.rename(other, paths[1]), os.rename(between, other)
    else:
        pictures.write(Path(paths[1]), 200)
        if change == "same age":
            os.utime(paths[1], ns=(before.st_atime_ns, before.st_mtime_ns))
    plain = ImageFiles(paths, 8, dtype="uint8")
    cache = Cached(plain, tmp_path / "cache")
    for index in range(6):
        assert (cache[index] == plain[index]).all()
    assert len(os.listdir(tmp_path / "cache")) == 1


def test_a_picture_that_is_written_right_after_it_was_read_has_another_stamp(tmp_path):
    """The clock of a file system is slower than a program."""
    path = tmp_path / "0.bin"
    for number in range(5):
        path.write_bytes(bytes([number]))
        stamp = stamp_of(path)
        path.write_bytes(bytes([number + 1]))
        assert stamp_of(path) != stamp


@pytest.mark.parametrize(
    "options",
    [
        {"image_size": 9},
        {"color_mode": "grayscale"},
        {"interpolation": "bicubic"},
        {"antialias": False},
        {"crop_to_aspect_ratio": True},
        {"pad_to_aspect_ratio": True},
        {"decoder": "pillow"},
        {"dtype": "float32"},
        {"rescale": 2.0, "dtype": "float32"},
        {"data_format": "channels_first"},
    ],
    ids=str,
)
def test_other_options_are_another_file(tmp_path, options):
    paths = pictures.write_all(tmp_path / "images", ["a.png", "b.png"])
    common = {"image_size": 8, "dtype": "uint8"}
    first = Cached(ImageFiles(paths, **common), tmp_path / "cache")
    other = Cached(ImageFiles(paths, **{**common, **options}), tmp_path / "cache")
    assert other.path != first.path
    assert Cached(ImageFiles(paths, **common), tmp_path / "cache").path == first.path


def test_other_paths_another_key_and_another_folder_to_work_in_are_another_file(tmp_path, monkeypatch):
    pictures.write_all(tmp_path, ["a.png", "b.png"])
    (tmp_path / "there").mkdir()
    pictures.write_all(tmp_path / "there", ["a.png", "b.png"])
    monkeypatch.chdir(tmp_path)
    files = [Cached(ImageFiles(paths), "cache").path for paths in (["a.png"], ["b.png"], ["a.png", "b.png"])]
    files += [Cached(ImageFiles(["a.png"]), "cache", key=key).path for key in ("one", "two")]
    monkeypatch.chdir(tmp_path / "there")
    files.append(Cached(ImageFiles(["a.png"]), "../cache").path)
    assert len({path.name for path in files}) == len(files)


# What happens to the file


def test_the_header_says_what_is_in_the_file(tmp_path):
    path = full(tmp_path)
    assert b'"numbered": [' in path.read_bytes()[:4096]
    assert os.listdir(tmp_path) == [path.name]


@settings(max_examples=60)
@given(data=st.data())
def test_whatever_is_done_to_the_file_no_sample_is_wrong(data):
    with tempfile.TemporaryDirectory() as folder:
        path = full(folder)
        content = bytearray(path.read_bytes())
        end = Cached(Numbered(), folder).nbytes
        start = data.draw(st.integers(0, end - 1))
        stop = data.draw(st.integers(start, end))
        way = data.draw(st.sampled_from(["zeros", "noise", "flip", "truncate", "shift"]))
        if way == "zeros":
            content[start:stop] = bytes(stop - start)
        elif way == "noise":
            content[start:stop] = random.Random(start).randbytes(stop - start)
        elif way == "flip":
            content[start] ^= 1 << data.draw(st.integers(0, 7))
        elif way == "truncate":
            del content[start:]
        else:
            content[start:start] = bytes(64)
        path.write_bytes(content)
        assert_right(Cached(Numbered(), folder))
        later = Cached(Numbered(), folder)
        later.source.made.clear()
        assert_right(later)
        assert not later.source.made
        assert os.listdir(folder) == [path.name]


def test_a_mark_that_reached_the_disk_without_its_sample_is_noticed(tmp_path):
    path = full(tmp_path, shape=(4096,))
    cache = Cached(Numbered(shape=(4096,)), tmp_path)
    content = bytearray(path.read_bytes())
    content[cache.nbytes - 3 * 4096 : cache.nbytes - 2 * 4096] = bytes(4096)
    path.write_bytes(content)
    cache.source.made.clear()
    assert_right(cache)
    assert cache.source.made == [5]


def test_a_sample_at_the_place_of_another_is_noticed(tmp_path):
    """Both with their marks: the file system mixed up two blocks."""
    path = full(tmp_path, shape=(4096,))
    content = bytearray(path.read_bytes())
    marks, data = 4096, Cached(Numbered(shape=(4096,)), tmp_path).nbytes - 8 * 4096
    assert len(content) >= data + 8 * 4096
    content[marks : marks + 16] = content[marks + 8 : marks + 16] + content[marks : marks + 8]
    content[data : data + 8192] = content[data + 4096 : data + 8192] + content[data : data + 4096]
    path.write_bytes(content)
    assert_right(Cached(Numbered(shape=(4096,)), tmp_path))


def test_a_file_under_the_name_of_another_is_not_read(tmp_path):
    first, second = (Cached(Arrays(np.full((8, 3), key)), tmp_path, key=str(key)) for key in (1, 2))
    first.fill()
    shutil.copyfile(first.path, second.path)
    again = Cached(Arrays(np.full((8, 3), 2)), tmp_path, key="2")
    assert [again[index].tolist() for index in range(8)] == [[2, 2, 2]] * 8


def test_what_is_kept_is_not_written_over(place):
    """Two threads that make one sample at once may see two versions of a file."""

    class Nested(Numbered):
        def __getitem__(self, index):
            if index == 3 and not self.versions[3]:
                self.versions[3] = 1
                assert (cache[3] == self.expected(3)).all()
                self.versions[3] = 2
            return super().__getitem__(index)

    cache = Cached(Nested(), place, key="nested")
    assert (cache[3] == cache.source.expected(3)).all()
    assert (cache[3] == Numbered(version=1).expected(3)).all()


@pytest.mark.parametrize("way", ["truncate", "remove"])
def test_a_file_that_goes_while_it_is_in_use_ends_nothing(tmp_path, way):
    path = full(tmp_path, shape=(4096,))
    cache = Cached(Numbered(shape=(4096,)), tmp_path)
    assert_right(cache)
    if way == "truncate":
        os.truncate(path, 100)
    else:
        path.unlink()
    assert_right(cache)
    assert cache.filled in (0, 8)


@pytest.fixture
def open_folder():
    """A folder that everybody may look into."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)
        os.chmod(folder, 0o755)


@pytest.mark.parametrize("samples", [8, 3])
def test_a_cache_that_cannot_be_written_to_is_read(open_folder, samples):
    cache = Cached(Numbered(), open_folder)
    for index in range(samples):
        cache[index]
    os.chmod(cache.path, 0o444)
    os.chmod(open_folder, 0o555)
    with pictures.as_a_user():
        source = Numbered()
        cache = Cached(source, open_folder)
        source.made.clear()
        assert_right(cache)
        assert set(source.made) == set(range(samples, 8))
        cache.fill()
        assert cache.filled == samples


def test_a_folder_that_cannot_be_written_to_is_told_at_once(open_folder):
    os.chmod(open_folder, 0o555)
    with pictures.as_a_user():
        for folder in (open_folder, open_folder / "new"):
            with pytest.raises(ConfigurationError, match="cannot be opened or made: Permission denied"):
                Cached(Numbered(), folder)


def test_nothing_is_left_open(place):
    def opened():
        gc.collect()
        return len(descriptors("memfd:amalthea")) + len(descriptors(str(place)))

    before = opened()
    for _ in range(3):
        cache = Cached(Numbered(), place)
        cache.fill()
    assert opened() > before
    del cache
    assert opened() <= before


def test_a_pickled_cache_in_a_folder_is_the_path_of_its_file(tmp_path):
    cache = Cached(Numbered(100, (10_000,)), tmp_path, key="a")
    cache.fill()
    pickled = cloudpickle.dumps(cache)
    assert len(pickled) < 20_000
    again = cloudpickle.loads(pickled)
    assert again.path == cache.path
    again.source.made.clear()
    assert_right(again)
    assert not again.source.made


def test_a_pickled_cache_in_memory_is_a_copy():
    cache = Cached(Numbered(), "memory")
    cache.fill()
    again = cloudpickle.loads(cloudpickle.dumps(cache))
    again.source.made.clear()
    assert_right(again)
    assert not again.source.made


# Other programs

PROGRAM = """
import sys, warnings
sys.path.insert(0, {tests!r})
from amalthea.sources import Cached
from numbered import Numbered, assert_right
"""


def program(text, *arguments, **options):
    """Starts a program that knows this module."""
    head = PROGRAM.format(tests=str(Path(__file__).parent.parent))
    command = [sys.executable, "-c", head + textwrap.dedent(text), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def finished(process):
    out, error = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 0, error
    return out


LARGE = {"size": 40, "shape": (300_000,)}


def test_a_program_that_is_killed_while_it_fills_leaves_no_wrong_sample(tmp_path):
    filling = """
        cache = Cached(Numbered(40, (300_000,)), sys.argv[1])
        for index in range(40):
            cache[index]
            print(index, flush=True)
    """
    filled = []
    for moment in (1, 9):
        process = program(filling, tmp_path)
        for _ in range(moment):
            process.stdout.readline()
        process.kill()
        process.communicate()
        source = Numbered(**LARGE)
        cache = Cached(source, tmp_path)
        filled.append(cache.filled)
        assert filled[-1] >= moment
        source.made.clear()
        rows = np.zeros((20, *LARGE["shape"]), np.uint8)
        cache.read_rows(np.arange(20), rows)
        assert all((rows[index] == source.expected(index)).all() for index in range(20))
        assert len(source.made) <= max(20 - moment, 0)
        os.remove(cache.path)


def test_a_forked_process_does_not_wait_for_a_thread_that_is_not_there(place):
    forking = """
        import os, signal
        from amalthea.sources import _cache_file
        cache = Cached(Numbered(), sys.argv[1])
        with _cache_file._one_thread:  # a thread that writes
            child = os.fork()
            if not child:
                signal.alarm(20)
                assert_right(cache)
                os._exit(0)
        print(os.waitpid(child, 0)[1])
    """
    assert finished(program(forking, place)) == "0\n"


def test_programs_that_fill_it_at_once_all_get_what_is_right(tmp_path):
    filling = """
        cache = Cached(Numbered(200, (3000,)), sys.argv[1])
        for index in range(200)[:: int(sys.argv[2])]:
            assert (cache[index] == cache.source.expected(index)).all()
        assert_right(cache)
    """
    for each in [program(filling, tmp_path, step) for step in (1, -1)]:
        finished(each)
    source = Numbered(200, (3000,))
    cache = Cached(source, tmp_path)
    source.made.clear()
    assert_right(cache)
    assert not source.made


def test_programs_that_see_other_versions_of_a_file_each_get_their_own(tmp_path):
    reading = """
        cache = Cached(Numbered(4, (200_000,), version=int(sys.argv[2])), sys.argv[1])
        for _ in range(150):
            assert_right(cache)
    """
    for each in [program(reading, tmp_path, version) for version in (0, 1)]:
        finished(each)


def test_readers_of_one_program_see_other_versions_of_a_file_each_its_own(tmp_path):
    failures = []

    def read(version):
        try:
            cache = Cached(Numbered(3, (200_000,), version), tmp_path)
            for _ in range(60):
                assert_right(cache)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=read, args=(version,)) for version in (0, 1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_a_full_disk_is_warned_of_once_and_makes_no_sample_wrong(tmp_path):
    """A limit on the size of files stands for the disk: writing beyond it fails in the middle of a sample."""
    Cached(Numbered(50, (10_000,)), tmp_path)
    filling = """
        import resource
        cache = Cached(Numbered(50, (10_000,)), sys.argv[1])
        resource.setrlimit(resource.RLIMIT_FSIZE, (250_000, resource.RLIM_INFINITY))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            assert_right(cache)
            assert_right(cache)
            cache.fill()
        print(cache.filled, *[warning.message for warning in caught], sep="\\n")
    """
    filled, *warned = finished(program(filling, tmp_path)).splitlines()
    assert int(filled) == 24
    assert warned == [
        "The cache cannot be written to any more (File too large), with 24 of 50 samples in it. What is not in it is "
        "made anew each time."
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cache = Cached(Numbered(50, (10_000,)), tmp_path)
        cache.source.made.clear()
        assert_right(cache)
    assert sorted(cache.source.made) == list(range(24, 50))


def test_a_disk_that_is_full_from_the_start_is_told_at_once(tmp_path):
    starting = """
        import resource
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
        try:
            Cached(Numbered(50, (10_000,)), sys.argv[1])
        except ValueError as error:
            print(error)
    """
    assert "cannot be opened or made: File too large" in finished(program(starting, tmp_path))


def test_subsets_share_the_cache_of_their_source(place):
    source = Numbered()
    cache = Cached(source, place)
    first, second = Subset(cache, [1, 2]), Subset(cache, [2, 3])
    source.made.clear()
    for index in range(2):
        assert (first[index] == source.expected(1 + index)).all()
        assert (second[index] == source.expected(2 + index)).all()
    assert source.made == [1, 2, 3]
