"""Worker processes: started afresh, replaced when they die, told of a stream once, gone when they are not needed."""

import contextlib
import gc
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from multiprocessing import connection

import numpy as np
import psutil
import pytest

import amalthea
from amalthea.errors import SampleError, WorkerError
from opened import descriptors

SIZE, BATCH = 24, 4


class Source:
    """Sample i is i, 256 times; what happens at the sample `at` is up to `trouble`."""

    def __init__(self, trouble=None, at=None):
        self.trouble, self.at = trouble, at

    def __len__(self):
        return SIZE

    def __getitem__(self, index):
        if index == self.at:
            self.trouble()
        return np.full(256, index, np.int64)


def noisy(sample, rng):
    return sample * 1000 + rng.integers(0, 1000)


def loader(source, **options):
    options = {"batch_size": BATCH, "seed": 3, "workers": 2, "use_multiprocessing": True, "transform": noisy, **options}
    return amalthea.Loader(source, **options)


def epoch_of(batches):
    return [batch.tolist() for batch in batches]


def expected():
    return epoch_of(loader(Source(), workers=0))


def children():
    gc.collect()
    return {process.pid for process in multiprocessing.active_children()}


# A sleep stands for a sample that hangs; no test waits for it.
TROUBLES = {
    "exit": lambda: os._exit(3),
    "hang": lambda: time.sleep(600),
}


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_the_same_batches_as_without_workers(workers):
    with loader(Source(), workers=workers) as batches:
        assert epoch_of(batches) == expected()


def test_a_sample_that_ends_its_worker_again_and_again_is_named():
    with (
        pytest.warns(UserWarning, match="exit code 3"),
        loader(Source(TROUBLES["exit"], 7)) as batches,
        pytest.raises(WorkerError, match="Sample 7 has ended its worker"),
    ):
        epoch_of(batches)


class OddError(Exception):
    """Cannot be made from its arguments, and so not be unpickled."""

    def __init__(self, a, b):
        super().__init__(f"{a} and {b}")


def raise_odd():
    raise OddError(1, 2)


def raise_local():
    class LocalError(Exception):
        pass

    raise LocalError(threading.Lock())


def raise_key():
    raise KeyError("k")


@pytest.mark.parametrize("trouble", [raise_odd, raise_local, raise_key, sys.exit])
def test_any_error_of_a_sample_arrives_with_its_traceback(trouble):
    for _ in range(2):
        with loader(Source(trouble, 7)) as batches, pytest.raises(SampleError) as caught:
            epoch_of(batches)
        assert (caught.value.index, caught.value.stage) == (7, "source")
        causes, error = [], caught.value
        while (error := error.__cause__) is not None:
            causes.append(str(error))
        assert trouble is sys.exit or f"in {trouble.__name__}" in causes[-1]


def test_processes_live_over_epochs_and_are_shared_by_loaders():
    with loader(Source()) as training, loader(Source(), shuffle=False) as validation:
        epoch_of(training)
        pids = children()
        assert len(pids) == 2
        for _ in range(3):
            epoch_of(validation)
            epoch_of(training)
            assert children() == pids
    assert not children()


def test_processes_end_with_the_last_loader():
    batches = loader(Source())
    next(iter(batches))
    processes = multiprocessing.active_children()
    assert processes
    del batches
    gc.collect()
    # Not `join`: the thread that takes the exit status may be another one, and this one would take it for no end.
    assert all(connection.wait([process.sentinel], 5) for process in processes)


def test_what_is_kept_stays_as_it_was():
    with loader(Source(), max_queue_size=1) as batches:
        kept = list(batches)
        for _ in range(3):
            for _ in batches:
                pass
        assert epoch_of(kept) == expected()


def test_lambdas_and_local_classes_are_sources_and_transforms():
    class Local:
        def __len__(self):
            return 6

        def __getitem__(self, index):
            return float(index)

    with loader(Local(), transform=lambda x, rng: 2 * x, shuffle=False) as batches:
        assert np.concatenate(list(batches)).tolist() == [0, 2, 4, 6, 8, 10]


def test_what_cannot_be_sent_is_said_with_the_remedy():
    source = Source()
    source.lock = threading.Lock()
    with loader(source) as batches, pytest.raises(WorkerError, match="use_multiprocessing=False"):
        next(iter(batches))


def test_workers_see_no_accelerator_and_import_no_framework():
    class Look:
        def __len__(self):
            return 2

        def __getitem__(self, index):
            import os as os_
            import sys as sys_

            blind = os_.environ.get("CUDA_VISIBLE_DEVICES") == ""
            loaded = {"keras", "tensorflow", "jax", "torch"} & set(sys_.modules)
            return np.array([blind, len(loaded), os_.getpid()])

    source = Look()
    with loader(source, transform=None, batch_size=2) as batches:
        seen = next(iter(batches))
    assert (seen[:, 0] == 1).all()
    assert (seen[:, 1] == 0).all()
    assert os.getpid() not in seen[:, 2]


SCRIPT = """
    import os, sys
    import numpy as np
    import amalthea

    class Mine:
        def __len__(self): return 8
        def __getitem__(self, index): return np.array([index, os.getpid()])

    loader = amalthea.Loader(Mine(), batch_size=4, workers=2, use_multiprocessing=True, shuffle=False,
                             transform=lambda x, rng: x + np.array([100, 0]))
    rows = np.concatenate(list(loader))
    print(rows[:, 0].tolist(), os.getpid() in rows[:, 1], flush=True)
    END
"""


KILL, TERMINATE, INTERRUPT = "os.kill(os.getpid(), 9)", "os.kill(os.getpid(), 15)", "raise KeyboardInterrupt"


@pytest.mark.parametrize(
    ("how", "end"),
    [
        *(("file", end) for end in ("pass", KILL, TERMINATE, INTERRUPT)),
        *(("-c", end) for end in ("pass", KILL)),
        ("stdin", "pass"),  # a main module without a file, as a notebook has
    ],
)
def test_a_script_without_a_main_guard_works_and_leaves_nothing(how, end, tmp_path):
    program = textwrap.dedent(SCRIPT).replace("END", end)
    path = tmp_path / "script.py"
    path.write_text(program, encoding="utf-8")
    before = set(os.listdir("/dev/shm")) if os.path.isdir("/dev/shm") else set()
    command = [sys.executable, *{"file": [str(path)], "-c": ["-c", program], "stdin": ["-"]}[how]]
    with path.open("rb") as file:
        process = psutil.Popen(command, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    out = process.stdout.readline()
    assert out == "[100, 101, 102, 103, 104, 105, 106, 107] False\n", process.stderr.read()
    workers = process.children(recursive=True)
    process.communicate(timeout=60)
    _, alive = psutil.wait_procs(workers, timeout=5)
    assert not alive
    assert (set(os.listdir("/dev/shm")) if os.path.isdir("/dev/shm") else set()) <= before


def test_few_file_descriptors_are_enough():
    before = psutil.Process().num_fds()
    with loader(Source(), workers=8) as batches:
        epoch_of(batches)
        assert psutil.Process().num_fds() - before < 60
    gc.collect()
    assert psutil.Process().num_fds() - before < 8
    assert multiprocessing.active_children() == []


def ignore_the_end():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(600)


def test_a_worker_that_will_not_end_is_killed():
    with (
        pytest.warns(UserWarning, match="stuck"),
        loader(Source(ignore_the_end, 7), timeout_s=0.5, workers=1) as batches,
        pytest.raises(WorkerError, match="Sample 7"),
    ):
        epoch_of(batches)
    assert not children()


def test_a_stuck_sample_is_named_and_no_innocent_one():
    """The start of a process does not count: with a short timeout the first sample of a new one was blamed."""
    with (
        pytest.warns(UserWarning, match="stuck for more than 0.1 s"),
        loader(Source(TROUBLES["hang"], 7), timeout_s=0.1) as batches,
        pytest.raises(WorkerError, match="Sample 7 has"),
    ):
        epoch_of(batches)


class Slow(Source):
    """Sample 7 takes its time when it is read by a worker for the first time."""

    def __init__(self, path):
        super().__init__(lambda: time.sleep(0 if path.exists() else path.write_bytes(b"") or 3), 7)


def test_a_loader_closed_while_a_worker_is_busy_is_right_when_it_is_used_again(tmp_path):
    slow = Slow(tmp_path / "read")
    with loader(slow, workers=1, shuffle=False, batch_size=SIZE) as batches:
        asking = threading.Thread(target=_ignore, args=(batches,))
        asking.start()
        while not (tmp_path / "read").exists():
            assert asking.is_alive()
        batches.close()
        asking.join(20)
        batches.set_epoch(0)
        assert epoch_of(batches) == epoch_of(loader(Source(), workers=0, shuffle=False, batch_size=SIZE))


@pytest.mark.parametrize("at", [None, BATCH])
def test_what_a_closed_loader_is_asked_for_leaves_no_memory_whether_it_can_be_made_or_not(at):
    """As the thread of TensorFlow may ask, which keeps every loader."""
    gc.collect()
    before = len(descriptors("memfd:amalthea"))
    batches = loader(Source(_fail, at), shuffle=False, transform=None)
    assert batches[0][0, 0] == 0
    batches.close()
    with contextlib.nullcontext() if at is None else pytest.raises(SampleError):
        assert batches[1][0, 0] == BATCH
    gc.collect()
    assert len(descriptors("memfd:amalthea")) == before


def _fail():
    raise ValueError("it cannot be made")


def _ignore(batches):
    with contextlib.suppress(WorkerError):
        next(iter(batches))


WITHOUT_FILES = """
import os, resource
import numpy as np
import amalthea


class Far:
    def __len__(self):
        return 32

    def __getitem__(self, index):
        return np.float32(index)

    def fetch_ahead(self, indices):
        pass


soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
for left in range(0, 24, 2):
    loader = amalthea.Loader(Far(), batch_size=4, shuffle=False, workers=1, use_multiprocessing=True)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    taken = []
    try:
        while True:
            taken.append(os.dup(0))
    except OSError:
        pass
    for file in taken[:left]:
        os.close(file)
    try:
        loader[0]
        print("made")
    except Exception as error:
        print("AttributeError" if isinstance(error, AttributeError) else "failed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    for file in taken[left:]:
        os.close(file)
    assert sum(map(len, loader)) == 32
    loader.close()
"""


def test_a_process_that_could_not_be_started_is_started_when_that_is_possible_again():
    """Whatever it lacked: for each number of file descriptors it fails at another place."""
    command = [sys.executable, "-c", WITHOUT_FILES]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr  # no thread has ended by it
    assert set(done.stdout.split()) == {"failed", "made"}
