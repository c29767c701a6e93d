"""ArrayLoader: the rows of arrays, each once an epoch, the same with any workers, without a copy of the arrays."""

import h5py
import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils.class_weight import compute_sample_weight

import amalthea
from amalthea.errors import ConfigurationError
from amalthea.order import Shuffled
from amalthea.sources import HDF5

SIZE, SEED = 53, 4
CREWS = [(0, False), (1, False), (2, False), (1, True), (2, True)]


def arrays():
    rng = np.random.default_rng(0)
    x = {
        "picture": rng.integers(0, 256, (SIZE, 4, 5, 3)).astype("uint8"),
        "numbers": (np.arange(SIZE), rng.random(SIZE)),
    }
    return x, {"class": np.arange(SIZE) % 3, "value": rng.random((SIZE, 2)).astype("float32")}, rng.random(SIZE)


def assert_same(ours, wanted):
    assert keras.tree.map_structure(np.shape, ours) == keras.tree.map_structure(np.shape, wanted)
    for mine, other in zip(keras.tree.flatten(ours), keras.tree.flatten(wanted), strict=True):
        np.testing.assert_array_equal(mine, other)
        assert mine.dtype == other.dtype


@pytest.mark.parametrize(("workers", "processes"), CREWS)
@pytest.mark.parametrize("shuffle", [True, False])
def test_two_epochs_are_the_planned_rows_with_any_workers(workers, processes, shuffle):
    x, y, weight = arrays()
    options = {"batch_size": 8, "seed": SEED, "shuffle": shuffle}
    with amalthea.ArrayLoader(x, y, weight, workers=workers, use_multiprocessing=processes, **options) as loader:
        for epoch in range(2):
            order = Shuffled(SIZE, seed=SEED, shuffle=shuffle).indices(epoch, 0, SIZE)
            for number, batch in enumerate(loader):
                rows = order[8 * number : 8 * number + 8]
                assert_same(batch, keras.tree.map_structure(lambda array, rows=rows: array[rows], (x, y, weight)))
            assert number == 6


@given(
    size=st.integers(1, 70),
    batch_size=st.integers(1, 30),
    seed=st.integers(0, 2**40),
    shape=st.sampled_from([(), (3,), (2, 2)]),
)
def test_every_row_comes_once_an_epoch(size, batch_size, seed, shape):
    x = np.broadcast_to(np.arange(size).reshape(-1, *(1 for _ in shape)), (size, *shape))
    loader = amalthea.ArrayLoader(x, np.arange(size), batch_size=batch_size, seed=seed, workers=0)
    batches = list(loader)
    seen = np.concatenate([y for _, y in batches])
    assert sorted(seen) == list(range(size))
    for x, y in batches:
        assert x.shape == (len(y), *shape)
        assert (x.reshape(len(y), -1) == y[:, None]).all()


def test_a_tuple_of_inputs_without_targets_is_one_x_for_keras():
    x = (np.ones((6, 2), "float32"), np.ones((6, 3), "float32"))
    loader = amalthea.ArrayLoader(x, batch_size=4, shuffle=False)
    unpacked, y, weight = keras.utils.unpack_x_y_sample_weight(loader[0])
    assert [array.shape for array in unpacked] == [(4, 2), (4, 3)]
    assert y is None and weight is None
    inputs = [keras.Input((2,)), keras.Input((3,))]
    model = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Concatenate()(inputs)))
    assert model.predict(loader, verbose=0).shape == (6, 1)


def test_it_trains_and_predictions_line_up(tmp_path):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(256, 4)).astype("float32")
    np.save(tmp_path / "x.npy", x)
    y = (x @ [1, -2, 3, 0.5]).astype("float32")[:, None]
    with h5py.File(tmp_path / "y.h5", "w") as file:
        file["y"] = y
    mapped, targets = np.load(tmp_path / "x.npy", mmap_mode="r"), HDF5(tmp_path / "y.h5", "y")
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.3), "mse")
    model.fit(amalthea.ArrayLoader(mapped, targets, seed=0), epochs=20, verbose=0)
    predicted = model.predict(amalthea.ArrayLoader(mapped, shuffle=False), verbose=0)
    targets.close()
    assert np.abs(predicted - y).max() < 0.2


@pytest.mark.parametrize("form", ["flat", "column", "one-hot", "hdf5", "list", "tensor"])
def test_balanced_class_weights_are_those_of_scikit_learn(form, tmp_path):
    classes = np.array([0, 2, 2, 2, 1, 2, 0, 2])
    y = {
        "column": classes[:, None].astype("float32"),
        "one-hot": np.eye(3, dtype="float32")[classes],
        "list": classes.tolist(),
        "tensor": keras.ops.convert_to_tensor(classes),
    }.get(form, classes)
    if form == "hdf5":
        with h5py.File(tmp_path / "y.h5", "w") as file:
            file["y"] = y
        y = HDF5(tmp_path / "y.h5", "y")
    loader = amalthea.ArrayLoader(classes, y, class_weight="balanced", batch_size=8, shuffle=False)
    weights = loader[0][2]
    np.testing.assert_allclose(weights, compute_sample_weight("balanced", classes), rtol=1e-6)
    assert weights.dtype == np.float32


def test_class_weights_follow_their_samples():
    y = np.arange(20) % 2
    for _, target, weight in amalthea.ArrayLoader(y, y, class_weight={0: 1.0, 1: 5.0}, batch_size=7, seed=1):
        np.testing.assert_array_equal(weight, np.where(target == 1, 5, 1))


y = np.arange(4)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((y, y, y), {"class_weight": "balanced"}, "`class_weight` and `sample_weight` are both given"),
        ((y,), {"class_weight": "balanced"}, "`y` does not tell a class"),
        ((y, {"a": y}), {"class_weight": "balanced"}, "`y` does not tell a class"),
        ((y, y + 0.5), {"class_weight": "balanced"}, "`y` does not tell a class"),
        ((y, y + np.nan), {"class_weight": "balanced"}, "`y` does not tell a class"),
        ((y, np.ones((4, 3))), {"class_weight": "balanced"}, "`y` does not tell a class"),
        ((y, np.ones((4, 1, 1))), {"class_weight": "balanced"}, "`y` does not tell a class"),
        ((y, y), {"class_weight": "fair"}, "`class_weight` is 'fair'"),
        ((y, y[:3]), {"class_weight": "balanced"}, "`x` has 4, `y` has 3"),
        ((y, y[:3]), {}, "`x` has 4, `y` has 3"),
        ((y, None, y), {}, "`sample_weight` is given without `y`"),
        (([np.zeros(3), np.zeros(4)], y), {}, r"`x\[0\]` has 3, `x\[1\]` has 4, `y` has 4.*np.stack"),
        ((y[:0], y[:0]), {}, "empty"),
        ((y, y), {"batch_size": 0}, "`batch_size`"),
    ],
)
def test_what_cannot_be_used_is_named(arguments, options, message):
    with pytest.raises(ConfigurationError, match=message):
        amalthea.ArrayLoader(*arguments, **options)


def anonymous_mb():
    """Memory of this program without the pages of files, which the system takes back when it wants."""
    with open("/proc/self/smaps_rollup") as lines:
        return sum(int(line.split()[1]) for line in lines if line.startswith("Anonymous:")) / 1024


@pytest.mark.parametrize("first_column", [0, 1], ids=["whole rows", "rows with gaps"])
def test_a_memory_map_does_not_fill_the_memory(tmp_path, first_column):
    """An epoch over 128 MB in batches of 1 MB."""
    np.lib.format.open_memmap(tmp_path / "x.npy", "w+", "float32", (2048, 1 << 14))  # of which none are on the disk
    x = np.load(tmp_path / "x.npy", mmap_mode="r")[:, first_column:]
    seen = []
    with amalthea.ArrayLoader(x, np.arange(2048), batch_size=16, workers=2) as loader:
        for _ in loader:
            seen.append(anonymous_mb())
    assert max(seen) - seen[0] < 4 * 1 + 16
