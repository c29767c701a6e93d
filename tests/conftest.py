"""What holds for every test: it leaves no worker process behind, for another test to stumble over."""

import gc
import multiprocessing
import signal
from multiprocessing import connection

import pytest
from hypothesis import settings

# A busy machine breaks no property, and a run that fails can be had again. `--hypothesis-profile=default` tries others.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable")

# What a script starts with `&` inherits that interrupts are ignored, and so would the programs that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _no_process_is_left():
    yield
    left = multiprocessing.active_children()
    if left:
        gc.collect()  # of a loader that was left to it
    # Not `join`: the thread that takes the exit status may be another one, and this one would take it for no end.
    assert all(connection.wait([process.sentinel], 60) for process in left)
