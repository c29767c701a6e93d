"""A training that is killed again and again ends with the weights of one that was left alone."""

import contextlib
import multiprocessing
import random
import signal
import time

import numpy as np
import pytest

from amalthea.loaders.backup_file import load
from killed import EPOCHS, LEFT, STEPS, train

KILLS = 20
LONGEST_S = 120.0  # much more than a run takes: a test that hangs ends

# Its processes begin with Keras imported, which would take most of the time.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["keras"])


class Run:
    """A run of the program, and the steps that it has told of."""

    def __init__(self, folder, most=None):
        self._connection, its = PROCESSES.Pipe(duplex=False)
        self._process = PROCESSES.Process(target=train, args=(str(folder), its, most), daemon=True)
        self._process.start()
        its.close()
        self.steps, self._told_at = [], time.monotonic()
        assert self._told() is None

    def _told(self):
        assert self._connection.poll(LONGEST_S)
        told, before, self._told_at = self._connection.recv(), self._told_at, time.monotonic()
        self._between = self._told_at - before
        return told

    def go_on(self, steps):
        for _ in range(steps):
            self.steps.append(self._told())

    def kill_after(self, share):
        """Kills it when this share of the time that the last step took has gone by, or that of the start."""
        self._process.join(share * self._between)
        self._process.kill()
        self._process.join(LONGEST_S)
        assert self._process.exitcode == -signal.SIGKILL
        with contextlib.suppress(EOFError):
            while True:
                self.steps.append(self._told())

    def finish(self):
        with contextlib.suppress(EOFError):
            while True:
                self.steps.append(self._told())
        self._process.join(LONGEST_S)
        assert self._process.exitcode == 0


@pytest.mark.timeout(900)  # it runs a program twenty-one times, and once alone
def test_a_training_that_is_killed_twenty_times_ends_as_if_left_alone(tmp_path):
    """The moments: anywhere in a step, in the midst of writing a backup, or before the first step of a run."""
    alone = Run(tmp_path / "alone")
    alone.finish()
    moments = random.Random(0)
    done = -1
    for _ in range(KILLS):
        steps = moments.choice([0, 2, 3, 4, 5, 6])
        run = Run(tmp_path / "killed", steps)
        run.go_on(steps)
        run.kill_after(moments.random())
        done = check_steps(run.steps, done)
    last = Run(tmp_path / "killed")
    last.finish()
    assert check_steps(last.steps, done) == EPOCHS * STEPS - 1
    assert_same(load(tmp_path / "killed" / LEFT), load(tmp_path / "alone" / LEFT))


def check_steps(steps, done):
    """Checks that a run went on at the step after the last one, or at that one if it was killed before its backup."""
    if not steps:
        return done
    assert steps[0] in (done, done + 1)
    assert steps == list(range(steps[0], steps[0] + len(steps)))
    return steps[-1]


def assert_same(one, other):
    for value, its in zip(one["values"], other["values"], strict=True):
        np.testing.assert_array_equal(value, its, strict=True)
    assert one["history"] == other["history"]
