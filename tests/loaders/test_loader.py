"""The Loader: arguments, shapes of samples under every backend, and what it leaves behind."""

import gc
import threading
import weakref

import keras
import loky
import numpy as np
import pytest

import amalthea
from amalthea import ConfigurationError, SampleError


def threads():
    gc.collect()  # loaders of other tests that wait for it
    return {thread for thread in threading.enumerate() if thread.name.startswith("amalthea")}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 0}, "`batch_size` is 0; it must be an integer of 1 or more"),
        ({"batch_size": 2.5}, "`batch_size` is 2.5"),
        ({"batch_size": True}, "`batch_size` is True"),
        ({"seed": -1}, "`seed` is -1"),
        ({"seed": "a"}, "`seed` is 'a'"),
        ({"workers": -1}, "`workers` is -1"),
        ({"max_queue_size": -2}, "`max_queue_size` is -2"),
        ({"timeout_s": 1}, "pass `use_multiprocessing=True`"),
        ({"timeout_s": 0, "use_multiprocessing": True}, "`timeout_s` is 0"),
        ({"steps_per_epoch": 0}, "`steps_per_epoch` is 0"),
        ({"batch_size": 9, "drop_remainder": True}, "Make `batch_size` smaller or keep the remainder"),
        ({"transform": 3}, "`transform`"),
        ({"transform": [lambda sample, rng: sample, "flip"]}, "`transform` holds 'flip'"),
        ({"batch_transform": 3}, "`batch_transform` holds 3"),
    ],
)
def test_a_bad_argument_is_named_at_construction_with_its_remedy(options, message):
    with pytest.raises(ConfigurationError, match=message):
        amalthea.Loader([1.0, 2.0, 3.0], **options)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ([], "is empty"),
        ((i for i in range(3)), "Put the samples of a generator into a list"),
        (3, "a source has"),
        (["text"], "turn it into numbers"),
        ([(1, 2, 3, 4)], "tuple of 4"),
    ],
)
def test_a_bad_source_is_refused_at_construction(source, message):
    with pytest.raises(ConfigurationError, match=message):
        amalthea.Loader(source)


def test_an_error_of_the_first_sample_comes_at_construction():
    def fail(sample, rng):
        raise RuntimeError("boom")

    with pytest.raises(SampleError, match="sample 0 could not be made, stage 'transform': RuntimeError: boom"):
        amalthea.Loader([1.0], transform=fail)


def test_a_batch_that_there_is_not_is_an_index_error():
    loader = amalthea.Loader([1.0, 2.0, 3.0], batch_size=2)
    for number in (-1, 2):
        with pytest.raises(IndexError):
            loader[number]
    with pytest.raises(TypeError):
        loader["0"]


def test_seed_none_is_drawn_and_kept():
    a, b = amalthea.Loader([1.0]), amalthea.Loader([1.0])
    assert a.seed != b.seed
    source = [float(i) for i in range(100)]
    first = amalthea.Loader(source, batch_size=100)
    again = amalthea.Loader(source, batch_size=100, seed=first.seed)
    assert next(iter(first)).tolist() == next(iter(again)).tolist()


def test_nothing_touches_the_global_random_state():
    np.random.seed(3)
    before = np.random.get_state()[1].tolist()
    for _ in amalthea.Loader([float(i) for i in range(10)], batch_size=2, transform=lambda x, rng: x + rng.random()):
        pass
    assert np.random.get_state()[1].tolist() == before


X = np.arange(14, dtype=np.float32).reshape(7, 2)
Y = X.sum(axis=1)


def two_inputs():
    a, b = keras.Input((2,), name="a"), keras.Input((2,), name="b")
    model = keras.Model([a, b], keras.layers.Dense(1)(keras.layers.Add()([a, b])))
    model.compile("sgd", "mse")
    return model


def named_inputs():
    a, b = keras.Input((2,), name="a"), keras.Input((2,), name="b")
    model = keras.Model({"a": a, "b": b}, keras.layers.Dense(1)(keras.layers.Add()([a, b])))
    model.compile("sgd", "mse")
    return model


def one_input():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


@pytest.mark.parametrize(
    ("build", "sample"),
    [
        (one_input, lambda i: (X[i], Y[i])),
        (one_input, lambda i: [X[i], Y[i]]),
        (one_input, lambda i: (X[i], Y[i], None)),
        (one_input, lambda i: (X[i], Y[i], 0.5)),
        (one_input, lambda i: (X[i], float(Y[i]), 2)),
        (two_inputs, lambda i: ((X[i], X[i]), Y[i])),
        (two_inputs, lambda i: ([X[i], X[i]], Y[i])),
        (named_inputs, lambda i: ({"a": X[i], "b": X[i]}, Y[i])),
    ],
)
def test_every_form_of_a_sample_trains_evaluates_and_predicts(build, sample):
    model, source = build(), [sample(i) for i in range(7)]
    history = model.fit(amalthea.Loader(source, batch_size=2, workers=2), epochs=2, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    ordered = amalthea.Loader(source, batch_size=3, shuffle=False)
    assert np.isfinite(model.evaluate(ordered, verbose=0))
    assert model.predict(ordered, verbose=0).shape == (7, 1)


def test_samples_of_x_alone_are_predicted():
    model = one_input()
    assert model.predict(amalthea.Loader(X, batch_size=3, shuffle=False), verbose=0).shape == (7, 1)
    batches = list(amalthea.Loader(X, batch_size=3, shuffle=False))
    np.testing.assert_array_equal(np.concatenate(batches), X)


def test_class_weight_of_fit_is_taken():
    model = one_input()
    source = [(X[i], i % 2) for i in range(7)]
    model.fit(amalthea.Loader(source, batch_size=3), class_weight={0: 1.0, 1: 2.0}, verbose=0)


def test_fit_says_how_many_steps_there_are():
    history = one_input().fit(amalthea.Loader(list(zip(X, Y, strict=True)), batch_size=2), epochs=1, verbose=0)
    assert history.params["steps"] == 4


def test_keras_starts_no_workers_of_its_own():
    loader = amalthea.Loader(X, workers=4)
    assert (loader.workers, loader.use_multiprocessing) == (1, False)


def test_a_sample_error_in_training_names_the_sample_on_every_backend_and_the_loader_lives_on():
    class Source(list):
        broken = True

        def __getitem__(self, index):
            if self.broken and index == 5:
                raise ValueError("the disk is on fire")
            return super().__getitem__(index)

    source = Source(zip(X, Y, strict=True))
    loader, model = amalthea.Loader(source, batch_size=2, workers=2), one_input()
    with pytest.raises(Exception, match=r"sample 5 .*the disk is on fire"):  # TensorFlow wraps it into its own
        model.fit(loader, verbose=0)
    source.broken = False
    model.fit(loader, verbose=0)


def test_epochs_are_counted_and_can_be_gone_to():
    source = [float(i) for i in range(6)]
    loader = amalthea.Loader(source, batch_size=6, seed=0)
    epochs = [batch.tolist() for _ in range(3) for batch in loader]
    assert loader.epoch == 3
    loader.set_epoch(1)
    assert loader.epoch == 1
    assert next(iter(loader)).tolist() == epochs[1]
    assert loader.epoch == 1  # left in its middle
    loader.reset()
    assert [batch.tolist() for _ in range(2) for batch in loader] == epochs[1:]
    loader.reset()  # nothing was interrupted
    assert loader.epoch == 3


def test_what_keras_reads_of_a_loader_cannot_be_set_later():
    loader = amalthea.Loader(X, workers=4, max_queue_size=3)
    assert loader.max_queue_size == 3
    for name in ("workers", "use_multiprocessing", "max_queue_size"):
        with pytest.raises(ConfigurationError, match=f"`{name}` is an argument of the loader's constructor"):
            setattr(loader, name, 2)


def test_a_transform_may_write_into_its_sample_and_leaves_the_source_alone():
    def add_one(sample, rng):
        sample[0][...] += 1
        return sample

    x = np.zeros((4, 2))
    loader = amalthea.Loader([[row, 0] for row in x], transform=add_one, batch_size=4)
    for _ in range(3):
        assert (next(iter(loader))[0] == 1).all()
    assert (x == 0).all()


def test_an_integer_that_does_not_fit_is_an_error():
    loader = amalthea.Loader([np.int8(1), np.int64(300)], batch_size=2, shuffle=False)
    with pytest.raises(SampleError, match=r"sample 1 .*'batch'"):
        loader[0]


def test_a_tuple_of_arrays_is_refused_with_the_remedy():
    with pytest.raises(ConfigurationError, match=r"`ArrayLoader\(x, y\)`"):
        amalthea.Loader((X, Y))


@pytest.mark.parametrize("result", [None, "text", ([1.0], [2.0])])
def test_a_batch_transform_that_returns_no_arrays_is_told(result):
    loader = amalthea.Loader(X, batch_transform=lambda batch, rng: result)
    with pytest.raises(SampleError, match="must return NumPy arrays"):
        loader[0]


def test_a_source_whose_name_is_a_string_keeps_its_error():
    class Named(list):
        name = "mine"

        def __getitem__(self, index):
            raise OSError("disk")

    with pytest.raises(SampleError, match="OSError: disk"):
        amalthea.Loader(Named([1.0]))


def test_the_classic_loop_with_on_epoch_end_sees_epoch_after_epoch():
    loader, by_hand = (amalthea.Loader([float(i) for i in range(7)], batch_size=3, seed=1) for _ in range(2))
    for _ in range(3):
        classic = [loader[number].tolist() for number in range(len(loader))]
        loader.on_epoch_end()
        assert classic == [batch.tolist() for batch in by_hand]


def test_peek_takes_nothing():
    loader = amalthea.Loader([float(i) for i in range(6)], batch_size=2, seed=0)
    coming = loader.peek()
    coming += 100
    assert (next(iter(loader)) == coming - 100).all()


def test_two_loops_at_once_each_see_the_whole_epoch():
    loader = amalthea.Loader([float(i) for i in range(6)], batch_size=2, seed=0)
    pairs = list(zip(loader, loader, strict=True))
    for side in zip(*pairs, strict=True):  # of two epochs
        assert sorted(np.concatenate(side).tolist()) == list(range(6))


def test_with_and_close_end_the_threads():
    before = threads()
    with amalthea.Loader(X, batch_size=2, workers=3) as loader:
        next(iter(loader))
        assert len(threads() - before) == 3
    assert not threads() - before
    assert len(list(loader)) == 4  # and may be used again
    loader.close()


def test_a_loader_that_is_collected_leaves_no_thread():
    before = threads()
    loader = amalthea.Loader(X, batch_size=2, workers=3)
    next(iter(loader))
    started, gone = threads() - before, weakref.ref(loader)
    del loader
    gc.collect()
    assert gone() is None
    for thread in started:
        thread.join(20)
    assert not threads() - before


def test_a_hundred_interrupted_fits_leave_no_thread():
    before = threads()
    model = one_input()

    class Interrupt(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            raise KeyboardInterrupt

    source = list(zip(X, Y, strict=True))
    for _ in range(100):
        loader = amalthea.Loader(source, batch_size=2, workers=2)
        with pytest.raises(KeyboardInterrupt):
            model.fit(loader, verbose=0, callbacks=[Interrupt()])
        loader.close()
    del loader
    gc.collect()
    assert not threads() - before


def test_the_default_is_one_thread_for_each_core_that_may_be_used():
    before = threads()
    with amalthea.Loader(X, batch_size=2) as loader:
        next(iter(loader))
        assert len(threads() - before) == loky.cpu_count()
