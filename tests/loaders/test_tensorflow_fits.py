"""TensorFlow reads ahead in a thread, which may ask once more when its `fit` was interrupted and the next one runs."""

import keras
import numpy as np
import pytest
from keras.src.trainers.data_adapters.py_dataset_adapter import PyDatasetAdapter

import amalthea
from amalthea import ConfigurationError
from streams import BATCHES, digest_of, expected, hashing_model, loader


class Fit:
    """What Keras does with a loader in a `fit`, step by step."""

    def __init__(self, training):
        self.adapter = PyDatasetAdapter(training)
        self.dataset = self.adapter.get_tf_dataset()
        self.adapter.on_epoch_end()
        self.seen = []
        self.begin()

    def begin(self):
        self.adapter.on_epoch_begin()
        self.asks = self.adapter._get_iterator()

    def step(self):
        batch = next(self.asks)
        self.seen.append(batch[0] if isinstance(batch, tuple) else batch)

    def end(self):
        self.adapter.on_epoch_end()


@pytest.mark.parametrize("again", ["reset", "set_epoch", "load_state_dict"])
@pytest.mark.parametrize("late", range(BATCHES))
def test_an_interrupted_fit_takes_nothing_from_the_next(again, late):
    training = loader()
    state = training.state_dict()
    interrupted = Fit(training)
    interrupted.step()
    if again == "reset":
        training.reset()
    elif again == "set_epoch":
        training.set_epoch(0)
    else:
        training.load_state_dict(state)
    following = Fit(training)
    for step in range(BATCHES):
        if step == late:
            with pytest.raises(ConfigurationError, match="was interrupted"):
                interrupted.step()
        following.step()
    following.end()
    assert digest_of(following.seen).tolist() == expected(BATCHES)


def test_a_fit_without_any_of_these_goes_on_in_the_pass_and_each_batch_is_seen():
    training = loader()
    interrupted = Fit(training)
    interrupted.step()
    following = Fit(training)
    for step in range(BATCHES):
        if step == 1:
            interrupted.step()
        following.step()
    assert digest_of(following.seen).tolist() == expected(BATCHES)


UNSHUFFLED = {
    "loader": lambda: amalthea.Loader(np.arange(12.0), batch_size=2, shuffle=False, workers=0),
    "sequence": lambda: amalthea.SequenceLoader(Batches(), workers=0),
}


class Batches(keras.utils.PyDataset):
    def __len__(self):
        return 6

    def __getitem__(self, number):
        return np.array([2.0 * number, 2.0 * number + 1])


@pytest.mark.parametrize("kind", UNSHUFFLED)
@pytest.mark.parametrize("late", range(12))
@pytest.mark.parametrize("taken", [1, 3])
def test_an_interrupted_fit_makes_no_random_order_of_the_next(kind, taken, late):
    """A warning would be an error here."""
    training = UNSHUFFLED[kind]()
    interrupted = Fit(training)
    for _ in range(taken):
        interrupted.step()
    following = Fit(training)
    for step in range(12):
        if step == 6:
            following.end()
            following.begin()
        if step == late:
            interrupted.step()
        following.step()
    following.end()
    for seen in (following.seen[:6], following.seen[6:]):
        assert sorted(np.concatenate(seen).tolist()) == list(range(12))


def test_a_fit_goes_on_after_another_one_has_run_in_the_midst_of_it():
    training = loader()
    outer = Fit(training)
    outer.step()
    inner = Fit(training)
    outer.step()  # its thread reads ahead meanwhile
    inner.end()
    outer.step()


def test_a_loop_by_hand_that_calls_what_keras_calls_is_nobody_known():
    training = loader()
    training.on_epoch_begin()
    seen = [training[number][0] for number in range(BATCHES)]
    training.on_epoch_end()
    assert digest_of(seen).tolist() == expected(BATCHES)


def test_steps_per_epoch_let_one_reader_go_on_over_epochs():
    model, training = hashing_model(), loader()
    model.fit(training, epochs=1, verbose=0)
    model.digest.assign([0, 0])
    model.fit(training, epochs=4, steps_per_epoch=2, verbose=0)
    assert model.seen.tolist() == expected(8, skip=BATCHES)


class Interrupt(keras.callbacks.Callback):
    """Interrupts after a step."""

    def on_train_batch_end(self, batch, logs=None):
        raise KeyboardInterrupt


def test_who_keeps_the_error_of_an_interrupt_keeps_its_reader_and_loses_nothing():
    """As a notebook does."""
    model, training = hashing_model(), loader(workers=2)
    model.fit(loader(), verbose=0)
    kept = []
    for _ in range(10):
        state = training.state_dict()
        try:
            model.fit(training, verbose=0, callbacks=[Interrupt()])
        except KeyboardInterrupt as error:
            kept.append(error)
        training.load_state_dict(state)
        model.digest.assign([0, 0])
        model.fit(training, verbose=0)
        assert model.seen.tolist() == expected(BATCHES)
        training.load_state_dict(state)
