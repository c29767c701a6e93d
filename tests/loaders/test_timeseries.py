"""TimeSeriesLoader: windows of the data, each once an epoch, the same with any workers, in a few batches of memory."""

import h5py
import keras
import numpy as np
import psutil
import pytest

import amalthea
from amalthea.errors import ConfigurationError
from amalthea.order import Shuffled

STEPS, SEED = 70, 2
DATA = np.random.default_rng(0).random((STEPS, 3)).astype(np.float32)
CREWS = [(0, False), (1, False), (2, False), (1, True), (2, True)]


def test_the_defaults_are_those_of_keras():
    data = np.arange(300.0)
    loader = amalthea.TimeSeriesLoader(data, data + 1, 10)
    batches = list(loader)
    assert [len(targets) for _, targets in batches] == [128, 128, 35]
    windows = np.concatenate([windows for windows, _ in batches])
    np.testing.assert_array_equal(windows, np.lib.stride_tricks.sliding_window_view(data, 10))
    np.testing.assert_array_equal(np.concatenate([targets for _, targets in batches]), data[:291] + 1)


@pytest.mark.parametrize(("workers", "processes"), CREWS)
@pytest.mark.parametrize("shuffle", [True, False])
def test_two_epochs_are_the_planned_windows_with_any_workers(workers, processes, shuffle):
    starts = np.arange(5, 5 + 64 - (6 - 1) * 2, 3)  # of 64 steps, from 5 to 69
    with amalthea.TimeSeriesLoader(
        {"all": DATA, "pair": (DATA[:, 0], DATA)},
        (np.arange(STEPS), DATA),
        sequence_length=6,
        sequence_stride=3,
        sampling_rate=2,
        start_index=5,
        end_index=69,
        batch_size=4,
        shuffle=shuffle,
        seed=SEED,
        workers=workers,
        use_multiprocessing=processes,
    ) as loader:
        assert loader.num_samples == len(starts)
        for epoch in range(2):
            order = Shuffled(len(starts), seed=SEED, shuffle=shuffle).indices(epoch, 0, len(starts))
            seen = []
            for number, (x, y) in enumerate(loader):
                first = starts[order[4 * number : 4 * number + 4]]
                steps = first[:, None] + 2 * np.arange(6)
                np.testing.assert_array_equal(x["all"], DATA[steps])
                np.testing.assert_array_equal(x["pair"][0], DATA[steps, 0])
                np.testing.assert_array_equal(x["pair"][1], DATA[steps])
                np.testing.assert_array_equal(y[0], first)
                np.testing.assert_array_equal(y[1], DATA[first])
                seen.extend(y[0].tolist())
            assert sorted(seen) == starts.tolist()


@pytest.mark.parametrize("kind", ["mapped", "hdf5"])
@pytest.mark.parametrize("processes", [False, True])
def test_data_may_stay_in_a_file(tmp_path, kind, processes):
    np.save(tmp_path / "data.npy", DATA)
    with h5py.File(tmp_path / "data.h5", "w") as file:
        file.create_dataset("data", data=DATA, chunks=(8, 3), compression="gzip")
    data = (
        np.load(tmp_path / "data.npy", mmap_mode="r")
        if kind == "mapped"
        else amalthea.sources.HDF5(tmp_path / "data.h5", "data")
    )
    options = {"sampling_rate": 3, "batch_size": 16, "shuffle": True, "seed": 1}
    wanted = list(amalthea.TimeSeriesLoader(DATA, DATA, 5, workers=0, **options))
    with amalthea.TimeSeriesLoader(data, data, 5, workers=2, use_multiprocessing=processes, **options) as loader:
        for ours, theirs in zip(loader, wanted, strict=True):
            np.testing.assert_array_equal(ours[0], theirs[0])
            np.testing.assert_array_equal(ours[1], theirs[1])


def test_it_trains():
    wave = np.sin(np.arange(600) / 5).astype("float32")
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.05), "mse")
    training = amalthea.TimeSeriesLoader(wave, wave[8:, None], 8, end_index=500, shuffle=True, seed=0)
    model.fit(training, epochs=40, verbose=0)
    assert model.evaluate(amalthea.TimeSeriesLoader(wave, wave[8:, None], 8, start_index=500), verbose=0) < 0.01


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sequence_length": 71}, "No window is left"),
        ({"sequence_length": 0}, "`sequence_length` is 0"),
        ({"sequence_stride": 70}, "`sequence_stride` is 70"),
        ({"sampling_rate": 0}, "`sampling_rate` is 0"),
        ({"start_index": 70}, "`start_index` is 70"),
        ({"end_index": 70}, "`end_index` is 70"),
        ({"targets": np.arange(8), "start_index": 8}, "`targets` has 8 rows, and the first window begins at step 8"),
        ({"data": (DATA, DATA[1:])}, r"`data\[0\]` has 70, `data\[1\]` has 69"),
        ({"batch_size": None}, "`batch_size` is None"),
    ],
)
def test_what_cannot_be_used_is_named(options, message):
    with pytest.raises(ConfigurationError, match=message):
        amalthea.TimeSeriesLoader(**{"data": DATA, "targets": None, "sequence_length": 4, **options})


def test_long_windows_stay_at_a_few_batches():
    """100 MB of data, 800 GB of windows, of which an epoch takes some in batches of 12 MB."""
    data = np.ones((1 << 20, 25), np.float32)
    options = {"sequence_stride": 8000, "sampling_rate": 2, "batch_size": 16, "shuffle": True, "workers": 2}
    seen = []
    with amalthea.TimeSeriesLoader(data, None, 8000, **options) as loader:
        for _ in loader:
            seen.append(psutil.Process().memory_info().rss / 2**20)
    assert max(seen) - seen[0] < 4 * 12.2 + 32
