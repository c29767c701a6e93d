"""The same stream everywhere, seen from inside of the training. The reference is NumPy alone, so what holds under each
backend here holds between the backends."""

import itertools
import warnings

import numpy as np
import pytest

import amalthea
from streams import BATCHES, SEED, Identified, consumed, digest_of, expected, hashing_model, loader, mark, planned


def fit(model, training, *, epochs, **options):
    """Returns the hash of what this fit saw."""
    model.digest.assign([0, 0])
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Your input ran out of data")  # steps_per_epoch beyond the data: meant
        model.fit(training, epochs=epochs, verbose=0, **options)
    return model.seen.tolist()


@pytest.mark.parametrize("validation", [False, True])
@pytest.mark.parametrize(
    ("workers", "processes"), [(0, False), (1, False), (2, False), (4, False), (1, True), (2, True), (4, True)]
)
def test_three_epochs_then_later_fits_of_models_built_or_not(workers, processes, validation):
    crew = {"workers": workers, "use_multiprocessing": processes}
    # TensorFlow keeps every dataset that it was given: only `close` ends the processes of this one.
    with loader(**crew) as training, loader(shuffle=False, **crew) as unshuffled:
        options = {"validation_data": unshuffled} if validation else {}
        model = hashing_model()
        assert fit(model, training, epochs=3, **options) == expected(12)
        assert fit(model, training, epochs=2, shuffle=False, **options) == expected(8, skip=12)
        model.compile("sgd", "mse")
        assert fit(model, training, epochs=1, **options) == expected(4, skip=20)
        assert fit(hashing_model(), training, epochs=1, **options) == expected(4, skip=24)


@pytest.mark.parametrize("steps", range(1, BATCHES + 2))
def test_steps_per_epoch_below_at_and_above_the_data(steps):
    """A fit that stops within a pass gives up its rest; the next begins with the next pass."""
    training, model, epoch = loader(workers=2), hashing_model(), 0
    for epochs in (3, 2):
        count = consumed(BATCHES, epochs, steps)
        seen = fit(model, training, epochs=epochs, steps_per_epoch=steps)
        assert seen == expected(count, skip=epoch * BATCHES)
        epoch += -(-count // BATCHES)


def test_a_loader_of_one_batch():
    training = amalthea.Loader(Identified(3), batch_size=3, seed=SEED, transform=mark)
    model = hashing_model()
    stream = planned(3, batch_size=3, seed=SEED)
    assert fit(model, training, epochs=3) == digest_of(itertools.islice(stream, 3)).tolist()
    assert fit(model, training, epochs=2) == digest_of(itertools.islice(stream, 2)).tolist()


def test_the_loader_s_own_steps_per_epoch_goes_on_where_it_stopped():
    training, model = loader(steps_per_epoch=3), hashing_model()
    assert fit(model, training, epochs=3) == expected(9)
    assert fit(model, training, epochs=2) == expected(6, skip=9)
    longer = loader(steps_per_epoch=6)
    assert fit(hashing_model(), longer, epochs=2) == expected(12)


def test_unshuffled_under_a_fit_that_does_not_shuffle():
    training = loader(shuffle=False, workers=2)
    assert fit(hashing_model(), training, epochs=3, shuffle=False) == expected(12, shuffle=False)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_loop_written_by_hand_is_the_same_stream(workers):
    training = loader(workers=workers)
    batches = [x for _ in range(3) for x, _ in training]
    assert digest_of(batches).tolist() == expected(12)


def test_a_fit_after_a_loop_by_hand_goes_on_with_the_next_epoch():
    training = loader()
    for _ in training:
        pass
    assert fit(hashing_model(), training, epochs=1) == expected(4, skip=4)


def test_evaluate_and_predict_between_epochs_of_training_change_nothing():
    training, other = loader(), loader(shuffle=False)
    model = hashing_model()
    assert fit(model, training, epochs=1) == expected(4)
    model.evaluate(other, verbose=0)
    model.predict(other, verbose=0)
    assert fit(model, training, epochs=1) == expected(4, skip=4)


def test_another_seed_is_another_stream():
    a, b = (next(iter(amalthea.Loader(Identified(50), seed=seed, batch_size=50)))[0] for seed in (1, 2))
    assert not np.array_equal(a, b)
