"""Loaders over a real S3 server, and over all that goes wrong on the way to it."""

import _thread
import contextlib
import resource
import threading

import numpy as np
import pytest

import amalthea
from amalthea.errors import SampleError
from amalthea.sources import ImageFiles, configure_remote
from amalthea.sources.contents import content_of
from remote.proxy import Fault

OPTIONS = {"image_size": 16, "batch_size": 4, "seed": 3, "verbose": False}
INLINE, THREADS, PROCESSES = {"workers": 0}, {"workers": 2}, {"workers": 2, "use_multiprocessing": True}
DEADLINE_S = 60

workers = pytest.mark.parametrize("workers", [THREADS, PROCESSES], ids=["threads", "processes"])


def loader_of(directory, **options):
    return amalthea.ImageLoader.from_directory(str(directory), **OPTIONS | options)


def epochs(loader, count=1):
    """All arrays of so many epochs."""
    return [array.copy() for _ in range(count) for batch in loader for array in batch]


def assert_same(arrays, expected):
    assert len(arrays) == len(expected)
    for array, right in zip(arrays, expected, strict=True):
        np.testing.assert_array_equal(array, right)


@pytest.fixture(scope="session")
def expected(folder):
    """Two epochs of the files on the disk."""
    with loader_of(folder) as loader:
        return epochs(loader, 2)


@pytest.fixture
def configured():
    yield configure_remote
    configure_remote()


@pytest.mark.parametrize("options", [INLINE, THREADS, PROCESSES], ids=["inline", "threads", "processes"])
def test_the_batches_are_those_of_the_files_on_the_disk(proxy, expected, options):
    with loader_of("s3://data/plain", **options) as loader:
        assert_same(epochs(loader, 2), expected)
    asked = [each.method for each in proxy.requests if each.path.startswith("/data/plain/")]
    assert set(asked) == {"GET"}  # nobody asks for the size first


def test_classes_and_files_are_listed_as_on_the_disk(proxy, url, folder):
    far, near = loader_of(url), loader_of(folder)
    assert far.class_names == near.class_names
    assert [path.removeprefix(url) for path in far.file_paths] == [
        path.removeprefix(str(folder)) for path in near.file_paths
    ]
    assert proxy.asked("/data") > 3  # a page holds a few names only


@workers
def test_the_stream_is_the_same_whatever_goes_wrong_for_a_while(proxy, url, expected, configured, workers):
    configured(timeout_s=1)
    given = set()

    def plan(request):
        if request.path.endswith(".jpg") and request.number < 2:
            fault = [None, *Fault][(sum(request.path.encode()) + request.number) % 5]
            given.add(fault)
            return fault
        return None

    proxy.reset(plan)
    with loader_of(url, **workers) as loader:
        assert_same(epochs(loader, 2), expected)
    assert given == {None, Fault.STALL, Fault.CUT, Fault.SLOW_DOWN, Fault.INTERNAL_ERROR}


@pytest.mark.parametrize("fault", [Fault.STALL, Fault.CUT, Fault.SLOW_DOWN, Fault.INTERNAL_ERROR])
def test_what_goes_wrong_for_good_is_told_with_its_url_and_the_reason(proxy, url, configured, fault):
    configured(timeout_s=0.1, deadline_s=0.4)
    proxy.reset(lambda request: fault)
    bad = f"{url}/cats/1 & 1.jpg"
    with pytest.raises(SampleError) as caught:
        amalthea.Loader(ImageFiles([bad], 16), batch_size=1)
    assert caught.value.path == bad and "given up after" in caught.value.reason


@pytest.mark.parametrize(
    ("name", "fault", "kind"),
    [("missing.jpg", None, FileNotFoundError), ("forbidden.jpg", Fault.FORBIDDEN, PermissionError)],
)
def test_what_is_missing_or_forbidden_is_asked_for_once(proxy, url, name, fault, kind):
    proxy.reset(lambda request: fault)
    with pytest.raises(kind):
        content_of(f"{url}/{name}")
    assert proxy.asked(name) == 1


@pytest.mark.parametrize("options", [{"workers": 1}, PROCESSES | {"workers": 1}], ids=["a thread", "a process"])
def test_a_worker_has_the_files_of_a_batch_under_way_at_once(proxy, url, folder, options):
    with loader_of(folder, batch_size=12) as near, loader_of(url, batch_size=12, **options) as loader:
        with proxy.held(), _running(epochs, loader) as result:
            proxy.wait_for(lambda: proxy.in_flight >= 12)
        assert_same(result(), epochs(near))


@workers
def test_files_that_are_kept_are_not_asked_for_again(proxy, expected, configured, tmp_path, workers):
    configured(cache=tmp_path / "cache")
    with loader_of("s3://data/kept", **workers) as loader:
        for path in loader.file_paths:
            content_of(path)
        proxy.reset()
        assert_same(epochs(loader, 2), expected)
    assert not [each for each in proxy.requests if each.path.startswith("/data/kept/")]


# Nothing that is ahead of the last batch may be on its way to the disk when the folder is looked at.
@pytest.mark.parametrize("options", [INLINE, PROCESSES], ids=["inline", "processes"])
def test_what_is_kept_stays_within_its_bound(proxy, url, expected, configured, tmp_path, options):
    sizes = [len(content_of(path)) for path in loader_of(url).file_paths]
    most = sum(sizes) // 3
    configured(cache=tmp_path / "cache", cache_bytes=most)
    with loader_of(url, **options) as loader:
        assert_same(epochs(loader, 2), expected)
    kept = [path.stat().st_size for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert 0 < sum(kept) <= most


def test_a_folder_that_cannot_be_made_keeps_nothing(proxy, url, expected, configured, tmp_path):
    (tmp_path / "file").write_text("as it was")
    configured(cache=tmp_path / "file" / "cache")
    with loader_of(url) as loader:
        assert_same(epochs(loader, 2), expected)
    assert (tmp_path / "file").read_text() == "as it was"


def test_a_full_disk_keeps_nothing(proxy, url, expected, configured, tmp_path):
    configured(cache=tmp_path / "cache")
    with _files_of_at_most(500):
        with loader_of(url, **INLINE) as loader:
            assert_same(epochs(loader, 2), expected)
        assert not any(path.is_file() for path in (tmp_path / "cache").rglob("*"))


@workers
def test_a_close_waits_for_no_answer_and_leaves_nothing(proxy, url, workers):
    loader = loader_of(url, **workers)
    with proxy.held():
        with _running(lambda: next(iter(loader))):
            proxy.wait_for(lambda: proxy.in_flight >= 4)
        with _running(loader.close) as closed:
            closed()
    assert _nobody_is_left()


@workers
def test_an_interrupt_leaves_nothing(proxy, url, expected, workers):
    with loader_of(url, **workers) as loader:

        def interrupt():
            proxy.wait_for(lambda: proxy.in_flight >= 4)
            _thread.interrupt_main()

        with proxy.held():
            other = threading.Thread(target=interrupt)
            with pytest.raises(KeyboardInterrupt):
                other.start()
                next(iter(loader))
            other.join()
        loader.reset()
        assert_same(epochs(loader), expected[: len(expected) // 2])
    assert _nobody_is_left()


def _nobody_is_left():
    """Whether all workers end in good time."""
    for thread in threading.enumerate():
        if thread.name == "amalthea":
            thread.join(DEADLINE_S)
    return not any(thread.name == "amalthea" for thread in threading.enumerate())


@contextlib.contextmanager
def _running(function, *args):
    """Runs something beside the block; gives what returns its result after it."""
    results = []

    def run():
        with contextlib.suppress(amalthea.AmaltheaError):  # of a loader that was closed
            results.append(function(*args))

    thread = threading.Thread(target=run)
    thread.start()

    def result():
        thread.join(DEADLINE_S)
        return results[0]

    yield result


@contextlib.contextmanager
def _files_of_at_most(size):
    """No file may grow larger: it is all that a disk that is full has room for."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
