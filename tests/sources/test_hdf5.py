"""HDF5 datasets, read row by row, in each process from a file of its own; a broken file is named."""

import gc
import io
import os
import pickle
import subprocess
import sys
import textwrap
import threading

import h5py
import numpy as np
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

import amalthea
from amalthea.errors import ConfigurationError, SampleError
from amalthea.sources import HDF5, Arrays

ROWS = 40
DATA = np.random.default_rng(0).integers(0, 200, (ROWS, 3, 2))
KINDS = {
    "plain": {"dtype": "float32"},
    "chunked": {"dtype": "uint8", "chunks": (7, 2, 1)},
    "compressed": {"dtype": "float64", "chunks": (16, 3, 2), "compression": "gzip"},
    "foreign": {"dtype": ">i2"},
    "growing": {"dtype": "float16", "maxshape": (None, 3, 2)},
}


def written(path, mode="w", rows=ROWS):
    with h5py.File(path, mode) as file:
        for name, options in KINDS.items():
            file.create_dataset(f"group/{name}", data=DATA[:rows], **options)
        file["flags"] = DATA[:rows, 0, 0] > 99
    return path


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return written(tmp_path_factory.mktemp("hdf5") / "data.h5")


def open_files(path):
    return [file.path for file in psutil.Process().open_files() if file.path == str(path)]


@given(
    kind=st.sampled_from(sorted(KINDS)),
    indices=st.lists(st.integers(0, ROWS - 1), max_size=60)
    | st.tuples(st.integers(0, ROWS - 1), st.integers(0, 9)).map(
        lambda pair: list(range(ROWS))[pair[0] : pair[0] + pair[1]]
    ),
)
def test_rows_are_those_of_the_array(path, kind, indices):
    source = HDF5(path, f"group/{kind}")
    rows = np.empty((len(indices), 3, 2), source.dtype)
    source.read_rows(np.array(indices, int), rows)
    np.testing.assert_array_equal(rows, DATA[np.array(indices, int)])
    row = np.empty((3, 2), source.dtype)
    for index in indices[:3]:
        source.read_into(index, row)
        np.testing.assert_array_equal(row, DATA[index])
        np.testing.assert_array_equal(source[index], DATA[index])
    source.close()


def test_it_has_the_shape_and_dtype_of_the_dataset(path):
    source = HDF5(path, "group/foreign")
    assert (len(source), source.shape, source.dtype) == (ROWS, (ROWS, 3, 2), np.dtype("i2"))
    assert source.dtype.isnative
    assert HDF5(path, "flags").dtype == bool


@pytest.mark.parametrize("crew", [{"workers": 0}, {"workers": 2}, {"workers": 2, "use_multiprocessing": True}])
@pytest.mark.parametrize("shuffle", [True, False])
def test_the_batches_are_those_of_the_array_with_any_workers(path, crew, shuffle):
    options = {"batch_size": 16, "seed": 3, "shuffle": shuffle}
    plain = amalthea.ArrayLoader({"a": DATA.astype("i2")}, DATA[:, 0, 0] > 99, workers=0, **options)
    with h5py.File(path) as file:
        loader = amalthea.ArrayLoader({"a": file["group/foreign"]}, HDF5(path, "flags"), **options, **crew)
        with loader:
            for (x, y), (wanted_x, wanted_y) in zip(loader, plain, strict=True):
                np.testing.assert_array_equal(x["a"], wanted_x["a"])
                np.testing.assert_array_equal(y, wanted_y)
                assert x["a"].dtype == "i2" and x["a"].dtype.isnative


def test_threads_may_read_at_once(path):
    source, wrong, together = HDF5(path, "group/compressed"), [], threading.Barrier(8)

    def read(seed):
        indices = np.random.default_rng(seed).integers(0, ROWS, 30)
        rows = np.empty((30, 3, 2))
        together.wait()
        for _ in range(20):
            source.read_rows(indices, rows)
            if not np.array_equal(rows, DATA[indices]):
                wrong.append(seed)

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    source.close()
    assert not wrong


def test_it_is_sent_closed_and_opened_again(tmp_path):
    path = written(tmp_path / "sent.h5")
    source = HDF5(path, "group/plain")
    assert source[1].tolist() == DATA[1].tolist()
    sent = pickle.dumps(source)
    source.close()
    again = pickle.loads(sent)
    assert not open_files(path)
    assert again[1].tolist() == DATA[1].tolist()
    again.close()


def test_the_file_is_closed_by_close_and_with_the_source(tmp_path):
    path = written(tmp_path / "closed.h5")
    source = HDF5(path, "group/plain")
    assert not open_files(path)
    source[0]
    assert len(open_files(path)) == 1
    source.close()
    source.close()
    assert not open_files(path)
    source[0]
    del source
    gc.collect()
    assert not open_files(path)


def program(text, *arguments):
    command = [sys.executable, "-c", textwrap.dedent(text), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


def test_a_forked_child_opens_a_file_of_its_own(path):
    """Two that share an open file share the place in it: whoever moves it moves it for both."""
    text = """
        import os, sys, psutil
        from amalthea.sources import HDF5

        def handle():
            source[0]
            return next(file.fd for file in psutil.Process().open_files() if file.path == sys.argv[1])

        source = HDF5(sys.argv[1], "group/plain")
        before = os.lseek(handle(), 0, os.SEEK_CUR)
        if hasattr(os, "fork"):
            if not os.fork():
                os.lseek(handle(), before + 17, os.SEEK_SET)
                os._exit(0)
            assert os.wait()[1] == 0
        print(os.lseek(handle(), 0, os.SEEK_CUR) - before)
    """
    assert program(text, path) == "0\n"


def test_a_missing_package_is_named(path):
    text = """
        import sys
        sys.modules["h5py"] = None  # as where it is not installed
        import amalthea
        amalthea.sources.Arrays([1, 2])
        try:
            amalthea.sources.HDF5(sys.argv[1], "flags")
        except amalthea.ConfigurationError as error:
            print(error)
    """
    assert 'pip install "amalthea[hdf5]"' in program(text, path)


def test_a_dataset_may_be_passed_while_its_file_is_open_for_reading(path):
    with h5py.File(path, "r") as file:
        source = Arrays(file["group/plain"], {"flag": file["flags"]})
    x, y = source[5]
    assert x.tolist() == DATA[5].tolist()
    assert y["flag"] == (DATA[5, 0, 0] > 99)


def test_a_dataset_whose_file_is_closed_or_open_for_writing_or_has_no_name_is_refused(path, tmp_path):
    with h5py.File(path, "r") as file:
        closed = file["flags"]
    with pytest.raises(ConfigurationError, match="closed"):
        Arrays(closed)
    with (
        h5py.File(written(tmp_path / "w.h5"), "r+") as file,
        pytest.raises(ConfigurationError, match=r"w\.h5.*open for writing.*sources\.HDF5"),
    ):
        Arrays(file["flags"])
    with (
        h5py.File(io.BytesIO(path.read_bytes()), "r") as file,
        pytest.raises(ConfigurationError, match=r"opened again.*dataset\[:\]"),
    ):
        Arrays(file["flags"])


def cut_off(path):
    os.truncate(path, os.path.getsize(path) // 2)


def no_hdf5(path):
    path.write_bytes(b"no HDF5 file" * 100)


@pytest.mark.parametrize("damage", [cut_off, no_hdf5, os.remove])
def test_a_broken_file_is_named_at_construction(damage, tmp_path):
    file = written(tmp_path / "broken.h5")
    damage(file)
    with pytest.raises(ConfigurationError, match=r"broken\.h5"):
        HDF5(file, "flags")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nothing", r"data\.h5.*no dataset 'nothing'.*\['flags', 'group'\]"),
        ("group", "'group' is a group"),
        ("group/none", "no dataset 'group/none'"),
    ],
)
def test_a_missing_dataset_is_named_with_those_that_there_are(tmp_path, name, message):
    path = written(tmp_path / "data.h5")
    with pytest.raises(ConfigurationError, match=message):
        HDF5(path, name)
    assert not open_files(path)


@pytest.mark.parametrize("value", [np.float32(1), ["a", "b"], h5py.Empty("f4"), np.ones(3, complex)])
def test_a_dataset_that_holds_no_rows_of_numbers_is_refused(tmp_path, value):
    with h5py.File(tmp_path / "odd.h5", "w") as file:
        file["odd"] = value
    with pytest.raises(ConfigurationError, match=r"odd\.h5.*must hold numbers"):
        HDF5(tmp_path / "odd.h5", "odd")


def fewer_rows(path):
    written(path, rows=ROWS - 1)


@pytest.mark.parametrize(
    ("damage", "message"),
    [(cut_off, "cut off"), (os.remove, "no file"), (fewer_rows, r"has changed: it has the shape \(39,")],
)
@pytest.mark.parametrize("processes", [False, True])
def test_what_becomes_of_the_file_later_is_named_in_the_sample_s_error(tmp_path, damage, message, processes):
    file = written(tmp_path / "later.h5")
    source = HDF5(file, "flags")
    with amalthea.Loader(source, batch_size=8, workers=1, use_multiprocessing=processes) as loader:
        source.close()
        damage(file)
        with pytest.raises(SampleError, match=r"later\.h5") as caught:
            loader[0]
        assert caught.match(message)
    source.close()


def test_rows_lost_in_a_file_that_is_open_are_named(tmp_path):
    """A chunk that is no longer there when it is read."""
    file = tmp_path / "open.h5"
    with h5py.File(file, "w") as opened:
        opened.create_dataset(
            "x", data=np.random.default_rng(0).random((64, 4096)), chunks=(1, 4096), compression="gzip"
        )
    source = HDF5(file, "x")
    source[0]
    cut_off(file)
    rows = np.empty((64, 4096))
    with pytest.raises(OSError, match=r"open\.h5"):
        source.read_rows(np.arange(64), rows)
    with pytest.raises(OSError, match=r"open\.h5"):
        source[63]
    source.close()
