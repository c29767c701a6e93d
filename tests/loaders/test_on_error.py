"""Broken samples that are no error: what stands in their place, what is said of them, and how many there may be."""

import multiprocessing
import os
import pathlib
import sys
import warnings

import cloudpickle
import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import amalthea
from amalthea import ConfigurationError, SampleError
from pictures import write_all
from streams import Identified

# As if it were a script: each of the processes that end here would have imported Keras before.
cloudpickle.register_pickle_by_value(sys.modules[__name__])

SIZE, BATCH, SEED, EPOCHS = 23, 5, 4, 2
BROKEN = frozenset({0, 3, 4, 17, 22})
MENDING = ["skip", "substitute"]
THREADS = [{"workers": workers} for workers in (0, 1, 2, 4)]
PROCESSES = [{"workers": workers, "use_multiprocessing": True} for workers in (1, 2)]

FORMS = {
    "x": lambda x, y: x,
    "pair": lambda x, y: (x, y),
    "list": lambda x, y: [x, y, None],
    "weighted": lambda x, y: (x, y, np.float64(0.5)),
    "dict": lambda x, y: {"x": x, "y": y},
    "nested": lambda x, y: ({"x": x, "z": (y, y)}, {"y": y}),
}


class Source(Identified):
    """Sample i is `((i, 0), i)`; some cannot be read, or end the process that reads them."""

    def __init__(self, broken=(), size=SIZE, deadly=()):
        super().__init__(size)
        self.broken, self.deadly, self.reads = broken, deadly, []

    def __getitem__(self, index):
        self.reads.append(index)
        if index in self.deadly:
            os._exit(3)
        if index in self.broken:
            raise OSError(f"no {index}")
        return super().__getitem__(index)


class Direct(Source):
    """Writes its samples straight into their rows, and has written half of a broken one when it fails."""

    def read_into(self, index, rows):
        rows[0][...] = -1
        x, y = self[index]
        rows[0][...], rows[1][...] = x, y


def transform_of(form="pair", fails=(), misshapen=()):
    def transform(sample, rng):
        x, y = sample
        if x[0] in fails:
            raise ValueError(f"not {x[0]}")
        x = np.array([x[0], rng.integers(0, 2**31)], np.int32)
        return FORMS[form](x[:1] if x[0] in misshapen else x, y)

    return transform


def broken_by(stage, broken=BROKEN, form="pair"):
    """The options of a loader whose samples break in that stage."""
    if stage == "read_into":
        return {"source": Direct(broken)}
    options = {"transform": {"fails": broken}, "batch": {"misshapen": broken}}.get(stage, {})
    return {"source": Source(broken if stage == "source" else ()), "transform": transform_of(form, **options)}


def run(source, epochs=EPOCHS, **options):
    """Batches of some epochs, and what was said of broken samples."""
    options = {"batch_size": BATCH, "seed": SEED, "max_errors": None, "workers": 0, **options}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with amalthea.Loader(source, **options) as loader:
            batches = [keras.tree.map_structure(np.copy, batch) for _ in range(epochs) for batch in loader]
            return batches, [(each.index, each.stage, each.reason, each.path) for each in loader.errors]


def assert_same(got, expected):
    assert len(got) == len(expected)
    for left, right in zip(got, expected, strict=True):
        keras.tree.assert_same_structure(left, right)
        for a, b in zip(keras.tree.flatten(left), keras.tree.flatten(right), strict=True):
            assert a.dtype == b.dtype
            np.testing.assert_array_equal(a, b)


def rows_of(batch):
    return [[leaf[row] for leaf in keras.tree.flatten(batch)] for row in range(len(keras.tree.flatten(batch)[0]))]


def assert_mended(batches, plain, broken, on_error, *, adds_weight, size=SIZE, marked=True):
    """Good rows are those of a source without broken samples; broken ones hold another sample, or zeros."""
    assert len(batches) == len(plain)
    stand_ins, per_epoch = [], len(plain) // EPOCHS
    for number, (batch, whole) in enumerate(zip(batches, plain, strict=True)):
        if adds_weight:
            *batch, weight = batch
            batch, indices = tuple(batch), rows_of(whole)
            assert weight.dtype == np.float32
            assert weight.tolist() == [float(row[0][0] not in broken) for row in indices]
        keras.tree.assert_same_structure(batch, whole)
        for leaf, other in zip(keras.tree.flatten(batch), keras.tree.flatten(whole), strict=True):
            assert (leaf.shape, leaf.dtype) == (other.shape, other.dtype)
        for row, good in zip(rows_of(batch), rows_of(whole), strict=True):
            if good[0][0] not in broken:
                assert [each.tobytes() for each in row] == [each.tobytes() for each in good]
            elif on_error == "substitute":
                assert not any(each.any() for each in row)
            else:
                index = int(row[0][0])
                assert index in set(range(size)) - set(broken)
                mark = np.random.default_rng([SEED, number // per_epoch, index]).integers(0, 2**31) if marked else 0
                assert row[0].tolist() == [index, mark]
                stand_ins.append(index)
    return stand_ins


@pytest.mark.parametrize("on_error", MENDING)
@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("stage", ["source", "transform", "batch", "read_into"])
def test_wherever_a_sample_breaks_only_its_own_row_is_another_with_any_number_of_threads(stage, shuffle, on_error):
    plain, none = run(**broken_by(stage, ()), shuffle=shuffle, on_error=on_error)
    plain = [batch[:2] for batch in plain]
    assert none == []
    broken = BROKEN - {0} if stage == "batch" else BROKEN  # the shape of sample 0 is what all others must have
    expected, errors = run(**broken_by(stage, broken), shuffle=shuffle, on_error=on_error)
    marked = stage != "read_into"
    stand_ins = assert_mended(expected, plain, broken, on_error, adds_weight=on_error == "substitute", marked=marked)
    assert on_error == "substitute" or len(set(stand_ins)) > 1
    assert {each[:2] for each in errors} == {(index, stage if marked else "source") for index in broken}
    assert len(errors) == len(broken)
    for workers in THREADS[1:]:
        again, same_errors = run(**broken_by(stage, broken), shuffle=shuffle, on_error=on_error, **workers)
        assert_same(again, expected)
        assert same_errors == errors


@pytest.mark.parametrize("workers", PROCESSES, ids=["one", "two"])
def test_processes_give_the_same_stream_and_the_same_errors(workers):
    with amalthea.Loader(Source(), **workers) as other:
        list(other)  # its processes are for all that follows
        for stage in ("transform", "read_into"):
            for on_error in MENDING:
                expected, errors = run(**broken_by(stage), on_error=on_error)
                got, same_errors = run(**broken_by(stage), on_error=on_error, **workers)
                assert_same(got, expected)
                assert same_errors == errors


@pytest.mark.parametrize("on_error", MENDING)
@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_sample_keeps_its_structure_and_xy_gets_a_weight(form, on_error):
    plain, _ = run(**broken_by("transform", (), form))
    batches, _ = run(**broken_by("transform", form=form), on_error=on_error, workers=2)
    adds_weight = on_error == "substitute" and form in ("pair", "list", "nested")
    assert_mended(batches, plain, BROKEN, on_error, adds_weight=adds_weight)


@settings(max_examples=100)
@given(
    size=st.integers(1, 6),
    batch_size=st.integers(1, 7),
    shuffle=st.booleans(),
    drop_remainder=st.booleans(),
    workers=st.sampled_from([0, 2]),
    on_error=st.sampled_from(MENDING),
    data=st.data(),
)
def test_any_samples_but_not_all_may_be_broken(size, batch_size, shuffle, drop_remainder, workers, on_error, data):
    broken = data.draw(st.sets(st.integers(0, size - 1), max_size=size - 1))
    options = {
        "batch_size": min(batch_size, size),
        "shuffle": shuffle,
        "drop_remainder": drop_remainder,
        "workers": workers,
        "transform": transform_of(),
    }
    plain, _ = run(Source(size=size), **options)
    batches, errors = run(Source(broken, size=size), on_error=on_error, **options)
    assert_mended(batches, plain, broken, on_error, adds_weight=on_error == "substitute", size=size)
    indices = [index for index, *_ in errors]
    assert len(indices) == len(set(indices))
    assert set(indices) <= broken
    assert drop_remainder or set(indices) == broken


def image_folder(root, broken=(1, 3)):
    paths = write_all(root, [f"{number}.png" for number in range(7)])
    for number in broken:
        pathlib.Path(paths[number]).write_bytes(pathlib.Path(paths[number]).read_bytes()[:40])
    return paths


@pytest.mark.parametrize("workers", [*THREADS, PROCESSES[0]], ids=str)
def test_corrupt_image_files_are_replaced_and_named(workers, tmp_path):
    paths = image_folder(tmp_path)
    options = {"image_size": (6, 8), "shuffle": False, "batch_size": 3, "max_errors": 2, "workers": 0}
    with pytest.warns(UserWarning, match=r"1\.png"):
        batches = amalthea.ImageLoader(paths, range(7), on_error="substitute", **options | workers)
        with batches:
            images, labels, weights = (np.concatenate(column) for column in zip(*batches, strict=True))
    assert images[:, 0, 0, 0].tolist() == [0, 0, 20, 0, 40, 50, 60]
    assert labels.tolist() == [0, 0, 2, 0, 4, 5, 6]
    assert weights.tolist() == [1, 0, 1, 0, 1, 1, 1]
    assert [(each.index, each.stage, each.path) for each in batches.errors] == [
        (1, "source", paths[1]),
        (3, "source", paths[3]),
    ]


def test_errors_are_a_sequence_in_the_order_of_the_batches_and_only_the_first_is_warned_of():
    loader = amalthea.Loader(Source({7, 2, 19}), shuffle=False, on_error="substitute", max_errors=3, workers=2)
    assert len(loader.errors) == 0
    assert not loader.errors
    with pytest.warns(UserWarning) as caught:
        for _ in range(2 * EPOCHS):
            list(loader)
    assert len(caught) == 1
    assert "sample 2 could not be made, stage 'source': OSError: no 2" in str(caught[0].message)
    assert [each.index for each in loader.errors] == [2, 7, 19]
    assert all(isinstance(each, SampleError) and each.reason == f"OSError: no {each.index}" for each in loader.errors)
    assert (loader.errors[-1].index, [each.index for each in loader.errors[:2]]) == (19, [2, 7])
    assert "3" in repr(loader.errors)
    with pytest.raises(IndexError):
        loader.errors[3]


def test_raise_is_what_happens_by_itself():
    with pytest.raises(SampleError, match="sample 3 "):
        list(amalthea.Loader(Source({3}), shuffle=False, max_errors=None))


@pytest.mark.parametrize(("max_errors", "allowed"), [(2, 2), (0.1, 3), (0.05, 2), (1, 1), (0.0, 0), (None, 5)])
@pytest.mark.parametrize("workers", [0, 2])
def test_as_many_samples_may_be_broken_as_was_said_and_not_one_more(max_errors, allowed, workers):
    broken = [3, 4, 9, 16, 22]
    options = {"max_errors": max_errors, "on_error": "substitute", "workers": workers, "batch_size": 1}
    _, errors = run(Source(broken[:allowed]), **options)
    assert len(errors) == allowed
    if allowed < len(broken):
        numbers = rf"{allowed + 1} samples are broken, and `max_errors` allows {allowed}"
        with pytest.raises(SampleError, match=rf"sample \d+ could .*{numbers}") as caught:
            run(Source(broken), **options)
        assert caught.value.index in broken


def test_an_error_beyond_the_budget_comes_at_construction_if_the_first_samples_are_broken():
    with pytest.raises(SampleError, match=r"sample 2 .* 3 samples are broken, and `max_errors` allows 2"):
        run(Source({0, 1, 2}), on_error="skip", max_errors=2)


@pytest.mark.parametrize("max_errors", [True, False, -1, -0.1, 1.5, float("nan"), float("inf"), "0.1", "all", [1], {}])
def test_a_budget_that_is_none_is_refused_at_construction(max_errors):
    with pytest.raises(ConfigurationError, match=r"`max_errors` is .* a count"):
        amalthea.Loader([1.0], on_error="skip", max_errors=max_errors)


@pytest.mark.parametrize("on_error", ["ignore", None, True, "Skip"])
def test_an_unknown_on_error_is_refused_at_construction(on_error):
    with pytest.raises(ConfigurationError, match="`on_error` is"):
        amalthea.Loader([1.0], on_error=on_error)


@pytest.mark.parametrize("on_error", MENDING)
@pytest.mark.parametrize("size", [1, 5, 300])
def test_where_all_is_broken_that_is_an_error(on_error, size):
    with pytest.raises(SampleError, match="could not be made"):
        run(Source(range(size), size=size), on_error=on_error)


def test_as_many_of_the_first_samples_may_be_broken_as_of_the_others():
    batches, errors = run(Source(range(150), size=300), on_error="substitute", shuffle=False, batch_size=300, epochs=1)
    assert batches[0][-1].tolist() == [0] * 150 + [1] * 150
    assert [index for index, *_ in errors] == list(range(150))


@pytest.mark.parametrize("workers", THREADS, ids=str)
def test_what_breaks_as_a_whole_later_is_an_error_and_no_endless_loop(workers):
    source = Source()
    with pytest.raises(SampleError, match="nor any of"), amalthea.Loader(source, on_error="skip", **workers) as loader:
        source.broken = range(SIZE)
        next(iter(loader))


def worker_processes():
    return {process.pid for process in multiprocessing.active_children()}


def test_a_sample_that_ends_its_process_is_mended_and_not_tried_again():
    """Its row is what it is where the sample raises an error; the next epoch warns of nothing and loses no process."""
    options = {"batch_size": 20, "seed": SEED, "on_error": "substitute", "transform": transform_of()}
    expected, _ = run(Source({9}), **options)
    with amalthea.Loader(Source(deadly={9}), **options, **PROCESSES[0]) as loader:
        with pytest.warns(UserWarning, match="exit code 3|sample 9 could not be made, stage 'worker'") as caught:
            batches = [keras.tree.map_structure(np.copy, batch) for batch in loader]
        assert sum("could not be made" in str(each.message) for each in caught) == 1
        pids = worker_processes()
        batches += list(loader)
        assert worker_processes() == pids
        assert [(each.index, each.stage) for each in loader.errors] == [(9, "worker")]
    assert_same(batches, expected)


def test_two_processes_that_meet_such_a_sample_at_once_in_batches_of_two_epochs_mend_both():
    options = {"on_error": "substitute", "batch_size": SIZE}
    expected, _ = run(Source({9}), **options)
    got, errors = run(Source(deadly={9}), **options, **PROCESSES[1])
    assert_same(got, expected)
    assert [each[:2] for each in errors] == [(9, "worker")]


def test_a_sample_that_ends_its_process_in_the_place_of_others_is_mended_too():
    """Whether it is met in another's place first, or is known by then."""
    options = {"shuffle": False, "on_error": "skip", "epochs": 1, "batch_size": SIZE}
    for seed in range(100):
        drawn = [int(run(Source({index}), seed=seed, **options)[0][0][0][index, 0]) for index in range(SIZE)]
        trios = [(a, d, b) for a, d in enumerate(drawn) for b in range(d + 1, SIZE) if 0 < a < d and drawn[b] == d]
        if trios:
            break
    before, deadly, after = trios[0]
    expected, _ = run(Source(trios[0]), seed=seed, **options)
    got, errors = run(Source({before, after}, deadly={deadly}), seed=seed, **options, **PROCESSES[0])
    assert_same(got, expected)
    assert [each[:2] for each in errors] == [(before, "source"), (deadly, "worker"), (after, "source")]


def model():
    keras.utils.set_random_seed(1)
    made = keras.Sequential([keras.Input((2,)), keras.layers.Dense(4, activation="tanh"), keras.layers.Dense(1)])
    made.compile(keras.optimizers.SGD(0.1), "mse", weighted_metrics=["mae"])
    return made


def test_rows_of_zero_weight_have_no_influence_on_training_and_evaluation():
    def small(sample, rng):
        x, y = sample
        return np.float32(x / SIZE), np.float32(y / SIZE)

    def garbage(batch, rng):
        x, y, weight = batch
        x[weight == 0], y[weight == 0] = 5, -3
        return batch

    outcomes = []
    for batch_transform in (None, garbage):
        options = {"transform": small, "batch_transform": batch_transform, "on_error": "substitute", "batch_size": 5}
        trained, source = model(), Source({0, 7, 8})
        with pytest.warns(UserWarning, match="sample 0 "):
            training = amalthea.Loader(source, seed=SEED, max_errors=3, workers=2, **options)
        trained.fit(training, epochs=3, verbose=0)
        with pytest.warns(UserWarning, match="sample 0 "):
            validation = amalthea.Loader(source, shuffle=False, max_errors=3, **options)
        outcomes.append([*trained.get_weights(), np.array(trained.evaluate(validation, verbose=0))])
    for left, right in zip(*outcomes, strict=True):
        np.testing.assert_array_equal(left, right)
    assert np.isfinite(outcomes[0][-1]).all()


def test_a_model_is_trained_with_others_in_the_place_of_broken_samples():
    loader = amalthea.Loader(Source({7, 8}), batch_size=5, on_error="skip", workers=2)
    with pytest.warns(UserWarning, match="could not be made"):
        history = model().fit(loader, epochs=2, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    assert {each.index for each in loader.errors} == {7, 8}


def test_a_method_called_name_that_takes_no_index_does_no_harm_to_a_source_without_broken_samples():
    class Named(list):
        def name(self):
            return "squares"

    assert next(iter(amalthea.Loader(Named([1.0, 4.0]), shuffle=False))).tolist() == [1, 4]
