"""An interrupt while `fit` runs through the steps that were taken leaves the model as it was."""

import itertools
import sys

import keras
import numpy as np
import pytest

from amalthea.loaders import backup_steps
from amalthea.loaders.backup import BackupLoader
from amalthea.loaders.backup_steps import TakenSteps
from interrupted import Interrupt, InterruptError, Twins, assert_same, data_of, left_of, loader_of


def model_of(seed=1):
    dense = keras.layers.Dense(1, kernel_initializer=keras.initializers.GlorotUniform(seed))
    model = keras.Sequential([keras.Input((4,)), dense])
    model.compile("sgd", "mse")
    return model


@pytest.fixture(scope="module")
def twins():
    return Twins(model_of)


class Stopped(BackupLoader):
    """Is interrupted behind what it does before a step, as by Ctrl-C."""

    def on_train_batch_begin(self, batch, logs=None):
        super().on_train_batch_begin(batch, logs)
        if batch == 2:
            raise KeyboardInterrupt


def fit(model, loader, *callbacks):
    return left_of(model, model.fit(loader, epochs=2, verbose=0, callbacks=list(callbacks)))


@pytest.fixture
def stopped(twins, tmp_path, its_loader):
    """A model whose training was interrupted, and once more among the steps that were taken."""
    model, other = twins.begin()
    loader = loader_of()
    with pytest.raises(InterruptError):
        fit(model, loader, BackupLoader(loader, tmp_path, save_freq=1), Interrupt(10))
    with pytest.raises(KeyboardInterrupt):
        fit(other, its_loader, Stopped(its_loader, tmp_path, save_freq=1))
    return other


@pytest.fixture
def its_loader():
    return loader_of()


def steps_of(model):
    return int(model.optimizer.iterations)


def test_another_training_of_the_model_makes_every_step(stopped):
    before, loader = steps_of(stopped), loader_of()
    fit(stopped, loader)
    assert steps_of(stopped) - before == 2 * len(loader)


def test_another_training_from_the_same_loader_has_whole_batches(stopped, its_loader):
    before = steps_of(stopped)
    its_loader.reset()
    history = stopped.fit(its_loader, epochs=2, verbose=0).history
    assert steps_of(stopped) - before == 2 * len(its_loader)
    assert np.isfinite(history["loss"]).all()
    assert [len(x) for x, *_ in its_loader] == [len(x) for x, *_ in loader_of()]


def test_the_same_holds_without_a_reset(stopped, its_loader):
    before = steps_of(stopped)
    history = stopped.fit(its_loader, epochs=2, verbose=0).history
    assert steps_of(stopped) - before == 2 * len(its_loader)
    assert np.isfinite(history["loss"]).all()


def test_a_step_by_hand_is_made(stopped):
    before = steps_of(stopped)
    stopped.train_on_batch(*data_of(4))
    assert steps_of(stopped) - before == 1


def test_the_same_training_goes_on(twins, stopped, tmp_path):
    loader = loader_of()
    left = fit(stopped, loader, BackupLoader(loader, tmp_path, save_freq=1))
    assert_same(left, fit(twins.begin()[0], loader_of()))


def run_until(bytecode, function):
    """Calls a function, and interrupts it at the bytecode of that number within the module; tells whether it was."""
    left = itertools.count(bytecode, -1)

    def trace(frame, event, argument):
        if frame.f_code.co_filename != backup_steps.__file__:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode" and not next(left):
            raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return False


@pytest.mark.parametrize("use", ["step", "next fit"])
def test_an_interrupt_at_any_bytecode_leaves_no_empty_step(use):
    model = model_of()
    model.make_train_function()
    train = model.train_function

    def run():
        TakenSteps(model, {}).pass_next()
        if use == "step":
            assert model.train_function(iter([None])) == {}
        else:
            model.make_train_function()
        assert model.train_function is train

    bytecodes = 0
    while run_until(bytecodes, run):
        model.make_train_function()  # as every `fit` does first
        assert model.train_function is train
        assert "make_train_function" not in vars(model)
        bytecodes += 1
    assert bytecodes > 50


def test_a_model_that_is_compiled_anew_behind_an_interrupt_has_its_new_step():
    model = model_of()
    TakenSteps(model, {}).pass_next()
    model.compile(keras.optimizers.SGD(0.0), "mse")
    before = model.get_weights()
    model.train_on_batch(*data_of(4))
    assert steps_of(model) == 1
    np.testing.assert_array_equal(model.get_weights()[0], before[0])


def test_a_second_one_finds_the_true_step():
    model = model_of()
    model.make_train_function()
    train = model.train_function
    TakenSteps(model, {}).pass_next()
    TakenSteps(model, {"loss": 1.0}).pass_next()
    assert model.train_function(iter([None])) == {"loss": 1.0}
    assert model.train_function is train
