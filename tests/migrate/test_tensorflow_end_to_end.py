"""Legacy training scripts under `tf.keras`, for which they were written, and as the command leaves them."""

import warnings

import pytest

import legacy


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    """What the programs saved under `tf.keras`, but for what Keras 3 refuses or does otherwise."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the legacy has many
        return {name: legacy.run(tmp_path_factory.mktemp("before"), legacy.as_they_were(name)) for name in legacy.NAMES}


@pytest.mark.parametrize("program", legacy.NAMES)
def test_the_batches_are_the_same(before, after, program):
    assert legacy.differing(before[program], after[program], "batches") == []


@pytest.mark.parametrize("program", legacy.NAMES)
def test_the_same_batches_give_the_same_weights(before, after, program):
    assert legacy.differing(before[program], after[program], "result") == []
    assert legacy.differing(before[program], after[program], "losses") == []
