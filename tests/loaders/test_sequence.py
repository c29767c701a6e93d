"""Somebody's Sequence, unchanged: its own batches, its own epochs, right with any workers on any backend."""

import contextlib
import gc
import importlib
import itertools
import os
import random
import subprocess
import sys
import textwrap
import threading
import warnings

import keras
import numpy as np
import pytest

import amalthea
from amalthea.errors import ConfigurationError, SampleError, WorkerError
from amalthea.order import Shuffled
from opened import descriptors
from streams import Hashing, as_numpy, consumed, digest_of

COUNT, ROWS = 5, 3

WORKERS = pytest.mark.parametrize(
    ("workers", "processes"), [(0, False), (1, False), (2, False), (4, False), (1, True), (2, True)]
)


class Numbers(keras.utils.PyDataset):
    """Batch i holds the numbers of its rows; the last one is short."""

    def __init__(self, count=COUNT, **options):
        super().__init__(**options)
        self.indices = np.arange(count * ROWS - 1)

    def __len__(self):
        return -(-len(self.indices) // ROWS)

    def __getitem__(self, number):
        part = self.indices[number * ROWS : (number + 1) * ROWS]
        return np.stack([part, part], axis=1).astype(np.int32), part[:, None].astype(np.float32)


class Reshuffled(Numbers):
    """Shuffles itself at the end of each epoch, as most do, and keeps a record of what it was told."""

    def __init__(self, **options):
        super().__init__(**options)
        self.rng = np.random.default_rng(1)
        self.told = []

    def on_epoch_begin(self):
        self.told.append("begin")

    def on_epoch_end(self):
        self.told.append("end")
        self.rng.shuffle(self.indices)


def inputs(batches):
    return [x.tolist() for x, _ in batches]


def plain(sequence, epochs=1):
    """The x of all batches as a loop without Amalthea gets them."""
    for _ in range(epochs):
        for number in range(len(sequence)):
            yield sequence[number][0]
        sequence.on_epoch_end()


def fitted(training, epochs, **options):
    """Returns the hash of what a fit saw."""
    model = Hashing()
    model.compile(keras.optimizers.SGD(1e-6), "mse")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Keras asks for the batches in random order")
        model.fit(training, epochs=epochs, verbose=0, **options)
    return model.seen.tolist()


@WORKERS
def test_fit_sees_the_batches_of_the_sequence_itself(workers, processes):
    with amalthea.SequenceLoader(Numbers(), workers=workers, use_multiprocessing=processes) as loader:
        assert fitted(loader, 3) == digest_of(plain(Numbers(), 3)).tolist()


@WORKERS
@pytest.mark.parametrize("validated", [False, True])
def test_the_ends_of_epochs_take_effect_in_all_workers_once_for_each(workers, processes, validated):
    sequence, other, options = Reshuffled(), Reshuffled(), {"workers": workers, "use_multiprocessing": processes}
    with amalthea.SequenceLoader(sequence, **options) as loader, amalthea.SequenceLoader(other, **options) as second:
        more = {"validation_data": second} if validated else {}
        assert fitted(loader, 3, **more) == digest_of(plain(Reshuffled(), 3)).tolist()
        assert sequence.told == ["begin", "end"] * 3
        assert other.told == (["begin", "end"] * 3 if validated else [])
        assert fitted(loader, 1) == digest_of(itertools.islice(plain(Reshuffled(), 4), 3 * COUNT, None)).tolist()
        assert sequence.told == ["begin", "end"] * 4


@pytest.mark.parametrize("processes", [False, True])
def test_loops_written_by_hand_are_epochs_too(processes):
    sequence = Reshuffled()
    with amalthea.SequenceLoader(sequence, workers=2, use_multiprocessing=processes) as loader:
        seen = [x.tolist() for _ in range(3) for x, _ in loader]
    assert seen == [x.tolist() for x in plain(Reshuffled(), 3)]
    assert sequence.told == ["begin", "end"] * 3


@pytest.mark.parametrize("steps", range(1, COUNT + 2))
def test_an_epoch_of_keras_that_is_no_pass_ends_nothing(steps):
    """A fit of `steps` batches an epoch goes on through the sequence, which is told at its own ends."""
    sequence = Reshuffled()
    with amalthea.SequenceLoader(sequence, workers=2) as loader, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Your input ran out of data|Keras asks for")
        model = Hashing()
        model.compile(keras.optimizers.SGD(1e-6), "mse")
        model.fit(loader, epochs=COUNT, steps_per_epoch=steps, verbose=0)
    taken = consumed(COUNT, COUNT, steps)
    assert sequence.told == (["begin", "end"] * COUNT)[: len(sequence.told)]
    ahead = 2 if keras.backend.backend() == "tensorflow" else 0  # which asks for more than it trains on
    assert taken // COUNT <= sequence.told.count("end") <= (taken + ahead) // COUNT


def test_an_epoch_that_was_stopped_is_gone_through_by_the_next_fit_and_ends_once():
    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 2:
                raise RuntimeError("stop")

    sequence, model = Reshuffled(), Hashing()
    model.compile("sgd", "mse")
    with amalthea.SequenceLoader(sequence, workers=2) as loader:
        model.fit(loader, verbose=0, shuffle=False)
        with pytest.raises(RuntimeError, match="stop"):
            model.fit(loader, verbose=0, shuffle=False, callbacks=[Stop()])
        assert sequence.told == ["begin", "end", "begin"]
        model.fit(loader, verbose=0, shuffle=False)
        # TensorFlow asks ahead, and may have come to the end of the stopped epoch.
        epochs = 3 if keras.backend.backend() == "tensorflow" else 2
        assert sequence.told in (["begin", "end"] * 2, ["begin", "end"] * epochs)


def test_predictions_line_up_and_evaluation_sees_all():
    with amalthea.SequenceLoader(Numbers(), workers=2) as loader:
        x = keras.Input((2,), dtype="int32")
        model = keras.Model(x, keras.ops.cast(x, "float32"))
        model.compile(loss="mse")
        for _ in range(2):
            assert model.predict(loader, verbose=0)[:, 0].tolist() == list(range(COUNT * ROWS - 1))
        everything = np.arange(COUNT * ROWS - 1, dtype=np.float32)
        assert model.evaluate(loader, verbose=0) == pytest.approx(
            np.mean((everything[:, None] - everything[:, None]) ** 2)
        )


@WORKERS
def test_batches_in_an_order_drawn_for_each_epoch(workers, processes):
    options = {"workers": workers, "use_multiprocessing": processes, "shuffle": True, "seed": 4}
    with amalthea.SequenceLoader(Numbers(), **options) as loader:
        seen = fitted(loader, 3)
    order = Shuffled(COUNT, seed=4, shuffle=True)
    planned = [Numbers()[number][0] for epoch in range(3) for number in order.indices(epoch, 0, COUNT).tolist()]
    assert seen == digest_of(planned).tolist()


def test_a_fit_that_shuffles_is_told_what_its_order_means():
    with (
        amalthea.SequenceLoader(Numbers(20), workers=1) as loader,
        pytest.warns(UserWarning, match="Pass `shuffle=True` to the loader") as caught,
    ):
        model = Hashing()
        model.compile("sgd", "mse")
        model.fit(loader, epochs=2, verbose=0)
    assert sum("random order" in str(each.message) for each in caught) == 1


class Random(Numbers):
    """Draws from all that a sequence may draw from."""

    def __init__(self):
        super().__init__()
        self.rng, self.old = np.random.default_rng(0), np.random.RandomState(0)
        self.nested = {"deep": [random.Random(0)]}

    def __getitem__(self, number):
        draws = [
            self.rng.spawn(1)[0].random(),
            np.random.random(),
            random.random(),
            self.rng.random(),
            self.old.random_sample(),
            self.old.standard_normal(),
            self.nested["deep"][0].random(),
        ]
        return np.array([draws])


def draws_of(workers, seed, epochs=2):
    with amalthea.SequenceLoader(Random(), workers=workers, use_multiprocessing=True, seed=seed) as loader:
        return np.concatenate([batch for _ in range(epochs) for batch in loader])


def test_random_draws_of_processes_differ_between_batches_and_are_reproduced():
    first = draws_of(1, seed=1)
    assert np.array_equal(first, draws_of(2, seed=1))
    every = np.concatenate([first.ravel(), draws_of(2, seed=2).ravel()])
    assert len(set(every.tolist())) == every.size == 2 * 2 * COUNT * 7


def test_the_program_s_own_random_state_is_left_alone():
    before = np.random.get_state()[1].tolist(), random.getstate()
    draws_of(1, seed=1)
    assert (np.random.get_state()[1].tolist(), random.getstate()) == before


class Endless(Numbers):
    """Has no last batch."""

    def __init__(self):
        super().__init__()
        self.told, self.offset = [], 0

    @property
    def num_batches(self):
        return None

    def __getitem__(self, number):
        x = np.array([[number, self.offset]], np.int32)
        return x, x[:, :1].astype(np.float32)

    def on_epoch_begin(self):
        self.told.append("begin")

    def on_epoch_end(self):
        self.told.append("end")


@WORKERS
def test_a_sequence_without_an_end(workers, processes):
    sequence = Endless()
    with amalthea.SequenceLoader(sequence, workers=workers, use_multiprocessing=processes) as loader:
        assert loader.num_batches is None
        for _ in range(2):  # each fit begins with batch 0, as without Amalthea
            assert (
                fitted(loader, 3, steps_per_epoch=4, shuffle=False)
                == digest_of(Endless()[n][0] for n in range(12)).tolist()
            )
        assert sequence.told == ["begin", "end"] * 6
        assert inputs(itertools.islice(loader, 30)) == [[[number, 0]] for number in range(30)]


def test_a_sequence_without_an_end_evaluates_and_predicts():
    with amalthea.SequenceLoader(Endless(), workers=2) as loader:
        x = keras.Input((2,), dtype="int32")
        model = keras.Model(x, keras.ops.cast(x, "float32"))
        model.compile(loss="mse")
        for _ in range(2):
            assert model.predict(loader, steps=7, verbose=0)[:, 0].tolist() == list(range(7))
            model.evaluate(loader, steps=7, verbose=0)


class Duck:
    """No Keras at all: a legacy class of before, with lists for inputs and a None at the end."""

    def __len__(self):
        return 4

    def __getitem__(self, number):
        return [np.full((2, 1), number, np.float32), np.ones((2, 3))], [number, number], None


@pytest.mark.parametrize("processes", [False, True])
def test_a_class_that_knows_no_keras_and_the_forms_of_old(processes):
    with amalthea.SequenceLoader(Duck(), workers=1, use_multiprocessing=processes) as loader:
        for number, ((a, b), y) in enumerate(loader):
            assert (a.tolist(), b.shape, y.tolist()) == ([[number]] * 2, (2, 3), [number, number])
            assert (a.dtype, b.dtype) == (np.float32, np.float64)
        a, b = keras.Input((1,)), keras.Input((3,))
        model = keras.Model((a, b), keras.layers.Dense(1)(a) + keras.layers.Dense(1)(b))
        model.compile("sgd", "mse")
        model.fit(loader, epochs=2, shuffle=False, verbose=0)


class Sized(Numbers):
    """Batches of any size and kind."""

    def __getitem__(self, number):
        size = [1, 3000, 0, 7, 2][number]
        return {"a": np.arange(size * 50.0).reshape(size, 50), "b": np.ones(size, bool)}, np.zeros((size, 2), np.int8)


def test_batches_of_whatever_size_come_through_processes_and_may_all_be_kept():
    with amalthea.SequenceLoader(Sized(), workers=2, use_multiprocessing=True) as loader:
        kept = [batch for _ in range(20) for batch in loader]
        for number, (x, y) in enumerate(kept):
            want_x, want_y = Sized()[number % COUNT]
            assert all(np.array_equal(x[key], want_x[key]) and x[key].dtype == want_x[key].dtype for key in x)
            assert np.array_equal(y, want_y)
            assert y.dtype == np.int8


@pytest.mark.parametrize("processes", [False, True])
@pytest.mark.parametrize(
    ("value", "message"),
    [
        (lambda: 1 / 0, "ZeroDivisionError"),
        (lambda: np.array(["a"]), "booleans are needed"),
        (lambda: (np.ones(2), threading.Lock()), "booleans are needed"),
        (lambda: (1, 2, 3, 4), "tuple of 4"),
        (sys.exit, "SystemExit"),
    ],
)
def test_a_broken_batch_is_named_with_its_cause(processes, value, message):
    class Broken(Numbers):
        def __getitem__(self, number):
            return value() if number == 3 else super().__getitem__(number)

    with amalthea.SequenceLoader(Broken(), workers=2, use_multiprocessing=processes) as loader:
        with pytest.raises(SampleError, match=f"batch 3 could not be made.*{message}") as caught:
            list(loader)
        assert caught.value.__cause__ is not None
        loader.reset()
        assert len(list(itertools.islice(loader, 3))) == 3


def test_a_worker_that_is_lost_changes_nothing(tmp_path):
    class Dies(Reshuffled):
        def __getitem__(self, number):
            if number == 3:
                with contextlib.suppress(FileExistsError):
                    os.close(os.open(tmp_path / "died", os.O_CREAT | os.O_EXCL))
                    os._exit(3)
            return super().__getitem__(number)

    with (
        pytest.warns(UserWarning, match="exit code 3"),
        amalthea.SequenceLoader(Dies(), workers=2, use_multiprocessing=True) as loader,
    ):
        assert fitted(loader, 2) == digest_of(plain(Reshuffled(), 2)).tolist()


def test_a_batch_that_ends_its_worker_again_and_again_is_named():
    class Deadly(Numbers):
        def __getitem__(self, number):
            return os._exit(3) if number == 2 else super().__getitem__(number)

    with (
        pytest.warns(UserWarning, match="exit code 3"),
        amalthea.SequenceLoader(Deadly(), workers=1, use_multiprocessing=True) as loader,
        pytest.raises(WorkerError, match="Batch 2 has ended its worker"),
    ):
        list(loader)


def test_large_arrays_that_change_between_epochs_are_those_of_the_epoch():
    class Large(Numbers):
        def __init__(self):
            super().__init__()
            self.x, self.scale = np.zeros((COUNT, 20_000)), np.ones(20_000)

        def __getitem__(self, number):
            return self.x[number : number + 1] + number * self.scale

        def on_epoch_end(self):
            self.x += 10

    with amalthea.SequenceLoader(Large(), workers=2, use_multiprocessing=True) as loader:
        for epoch in range(3):
            assert [batch[0, -1] for batch in loader] == [10 * epoch + number for number in range(COUNT)]


@pytest.mark.parametrize(("workers", "processes"), [(0, False), (1, False), (1, True)])
def test_a_sequence_may_use_its_memory_for_the_next_batch(workers, processes):
    class Reusing(Numbers):
        def __init__(self):
            super().__init__()
            self.memory = np.zeros(2)

        def __getitem__(self, number):
            self.memory[:] = number
            return self.memory

    with amalthea.SequenceLoader(Reusing(), workers=workers, use_multiprocessing=processes) as loader:
        assert [batch[0] for batch in list(loader)] == list(range(COUNT))


@pytest.mark.parametrize("processes", [False, True])
def test_what_the_end_of_an_epoch_changed_before_it_failed_is_in_effect(processes):
    class Failing(Numbers):
        level = 0

        def __getitem__(self, number):
            return np.full(2, self.level)

        def on_epoch_end(self):
            self.level += 1
            raise OSError("no space")

    with amalthea.SequenceLoader(Failing(), workers=1, use_multiprocessing=processes) as loader:
        with pytest.raises(OSError, match="no space"):
            list(loader)
        assert next(iter(loader)).tolist() == [1, 1]


def shared_mb():
    """How much shared memory this process has open."""
    files = {(file.st_ino, file.st_size) for file in descriptors("memfd:amalthea")}
    return sum(size for _, size in files) / 2**20


def test_a_closed_loader_holds_no_copy_of_the_data():
    class Large(Numbers):
        def __init__(self):
            super().__init__()
            self.x = np.ones(2**21)

        def __getitem__(self, number):
            return self.x[:4] * number

    gc.collect()
    sequence, before = Large(), shared_mb()
    with amalthea.SequenceLoader(sequence, workers=1, use_multiprocessing=True) as loader:
        assert len(list(loader)) == COUNT
        assert shared_mb() - before >= 16
    gc.collect()
    assert shared_mb() - before < 1


MODULE = """
    import typing
    import keras
    import numpy as np

    T = typing.TypeVar("T")

    class Base(keras.utils.PyDataset, typing.Generic[T]):
        def __len__(self): return 2

    class Mine(Base[int]):
        def __getitem__(self, number):
            import sys
            return np.array([len({"keras", "jax", "torch", "tensorflow"} & set(sys.modules))])
"""


def test_a_module_that_imports_keras_is_not_imported_by_the_workers(tmp_path, monkeypatch):
    (tmp_path / "mine_of_this_test.py").write_text(textwrap.dedent(MODULE), encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    sequence = importlib.import_module("mine_of_this_test").Mine()
    with amalthea.SequenceLoader(sequence, workers=1, use_multiprocessing=True) as loader:
        assert [batch.tolist() for batch in loader] == [[0], [0]]


class Counter(Duck):
    """Its `num_batches` is a method of its own."""

    def num_batches(self):
        return 4


def test_a_legacy_class_may_have_a_method_of_that_name():
    assert len(amalthea.SequenceLoader(Counter(), workers=0)) == 4


SCRIPT = """
    import sys
    import keras, numpy as np
    import amalthea

    class Mine(keras.utils.PyDataset):
        def __init__(self, **options):
            super().__init__(**options)
            self.x = np.arange(6.0)
        def __len__(self): return 3
        def __getitem__(self, i):
            frameworks = {"keras", "jax", "torch", "tensorflow"} & set(sys.modules)
            return np.stack([self.x[2 * i : 2 * i + 2], [len(frameworks)] * 2], 1), np.ones((2, 1))

    loader = amalthea.SequenceLoader(Mine(workers=2), workers=2, use_multiprocessing=True)
    print(np.concatenate([x for x, _ in loader]).tolist())
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(loader, epochs=2, verbose=0, shuffle=False)
    print("done")
"""


@pytest.mark.parametrize("how", ["file", "-c"])
def test_one_line_in_a_script_without_a_guard_and_no_framework_in_its_workers(how, tmp_path):
    program = textwrap.dedent(SCRIPT)
    (tmp_path / "script.py").write_text(program, encoding="utf-8")
    command = [sys.executable, str(tmp_path / "script.py")] if how == "file" else [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.split("\n")[0] == str([[float(n), 0.0] for n in range(6)]), done.stderr
    assert done.stdout.endswith("done\n"), done.stderr


class Growing(Numbers):
    def on_epoch_end(self):
        self.indices = np.arange(len(self.indices) + ROWS)


class Empty(Numbers):
    def __len__(self):
        return 0


@pytest.mark.parametrize(
    ("sequence", "options", "message"),
    [
        ((x for x in range(3)), {}, "is of type generator"),
        (amalthea.Loader([1.0]), {}, "a loader of Amalthea already"),
        (Empty(), {}, "is empty"),
        (Endless(), {"shuffle": True}, "`shuffle` is True"),
        (Numbers(), {"workers": -1}, "`workers` is -1"),
        (Numbers(), {"max_queue_size": None}, "`max_queue_size` is None"),
        (Numbers(), {"timeout_s": 1}, "pass `use_multiprocessing=True`"),
    ],
)
def test_bad_input_is_refused_with_the_remedy(sequence, options, message):
    with pytest.raises(ConfigurationError, match=message):
        amalthea.SequenceLoader(sequence, **options)


def test_a_sequence_that_grows_is_an_error_not_a_loss():
    loader = amalthea.SequenceLoader(Growing(), workers=0)
    with pytest.raises(ConfigurationError, match="had 5 batches and has 6 after `on_epoch_end`"):
        list(loader)


def test_weights_after_a_fit_are_those_of_keras_by_itself():
    def weights(sequence):
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.Input((2,), dtype="int32"), keras.layers.Dense(1)])
        model.compile(keras.optimizers.SGD(1e-4), "mse")
        model.fit(sequence, epochs=3, shuffle=False, verbose=0)
        return as_numpy(model.layers[0].kernel)

    with amalthea.SequenceLoader(Numbers(), workers=2, use_multiprocessing=True) as loader:
        assert np.array_equal(weights(loader), weights(Numbers()))
