"""State and `fit`: between fits, in the midst of one, in validation, and a fit that goes on in mid-epoch."""

import json

import keras
import numpy as np
import pytest

import amalthea
from amalthea import ConfigurationError
from every_loader import Threes, Turned
from streams import BATCHES, SEED, digest_of, expected, hashing_model, loader


def fit(model, training, *, epochs, **options):
    """Returns the hash of what this fit saw."""
    model.digest.assign([0, 0])
    model.fit(training, epochs=epochs, verbose=0, **options)
    return model.seen.tolist()


def place_of(training):
    state = training.state_dict()
    return state["epoch"], state["position"]


def at(epoch, position, **options):
    """A new loader that goes on there."""
    training = loader(**options)
    training.load_state_dict({**loader().state_dict(), "epoch": epoch, "position": position})
    return training


@pytest.fixture(scope="module")
def model():
    """One that is built: to build it takes longer than all else here."""
    model = hashing_model()
    fit(model, loader(), epochs=1)
    return model


class Ask(keras.callbacks.Callback):
    """Asks for the state whenever it can; keeps what was said at beginnings, in validation, and at ends."""

    def __init__(self, training):
        super().__init__()
        self.training, self.at_beginnings, self.at_steps, self.in_validation, self.at_ends = training, [], [], [], []

    def on_train_begin(self, logs=None):
        self.at_beginnings.append(place_of(self.training))

    def on_epoch_begin(self, epoch, logs=None):
        self.at_beginnings.append(place_of(self.training))

    def on_train_batch_begin(self, batch, logs=None):
        self.training.state_dict()

    def on_train_batch_end(self, batch, logs=None):
        self.at_steps.append(self.training.state_dict())

    def on_test_batch_end(self, batch, logs=None):
        self.in_validation.append(place_of(self.training))

    def on_epoch_end(self, epoch, logs=None):
        self.at_ends.append(place_of(self.training))


@pytest.mark.parametrize("workers", [0, 2])
def test_a_state_between_fits_is_the_beginning_of_the_next_epoch(workers, model):
    training = loader(workers=workers)
    for epoch in (0, 2):
        assert place_of(training) == (epoch, 0)
        state = json.loads(json.dumps(training.state_dict()))
        assert fit(model, training, epochs=2) == expected(8, skip=4 * epoch)
        again = loader(workers=workers)
        again.load_state_dict(state)
        assert again.epoch == epoch
        assert fit(model, again, epochs=2) == expected(8, skip=4 * epoch)


@pytest.mark.parametrize("position", range(BATCHES))
@pytest.mark.parametrize("workers", [0, 2])
def test_a_fit_in_mid_epoch_goes_on_at_that_batch_with_epochs_of_full_length(workers, position, model):
    training, more = at(1, position, workers=workers), {"validation_data": loader(shuffle=False)}
    first = BATCHES + position
    assert fit(model, training, epochs=2, **more) == expected(8, skip=first)
    assert place_of(training) == (3, position)
    assert fit(model, training, epochs=1, shuffle=False) == expected(4, skip=first + 8)
    training.load_state_dict(at(0, position).state_dict())
    assert fit(model, training, epochs=1) == expected(4, skip=position)


@pytest.mark.parametrize("validated", [False, True])
def test_a_model_that_is_built_or_compiled_anew_in_mid_epoch_takes_no_batch(validated):
    training, model = at(0, 3, workers=2), hashing_model()
    more = {"validation_data": loader(shuffle=False)} if validated else {}
    ask = Ask(training)
    assert fit(model, training, epochs=2, callbacks=[ask], **more) == expected(8, skip=3)
    assert ask.at_beginnings == [(0, 3), (0, 3), (1, 3)]
    model.compile("sgd", "mse")
    assert fit(model, training, epochs=1, **more) == expected(4, skip=11)


@pytest.mark.parametrize("position", range(BATCHES))
def test_an_unshuffled_fit_in_mid_epoch_goes_on(position, model):
    training = loader(shuffle=False, workers=2)
    training.load_state_dict({**training.state_dict(), "epoch": 1, "position": position})
    assert fit(model, training, epochs=2, shuffle=False) == expected(8, skip=4 + position, shuffle=False)


def test_a_loop_by_hand_after_a_state_in_mid_epoch_ends_with_that_epoch_and_a_fit_follows(model):
    training = at(0, 3)
    assert digest_of([x for x, _ in training]).tolist() == expected(1, skip=3)
    assert place_of(training) == (1, 0)
    assert fit(model, training, epochs=1) == expected(4, skip=4)
    assert digest_of([x for x, _ in training]).tolist() == expected(4, skip=8)


def test_a_loop_by_hand_after_a_fit_that_began_in_mid_epoch_ends_with_the_epoch_of_the_data(model):
    training = at(0, 3)
    assert fit(model, training, epochs=1) == expected(4, skip=3)
    assert place_of(training) == (1, 3)
    again = loader()
    again.load_state_dict(training.state_dict())
    assert digest_of([x for x, _ in again]).tolist() == expected(1, skip=7)


@pytest.mark.parametrize("position", [0, 2])
def test_asking_in_the_midst_of_a_fit_changes_nothing(position, model):
    training = at(0, position, workers=2)
    validation = loader(shuffle=False)
    ask, other = Ask(training), Ask(validation)
    options = {"callbacks": [ask, other], "validation_data": validation}
    assert fit(model, training, epochs=3, **options) == expected(12, skip=position)
    assert ask.in_validation == [(epoch, position) for epoch in (1, 2, 3) for _ in range(BATCHES)]
    assert ask.at_ends == [(1, position), (2, position), (3, position)]
    assert len(other.in_validation) == 3 * BATCHES


def test_in_the_midst_of_a_fit_a_state_tells_what_was_asked_for(model):
    training = loader(workers=2)
    ask = Ask(training)
    assert fit(model, training, epochs=2, callbacks=[ask]) == expected(8)
    for seen, state in enumerate(ask.at_steps, start=1):
        asked = BATCHES * state["epoch"] + state["position"]
        assert seen <= asked <= BATCHES * -(-seen // BATCHES)
        again = loader()
        again.load_state_dict(state)
        assert digest_of([x for x, _ in again]).tolist() == expected(BATCHES - asked % BATCHES, skip=asked)


def test_after_an_interrupted_fit_a_state_takes_the_loader_back(model):
    training = loader(workers=2)

    class Interrupt(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 1:
                raise KeyboardInterrupt

    state = training.state_dict()
    with pytest.raises(KeyboardInterrupt):
        model.fit(training, verbose=0, callbacks=[Interrupt()])
    training.load_state_dict(state)
    assert fit(model, training, epochs=1) == expected(4)
    training.load_state_dict({**state, "position": 2})
    assert fit(model, training, epochs=1) == expected(4, skip=2)


def test_reset_and_set_epoch_after_a_state(model):
    training = at(1, 2)
    training.reset()
    assert place_of(training) == (1, 0)
    assert digest_of([x for x, _ in training]).tolist() == expected(4, skip=4)
    training.load_state_dict({**training.state_dict(), "epoch": 1, "position": 2})
    training.set_epoch(3)
    assert place_of(training) == (3, 0)
    assert fit(model, training, epochs=1) == expected(4, skip=12)


def test_a_state_of_a_reset_loader_is_the_beginning_of_the_epoch():
    training = loader()
    next(iter(training))
    assert place_of(training) == (0, 1)
    training.reset()
    assert place_of(training) == (0, 0)


def test_a_peek_after_a_state_shows_the_batch_that_comes_next_and_takes_nothing(model):
    training = at(1, 2, workers=2)
    x, _ = training.peek()
    assert digest_of([x]).tolist() == expected(1, skip=6)
    assert place_of(training) == (1, 2)
    assert fit(model, training, epochs=1) == expected(4, skip=6)


@pytest.mark.parametrize("steps", [1, 2, 3, 5])
def test_shorter_and_longer_epochs_of_keras_go_on_from_a_state(steps, model):
    training = loader(steps_per_epoch=steps)
    training.load_state_dict({**training.state_dict(), "epoch": 2, "position": steps - 1})
    first = 3 * steps - 1
    assert fit(model, training, epochs=2) == expected(2 * steps, skip=first)


def test_evaluate_and_predict_with_others_in_between_change_no_state(model):
    training, other = at(1, 2), loader(shuffle=False)
    model.evaluate(other, verbose=0)
    model.predict(other, verbose=0)
    assert place_of(training) == (1, 2)
    assert place_of(other)[1] == 0
    assert fit(model, training, epochs=1) == expected(4, skip=6)


@pytest.mark.filterwarnings("ignore:Keras asks for the batches in random order")
def test_a_sequence_that_is_told_of_epochs_begins_no_fit_in_the_middle_of_one():
    with amalthea.SequenceLoader(Turned(), seed=SEED, workers=2) as first:
        next(iter(first))
        state = first.state_dict()
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    with amalthea.SequenceLoader(Turned(), seed=SEED, workers=2) as training:
        training.load_state_dict(state)
        with pytest.raises(
            ConfigurationError, match=r"`BackupLoader`, or in a loop written by hand, or call `loader\."
        ):
            model.fit(training, epochs=1, verbose=0)
        training.reset()
        model.fit(training, epochs=2, verbose=0)
        assert place_of(training) == (2, 0)
        assert training.sequence.indices.tolist() == np.roll(np.arange(7), 2).tolist()
    with amalthea.SequenceLoader(Threes(), seed=SEED, workers=2) as untold:
        untold.load_state_dict({**untold.state_dict(), "position": 1})
        model.fit(untold, epochs=2, verbose=0)
        assert place_of(untold) == (2, 1)
