"""Whatever goes wrong, whenever: the training sees the same stream or a clear error, and nothing is left behind."""

import contextlib
import gc
import itertools
import multiprocessing
import os
import signal
import sys
import threading
import time
import warnings

import cloudpickle
import keras
import numpy as np
import psutil
import pytest

import amalthea
from amalthea.errors import SampleError
from amalthea.order import Shuffled
from streams import Identified, digest_of, hashing_model, mark, planned

# As if it were a script: a worker process that imported this module would import Keras.
cloudpickle.register_pickle_by_value(sys.modules[__name__])

SIZE, BATCH, SEED = 12, 3, 5

FATAL = ("exit", "hang", "kill", "segfault")
ERRORS = ("exception", "result", "raise")
PLACES = ("first", "middle", "last", "turn", "validation")

# A sleep stands for a sample that hangs; no test waits for it.
ENDS = {
    "exit": lambda: os._exit(3),
    "hang": lambda: time.sleep(600),
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "segfault": lambda: os.kill(os.getpid(), signal.SIGSEGV),
}


class UnpicklableError(Exception):
    def __init__(self, what, lock):
        super().__init__(f"{what} {lock}")
        self.lock = lock


class Troubled(Identified):
    """At the n-th reading of a sample, by whichever worker, something happens: once if it is fatal, else always."""

    def __init__(self, log, kind, index, reading):
        super().__init__(SIZE)
        self.log, self.kind, self.index, self.reading = str(log), kind, index, reading

    def __getitem__(self, index):
        if index == self.index:
            reading = self._count()
            if self.kind in FATAL and reading == self.reading:
                ENDS[self.kind]()
            if self.kind in ERRORS and reading >= self.reading:
                return self._fail()
        return super().__getitem__(index)

    def _count(self):
        log = os.open(self.log, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
        os.write(log, b"x")
        count = os.fstat(log).st_size
        os.close(log)
        return count

    def _fail(self):
        if self.kind == "result":
            return threading.Lock(), np.float32(0)
        raise ValueError("bad") if self.kind == "raise" else UnpicklableError("bad", threading.Lock())


def order(epoch):
    return Shuffled(SIZE, seed=SEED, shuffle=True).indices(epoch, 0, SIZE).tolist()


def troubled(log, kind, place):
    """Returns the source for training and the one for validation."""
    # The turn of an epoch: its first sample is made ahead while the epoch before it ends.
    index, reading = {
        "first": (order(0)[0], 1),
        "middle": (order(0)[SIZE // 2], 1),
        "last": (order(0)[-1], 1),
        "turn": (order(1)[0], 2),
        "validation": (SIZE // 2, 1),
    }[place]
    source = Troubled(log, kind, index, reading)
    return (Identified(SIZE), source) if place == "validation" else (source, Identified(SIZE))


def held():
    """What this process holds: worker threads, children, file descriptors, names in shared memory."""
    gc.collect()
    process = psutil.Process()
    return {
        "threads": sum(thread.name == "amalthea" for thread in threading.enumerate()),
        "children": len(process.children()),
        "descriptors": process.num_fds(),
        "names": len(os.listdir("/dev/shm")) if os.path.isdir("/dev/shm") else 0,
    }


@pytest.fixture(scope="module", autouse=True)
def _everything_that_stays_open_is_open():
    """Keras, its backend and loky keep a few things from their first use on."""
    with amalthea.Loader(Identified(6), workers=1, use_multiprocessing=True) as loader:
        hashing_model().fit(loader, validation_data=loader, verbose=0)


@pytest.fixture
def nothing_left():
    before = held()
    yield
    after = held()
    assert {name: after[name] - before[name] for name in before if after[name] > before[name]} == {}


def fit(training, validation, epochs=3):
    model = hashing_model()
    model.fit(training, validation_data=validation, epochs=epochs, verbose=0)
    return model.seen.tolist()


@contextlib.contextmanager
def loaders(sources, **options):
    options = {"batch_size": BATCH, "seed": SEED, "transform": mark, "workers": 2, **options}
    training, validation = sources
    with (
        amalthea.Loader(training, **options) as first,
        amalthea.Loader(validation, shuffle=False, **options) as second,
    ):
        yield first, second


def expected(batches):
    return digest_of(itertools.islice(planned(SIZE, batch_size=BATCH, seed=SEED), batches)).tolist()


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", FATAL)
def test_a_worker_that_is_lost_changes_nothing(kind, place, tmp_path, nothing_left):
    timeout_s = 2 if kind == "hang" else None
    sources = troubled(tmp_path / "log", kind, place)
    with (
        pytest.warns(UserWarning, match="It is replaced, and its rows are made again") as caught,
        loaders(sources, use_multiprocessing=True, timeout_s=timeout_s) as pair,
    ):
        assert fit(*pair) == expected(12)
    # By the clock, a worker that the machine let stand still is lost too.
    assert timeout_s or sum("It is replaced" in str(each.message) for each in caught) == 1


@pytest.mark.parametrize("use_multiprocessing", [False, True])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", ERRORS)
def test_a_broken_sample_is_named_and_the_loader_is_usable(kind, place, use_multiprocessing, tmp_path, nothing_left):
    sources = troubled(tmp_path / "log", kind, place)
    with loaders(sources, use_multiprocessing=use_multiprocessing) as (training, validation):
        if place == "turn":  # there TensorFlow fetches ahead, and its error of that may come as one of its own
            model = hashing_model()
            model.fit(training, epochs=1, verbose=0)
        broken = validation if place == "validation" else training
        index = max(source.index for source in sources if isinstance(source, Troubled))
        for _ in range(2):
            with pytest.raises(SampleError, match=f"sample {index} could not be made"):
                for _ in broken:
                    pass
            broken.reset()
        good = training if place == "validation" else validation
        assert len(list(good)) == 4


@pytest.mark.parametrize("signal_", [signal.SIGKILL, signal.SIGSTOP])
def test_workers_lost_or_stopped_between_epochs_change_nothing(signal_, nothing_left):
    with loaders([Identified(SIZE)] * 2, use_multiprocessing=True, timeout_s=2) as (training, _):
        batches = [x for x, _ in training]
        for child in multiprocessing.active_children():
            os.kill(child.pid, signal_)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # one for each of the two, if it was at work
            batches += [x for x, _ in training]
    assert digest_of(batches).tolist() == expected(8)


def test_a_worker_that_dies_while_it_starts_is_replaced(tmp_path, nothing_left):
    source = DiesOnce(tmp_path / "born")
    with pytest.warns(UserWarning, match="exit code 3"), loaders([source] * 2, use_multiprocessing=True) as (first, _):
        assert digest_of(x for x, _ in first).tolist() == expected(4)


class DiesOnce(Identified):
    """Ends the first process that it is brought into."""

    def __init__(self, path):
        super().__init__(SIZE)
        self.path = str(path)

    def __setstate__(self, state):
        self.__dict__ = state
        try:
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return
        os._exit(3)


class Interrupt(keras.callbacks.Callback):
    """Ends a fit in its middle in one of the ways that there are."""

    def __init__(self, number):
        super().__init__()
        self.number = number

    def on_train_batch_end(self, batch, logs=None):
        if batch == self.number % 3:
            match self.number % 4:
                case 0:
                    raise KeyboardInterrupt
                case 1:
                    raise RuntimeError("a callback's own")
                case 2:
                    self.model.stop_training = True
                case 3:
                    os.kill(os.getpid(), signal.SIGINT)


def test_a_hundred_interrupted_fits_leave_nothing(nothing_left):
    model = hashing_model()
    with loaders([Identified(SIZE)] * 2, use_multiprocessing=True) as pair:  # its processes serve all the others
        fit(*pair, epochs=1)
        before = held()
        for number in range(100):
            with (
                loaders([Identified(SIZE)] * 2, use_multiprocessing=number % 10 != 0) as (training, validation),
                contextlib.suppress(KeyboardInterrupt, RuntimeError),
            ):
                model.fit(training, validation_data=validation, epochs=2, verbose=0, callbacks=[Interrupt(number)])
        del training, validation
        after = held()
        assert {name: after[name] - before[name] for name in before if after[name] > before[name]} == {}
        pair[0].set_epoch(0)
        assert digest_of(x for x, _ in pair[0]).tolist() == expected(4)
