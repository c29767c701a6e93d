"""Each sample exactly once an epoch, whatever is done to the training; counted by the model itself."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import amalthea
from streams import Counting, Identified

SIZE = 11


def loader(size=SIZE, **options):
    return amalthea.Loader(Identified(size), **{"batch_size": 3, "seed": 1, **options})


@settings(max_examples=150)
@given(
    size=st.integers(1, 40),
    batch_size=st.integers(1, 12),
    drop_remainder=st.booleans(),
    shuffle=st.booleans(),
    workers=st.sampled_from([0, 1, 2, 4]),
    max_queue_size=st.integers(0, 4),
    data=st.data(),
)
def test_all_batches_together_are_the_data(size, batch_size, drop_remainder, shuffle, workers, max_queue_size, data):
    batch_size = min(batch_size, size) if drop_remainder else batch_size
    options = {"drop_remainder": drop_remainder, "workers": workers, "max_queue_size": max_queue_size}
    with loader(size, batch_size=batch_size, shuffle=shuffle, **options) as batches:
        assert len(batches) == (size // batch_size if drop_remainder else -(-size // batch_size))
        for _ in range(2):
            batches.on_epoch_begin()
            numbers = data.draw(st.permutations(range(len(batches)))) if shuffle else range(len(batches))
            seen = np.concatenate([batches[number][0][:, 0] for number in numbers])
            batches.on_epoch_end()
            assert len(set(seen.tolist())) == len(seen) == (len(batches) * batch_size if drop_remainder else size)
            if not shuffle:
                assert seen.tolist() == list(range(len(seen)))


@settings(max_examples=60)
@given(size=st.integers(1, 30), batch_size=st.integers(1, 8), steps=st.integers(1, 12), epochs=st.integers(1, 6))
def test_shorter_and_longer_epochs_go_through_the_data_without_a_gap(size, batch_size, steps, epochs):
    batches = loader(size, batch_size=batch_size, steps_per_epoch=steps, workers=0)
    seen = np.concatenate([x[:, 0] for _ in range(epochs) for x, _ in batches])
    whole = len(seen) // size * size
    for start in range(0, whole, size):
        assert sorted(seen[start : start + size].tolist()) == list(range(size))
    assert len(set(seen[whole:].tolist())) == len(seen) - whole


def test_a_callback_that_looks_at_a_batch_in_mid_epoch_loses_nothing():
    training, model = loader(workers=2), Counting(SIZE)

    class Look(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            assert training[0][0].shape[1] == 2

    model.fit(training, epochs=3, verbose=0, callbacks=[Look()])
    assert model.seen.tolist() == [3] * SIZE


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_the_fit_after_an_interrupted_one_sees_every_sample_once(error, shuffle):
    training, model = loader(shuffle=shuffle, workers=2), Counting(SIZE)

    class Interrupt(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 1:
                raise error("stop")

    for _ in range(2):
        with pytest.raises(error):
            model.fit(training, verbose=0, shuffle=shuffle, callbacks=[Interrupt()])
        model.counts.assign([0] * SIZE)
        model.fit(training, verbose=0, shuffle=shuffle)
        assert model.seen.tolist() == [1] * SIZE


def test_after_an_interrupted_fit_reset_gives_the_epoch_in_its_planned_order():
    training = loader()
    planned = [x[:, 0].tolist() for x, _ in loader()]
    training.on_epoch_begin()
    assert training[3][0][:, 0].tolist() == planned[0]
    training.reset()
    assert [x[:, 0].tolist() for x, _ in training] == planned


def test_stop_training_in_mid_epoch_loses_nothing():
    training, model = loader(workers=2), Counting(SIZE)

    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = batch == 1

    model.fit(training, verbose=0, callbacks=[Stop()])
    model.counts.assign([0] * SIZE)
    model.fit(training, epochs=2, verbose=0)
    assert model.seen.tolist() == [2] * SIZE


def test_unshuffled_under_a_fit_that_shuffles_warns_once_and_loses_nothing():
    training, model = loader(60, shuffle=False, workers=2), Counting(60)
    with pytest.warns(UserWarning) as caught:
        model.fit(training, epochs=2, verbose=0)
    messages = [str(each.message) for each in caught if "unshuffled loader" in str(each.message)]
    assert len(messages) == 1
    assert "pass `shuffle=False` to it, or `shuffle=True` to the loader" in messages[0]
    assert model.seen.tolist() == [2] * 60


def test_a_random_order_is_told_of_wherever_the_fit_before_was_interrupted():
    training, model = loader(18, shuffle=False, workers=2), Counting(18)

    class Interrupt(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 4:
                raise KeyboardInterrupt

    keras.utils.set_random_seed(1)
    model.fit(training, verbose=0, shuffle=False)
    with pytest.raises(KeyboardInterrupt):
        model.fit(training, verbose=0, shuffle=False, callbacks=[Interrupt()])
    with pytest.warns(UserWarning, match="unshuffled loader"):
        model.fit(training, verbose=0)


def test_rows_of_predict_line_up_with_the_source():
    model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones")])
    source = [np.array([i], np.float32) for i in range(23)]
    for _ in range(2):
        predicted = model.predict(amalthea.Loader(source, batch_size=4, shuffle=False, workers=2), verbose=0)
        assert predicted[:, 0].tolist() == list(range(23))


@pytest.mark.parametrize("shuffle", [True, False])
def test_evaluate_of_a_fresh_model_is_the_plain_result(shuffle):
    """With the batches replayed that Keras fetches while it builds the model, this is wrong."""
    model = keras.Sequential([keras.layers.Dense(1, kernel_initializer="ones")])
    model.compile("sgd", "mse", metrics=["mae"])
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(23, 1)).astype("float32"), 10 * rng.normal(size=23).astype("float32")
    source = list(zip(x, y, strict=True))
    for _ in range(2):
        loss, error = model.evaluate(amalthea.Loader(source, batch_size=4, shuffle=shuffle, workers=2), verbose=0)
        assert loss == pytest.approx(np.mean((x[:, 0] - y) ** 2), rel=1e-5)
        assert error == pytest.approx(np.mean(np.abs(x[:, 0] - y)), rel=1e-5)
