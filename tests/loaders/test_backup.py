"""A training that is interrupted anywhere, and started again, ends as if it had never been interrupted."""

import re

import keras
import numpy as np
import pytest

import amalthea
from amalthea.loaders.backup import BackupLoader
from interrupted import Interrupt, InterruptError, Twins, Watch, assert_same, data_of, left_of, loader_of, shown_by

EPOCHS, STEPS = 2, 6


@pytest.fixture(scope="module")
def twins():
    return Twins()


def fit(model, loader, callbacks, **options):
    return left_of(model, model.fit(loader, **{"epochs": EPOCHS, "verbose": 0, **options}, callbacks=callbacks))


def check(twins, folder, before, *, make=loader_of, save_freq=1, others=list, **options):
    """Interrupts a training, goes on in another one, and compares what they leave with one that was left alone.

    Returns what the second one was told of.
    """
    model, _ = twins.begin()
    with make() as loader:
        alone = fit(model, loader, others(), **options)
    model, other = twins.begin()
    with make() as loader, pytest.raises(InterruptError):
        own = BackupLoader(loader, folder, save_freq=save_freq)
        fit(model, loader, [own, *others(), Interrupt(before)], **options)
    watch = Watch()
    with make() as loader:
        own = BackupLoader(loader, folder, save_freq=save_freq)
        assert_same(fit(other, loader, [*others(), own, watch], **options), alone)
    assert watch.begun == watch.ended
    return list(watch.begun)


@pytest.mark.parametrize("before", range(1, EPOCHS * STEPS))
def test_interrupted_at_any_step_it_goes_on_with_that_step(twins, tmp_path, before):
    begun = check(twins, tmp_path / "backup", before)
    assert begun == [divmod(step, STEPS) for step in range(before, EPOCHS * STEPS)]
    assert not (tmp_path / "backup").exists()


@pytest.mark.parametrize(("save_freq", "goes_on_at"), [("epoch", 6), (4, 8), (5, 10), (11, 11)])
def test_it_goes_on_where_it_was_saved_last(twins, tmp_path, save_freq, goes_on_at):
    begun = check(twins, tmp_path, 11, save_freq=save_freq)
    assert begun[0] == divmod(goes_on_at, STEPS)


@pytest.mark.parametrize(("before", "processes"), [(4, False), (9, True)])
def test_what_workers_have_made_ahead_is_made_again(twins, tmp_path, before, processes):
    check(twins, tmp_path, before, make=lambda: loader_of(workers=2, max_queue_size=4, use_multiprocessing=processes))


@pytest.mark.parametrize("before", [2, 3, 8])
def test_with_epochs_that_are_a_part_of_the_data(twins, tmp_path, before):
    """Keras goes on through the data then, from one of its epochs to the next."""
    begun = check(twins, tmp_path, before, steps_per_epoch=3, epochs=5)
    assert begun == [divmod(step, 3) for step in range(before, 15)]


def test_with_epochs_whose_length_is_an_option_of_the_loader(twins, tmp_path):
    check(twins, tmp_path, 6, make=lambda: loader_of(steps_per_epoch=4), epochs=3)


def check_validated(twins, folder, before, *, samples=18, shuffle=True, **options):
    def run(model, callbacks, *, backup=None):
        with loader_of() as loader, loader_of(samples, seed=8, shuffle=shuffle) as validation:
            own = [BackupLoader(loader, backup, save_freq=1, validation_loader=validation)] if backup else []
            return fit(model, loader, [*own, *callbacks], validation_data=validation, **{"epochs": 3, **options})

    alone = run(twins.begin()[0], [])
    model, other = twins.begin()
    with pytest.raises(InterruptError):
        run(model, [Interrupt(before)], backup=folder)
    assert_same(run(other, [], backup=folder), alone)


@pytest.mark.parametrize(("before", "samples"), [(6, 10), (9, 10), (7, 8)])
def test_with_validation_data_that_are_shuffled_and_augmented(twins, tmp_path, before, samples):
    check_validated(twins, tmp_path, before, samples=samples)


@pytest.mark.parametrize(("before", "shuffle", "steps"), [(3, True, 2), (7, True, 3), (6, False, 2), (9, False, 4)])
def test_with_a_part_of_the_validation_data(twins, tmp_path, before, shuffle, steps):
    """Each validation gives up what is left of the data, however far they were asked for ahead."""
    check_validated(twins, tmp_path, before, shuffle=shuffle, validation_steps=steps)


def test_with_a_part_of_the_validation_data_in_every_second_epoch(twins, tmp_path):
    check_validated(twins, tmp_path, 15, validation_steps=2, validation_freq=2, epochs=4)


class Batches(keras.utils.PyDataset):
    """Somebody's dataset, which changes with each epoch."""

    def __init__(self):
        super().__init__()
        self.x, self.y = data_of(20)
        self.scale = 1.0

    def __len__(self):
        return 5

    def __getitem__(self, number):
        rows = slice(4 * number, 4 * number + 4)
        return self.scale * self.x[rows], self.y[rows]

    def on_epoch_end(self):
        self.scale *= 0.5


@pytest.mark.parametrize("before", [5, 7])
def test_with_a_dataset_of_somebody_else(twins, tmp_path, before):
    def make():
        return amalthea.SequenceLoader(Batches(), shuffle=True, seed=4, workers=2)

    begun = check(twins, tmp_path, before, make=make, epochs=3)
    assert begun == [divmod(step, 5) for step in range(before, 15)]


class Endless(keras.utils.PyDataset):
    """A dataset without a last batch."""

    @property
    def num_batches(self):
        return None

    def __getitem__(self, number):
        return data_of(4)[0] + np.float32(number), data_of(4)[1]


@pytest.mark.parametrize("before", [2, 4])
def test_with_a_dataset_without_end(twins, tmp_path, before):
    check(
        twins,
        tmp_path,
        before,
        make=lambda: amalthea.SequenceLoader(Endless(), workers=0),
        shuffle=False,
        steps_per_epoch=3,
    )


def test_interrupted_twice(twins, tmp_path):
    model, other = twins.begin()
    alone = fit(model, loader_of(), [])
    model, other = twins.begin()
    for each, before in ((model, 4), (other, 9)):
        loader = loader_of()
        with pytest.raises(InterruptError):
            fit(each, loader, [BackupLoader(loader, tmp_path, save_freq=1), Interrupt(before)])
    model, _ = twins.begin()
    loader = loader_of()
    assert_same(fit(model, loader, [BackupLoader(loader, tmp_path, save_freq=1)]), alone)


def test_in_the_same_program_with_the_same_objects(twins, tmp_path):
    """As in a notebook: the cell is run again, by the model, the loader and the callbacks that were interrupted."""
    model, _ = twins.begin()
    alone = fit(model, loader_of(), [])
    model, _ = twins.begin()
    loader = loader_of(workers=2)
    interrupt, watch = Interrupt(8), Watch()
    callbacks = [BackupLoader(loader, tmp_path, save_freq=3), watch, interrupt]
    with pytest.raises(InterruptError):
        fit(model, loader, callbacks)
    interrupt.before = 100
    assert_same(fit(model, loader, callbacks), alone)
    assert list(watch.ended) == [divmod(step, STEPS) for step in [*range(8), *range(6, 12)]]
    loader.close()


def test_a_second_fit_begins_at_its_own_beginning(twins, tmp_path):
    model, other = twins.begin()
    loader = loader_of()
    with pytest.raises(InterruptError):
        fit(model, loader, [BackupLoader(loader, tmp_path, save_freq=1), Interrupt(8)])
    loader = loader_of()
    fit(other, loader, [BackupLoader(loader, tmp_path, save_freq=1)])
    assert fit(other, loader, [])[2] == [0, 1]


def test_the_progress_bar_goes_on(twins, tmp_path):
    def run(model, *callbacks):
        loader = loader_of()
        own = BackupLoader(loader, tmp_path, save_freq=1)
        return shown_by(fit, model, loader, [own, *callbacks], verbose=1)[1]

    model, other = twins.begin()
    with pytest.raises(InterruptError):
        run(model, Interrupt(9))
    lines = [line for line in run(other).split("\n") if line.strip()]
    assert lines[0] == "Epoch 2/2"
    assert re.match(r"4/6 ━+ .* - loss: \d.* - mae: \d", lines[1])
    assert lines[-1].startswith("6/6")


def test_the_line_of_each_epoch_is_the_same(twins, tmp_path):
    def run(model, *callbacks):
        loader = loader_of()
        own = BackupLoader(loader, tmp_path, save_freq=1)
        return shown_by(fit, model, loader, [own, *callbacks], verbose=2)[1]

    alone = run(twins.begin()[0])
    model, other = twins.begin()
    with pytest.raises(InterruptError):
        run(model, Interrupt(9))
    assert run(other) == alone[alone.index("Epoch 2/2") :]


@pytest.mark.parametrize("seeds", [(None, None), (3, 3)])
def test_a_loader_without_a_seed_takes_that_of_the_backup(twins, tmp_path, seeds):
    begun, again = (loader_of(seed=seed) for seed in seeds)
    model, other = twins.begin()
    with pytest.raises(InterruptError):
        fit(model, begun, [BackupLoader(begun, tmp_path, save_freq=1), Interrupt(7)])
    left = fit(other, again, [BackupLoader(again, tmp_path)])
    model, _ = twins.begin()
    assert_same(left, fit(model, loader_of(seed=begun.seed), []))


def test_a_finished_training_leaves_what_it_is_asked_to_leave(twins, tmp_path):
    """Started again it has nothing to do, and with more epochs it goes on."""
    model, other = twins.begin()
    loader = loader_of()
    finished = fit(model, loader, [BackupLoader(loader, tmp_path, delete_checkpoint=False)])
    assert_same(fit(other, loader, [BackupLoader(loader, tmp_path, delete_checkpoint=False)]), finished)
    longer = fit(other, loader, [BackupLoader(loader, tmp_path)], epochs=3)
    model, _ = twins.begin()
    assert_same(longer, fit(model, loader_of(), [], epochs=3))


def test_a_training_behind_a_finished_one_has_all_of_its_epochs(twins, tmp_path):
    model, other = twins.begin()
    for each in (model, other):
        loader = loader_of()
        fit(each, loader, [BackupLoader(loader, tmp_path, delete_checkpoint=False)])
    assert fit(other, loader_of(), [])[2] == [0, 1]


def test_files_of_others_in_the_folder_stay(twins, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    loader = loader_of()
    fit(twins.begin()[0], loader, [BackupLoader(loader, tmp_path)])
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
