"""Workers: whoever is free fills the next rows; errors, ends and endings."""

import concurrent.futures
import contextlib
import gc
import itertools
import os
import subprocess
import sys
import textwrap
import threading
import time
import warnings
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amalthea.errors import WorkerError
from amalthea.workers.inline import Inline
from amalthea.workers.jobs import Job
from amalthea.workers.threads import Threads, _Queue


def job_of(fill, rows=10, span=2, complete=lambda arrays: arrays):
    return Job(np.zeros(rows, np.int64), rows=rows, span=span, fill=fill, complete=complete)


def number(arrays, rows):
    arrays[rows.start : rows.stop] = rows


def amalthea_threads():
    return [thread for thread in threading.enumerate() if thread.name.startswith("amalthea")]


@settings(max_examples=100)
@given(rows=st.integers(1, 30), span=st.integers(1, 8), count=st.integers(0, 5), jobs=st.integers(1, 5))
def test_every_row_is_made_once_by_any_number_of_workers(rows, span, count, jobs):
    made = []

    def fill(arrays, taken):
        made.extend(taken)
        number(arrays, taken)

    workers = Threads(count) if count else Inline()
    started = [job_of(fill, rows, span) for _ in range(jobs)]
    for job in started:
        workers.start(job)
    for job in started:
        workers.finish(job)
        assert job.result().tolist() == list(range(rows))
    assert sorted(made) == sorted([*range(rows)] * jobs)
    workers.close()


def test_a_batch_that_was_handed_over_is_held_by_nobody_else():
    workers, job = Inline(), job_of(number)
    workers.start(job)
    workers.finish(job)
    batch = job.result()
    handed_over = weakref.ref(batch)
    del batch
    gc.collect()
    assert handed_over() is None


@contextlib.contextmanager
def raised(error, function, when, time=1):
    """Raises an error at the `call` or the `return` of a function, when that comes for so many times."""
    times = itertools.count(1)

    def trace(frame, event, argument):
        if event == when and frame.f_code is function.__code__ and next(times) == time:
            raise error
        return trace

    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(None)


@pytest.mark.parametrize("time", [1, 2])
@pytest.mark.parametrize(
    ("function", "when"),
    [(threading.Thread.__init__, "return"), (threading.Thread.start, "call"), (threading.Thread.start, "return")],
)
def test_an_interrupt_of_the_start_loses_no_thread_and_no_batch(function, when, time):
    """Whether it comes before the first of two threads, between them, or when they are at work already."""
    workers, before = Threads(2, idle_s=60), set(amalthea_threads())
    jobs = [job_of(number) for _ in range(3)]
    with raised(KeyboardInterrupt, function, when, time), pytest.raises(KeyboardInterrupt):
        workers.start(jobs[0])
    for job in jobs[1:]:
        workers.start(job)
    started = set(amalthea_threads()) - before
    assert started == {thread for thread in workers._threads if thread.is_alive()}
    assert len(workers._queue.threads) == 2
    for job in jobs:
        workers.finish(job)
        assert job.result().tolist() == list(range(10))
    workers.close()
    assert not any(thread.is_alive() for thread in started)


def test_an_interrupt_before_any_thread_is_started_leaves_that_to_the_next_batch():
    workers, jobs = Threads(2, idle_s=60), [job_of(number) for _ in range(2)]
    with raised(KeyboardInterrupt, _Queue.put, "return"), pytest.raises(KeyboardInterrupt):
        workers.start(jobs[0])
    workers.start(jobs[1])
    assert len(workers._threads) == 2
    for job in jobs:
        workers.finish(job)
        assert job.result().tolist() == list(range(10))
    workers.close()


def test_who_closes_the_queue_while_threads_are_started_is_not_outrun():
    """They end as soon as they come; as many as there should be are started, and no others in their place."""
    workers = Threads(2, idle_s=60)
    starting = job_of(number)

    def end(frame, event, argument):
        if event == "return" and frame.f_code is _Queue.put.__code__:
            sys.settrace(None)
            workers.end()
        return end

    sys.settrace(end)
    workers.start(starting)
    assert len(workers._threads) == 2
    workers.finish(starting)
    assert starting.result().tolist() == list(range(10))
    workers.close()


def test_where_the_system_has_no_thread_for_it_whoever_waits_makes_the_batch():
    workers, jobs = Threads(2, idle_s=60), [job_of(number) for _ in range(2)]
    with raised(RuntimeError("can't start new thread"), threading.Thread.start, "call"):
        workers.start(jobs[0])
    workers.finish(jobs[0])
    assert jobs[0].result().tolist() == list(range(10))
    workers.start(jobs[1])
    assert len(workers._queue.threads) == 2
    workers.finish(jobs[1])
    workers.close()


@settings(max_examples=50)
@given(broken=st.sets(st.integers(0, 29), min_size=1), span=st.integers(1, 5), count=st.integers(0, 5))
def test_the_error_of_the_lowest_row_is_raised_whatever_the_number_of_workers(broken, span, count):
    def fill(arrays, rows):
        for row in rows:
            if row in broken:
                raise ValueError(row)

    workers = Threads(count) if count else Inline()
    job = job_of(fill, rows=30, span=span)
    workers.start(job)
    workers.finish(job)
    with pytest.raises(ValueError, match=f"^{min(broken)}$"):
        job.result()
    good = job_of(number)
    workers.start(good)
    workers.finish(good)
    assert good.result().tolist() == list(range(10))
    workers.close()


def test_an_exit_in_a_sample_ends_no_worker():
    def leave(arrays, rows):
        raise SystemExit(3)

    workers = Threads(2)
    for _ in range(3):
        job = job_of(leave)
        workers.start(job)
        workers.finish(job)
        with pytest.raises(SystemExit):
            job.result()
    assert len([thread for thread in amalthea_threads() if thread.is_alive()]) >= 2
    workers.close()


def test_the_batch_transform_runs_once_after_all_rows_and_its_error_is_the_batch_s():
    seen = []

    def complete(arrays):
        seen.append(arrays.tolist())
        raise ValueError("no")

    workers, job = Threads(3), job_of(number, complete=complete)
    workers.start(job)
    workers.finish(job)
    with pytest.raises(ValueError, match="no"):
        job.result()
    assert seen == [list(range(10))]
    workers.close()


def test_a_cancelled_batch_is_not_finished_and_its_rows_are_not_made():
    entered, leave, made = threading.Event(), threading.Event(), []

    def fill(arrays, rows):
        made.append(rows)
        entered.set()
        leave.wait(10)

    workers, job = Threads(1), job_of(fill, complete=lambda arrays: made.append("complete"))
    workers.start(job)
    assert entered.wait(10)
    job.cancel()
    leave.set()
    workers.close()
    assert made == [range(2)]


def test_close_ends_the_threads_and_after_open_they_begin_anew():
    before = set(amalthea_threads())  # of other tests, and perhaps about to end
    workers = Threads(3)
    for _ in range(2):
        job = job_of(number)
        workers.open()
        workers.start(job)
        workers.finish(job)
        assert len(set(amalthea_threads()) - before) == 3
        workers.close()
        workers.close()
        assert not set(amalthea_threads()) - before


def test_an_idle_thread_ends_and_the_next_batch_starts_another():
    before = set(amalthea_threads())
    workers = Threads(2, idle_s=0.01)
    for _ in range(5):
        job = job_of(number)
        workers.start(job)
        started = set(amalthea_threads()) - before
        workers.finish(job)
        assert job.result().tolist() == list(range(10))
        assert len(started) <= 2
        for thread in started:
            thread.join(20)
            assert not thread.is_alive()
    workers.close()


def test_threads_end_with_the_last_reference_to_their_owner():
    before = set(amalthea_threads())
    workers = Threads(3)
    workers.start(job_of(number))
    started = set(amalthea_threads()) - before
    del workers
    gc.collect()
    for thread in started:
        thread.join(20)
        assert not thread.is_alive()


def test_the_end_of_the_last_reference_waits_for_nobody():
    """It may come from the garbage collector, in a thread that holds the lock that a sample waits for."""
    lock, entered = threading.Lock(), threading.Event()

    def fill(arrays, rows):
        entered.set()
        with lock:
            number(arrays, rows)

    workers = Threads(1)
    with lock:
        workers.start(job_of(fill))
        assert entered.wait(20)
        del workers
        gc.collect()


def test_a_batch_that_was_cleared_by_a_close_is_made_by_whoever_waits():
    workers, job = Threads(1), job_of(number)
    workers.start(job)
    workers.close()
    workers.open()
    workers.start(job_of(number))
    workers.finish(job)
    assert job.result().tolist() == list(range(10))
    workers.close()


def test_a_forked_child_is_told_that_its_batch_is_lost():
    entered, leave = threading.Event(), threading.Event()

    def fill(arrays, rows):
        entered.set()
        leave.wait(20)

    workers, job = Threads(1), job_of(fill)
    workers.start(job)
    assert entered.wait(20)
    read, write = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # newer Pythons warn of a fork with threads: that is the test
        child = os.fork()
    if not child:
        answer = b"nothing"
        try:
            workers.finish(job)
        except WorkerError:
            answer = b"WorkerError"
        os.write(write, answer)
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(read, 100) == b"WorkerError"
    leave.set()
    workers.close()


def test_whoever_waits_while_the_threads_are_closed_makes_the_batch_himself():
    entered, leave = threading.Event(), threading.Event()

    def fill(arrays, rows):
        entered.set()
        leave.wait(10)

    before = set(amalthea_threads())  # of other tests, and perhaps about to end
    workers, behind, later = Threads(1), job_of(number), job_of(number)
    workers.start(job_of(fill))
    workers.start(behind)
    assert entered.wait(10)
    closing = threading.Thread(target=workers.close)
    closing.start()
    leave.set()
    closing.join()
    workers.start(later)
    for job in (behind, later):
        workers.finish(job)
        assert job.result().tolist() == list(range(10))
    assert not set(amalthea_threads()) - before


def test_whoever_waits_already_when_another_thread_closes_makes_the_rest_himself():
    entered, leave = threading.Event(), threading.Event()

    def fill(arrays, rows):
        entered.set()
        leave.wait(10)
        return number(arrays, rows)

    workers, job = Threads(1), job_of(fill)
    workers.start(job)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        waiting = pool.submit(workers.finish, job)
        assert entered.wait(10)
        closing = pool.submit(workers.close)
        leave.set()
        closing.result(60)
        waiting.result(60)
    assert job.result().tolist() == list(range(10))


def test_first_rows_of_a_batch_are_made_by_all_workers_at_once():
    """The first batch is ready after its time divided by the workers: all of them must be inside it together."""
    together = threading.Barrier(4, timeout=20)
    job = job_of(lambda arrays, rows: together.wait(), rows=4, span=1)
    workers = Threads(4)
    workers.start(job)
    workers.finish(job)
    job.result()
    workers.close()


def test_a_program_that_ends_in_the_middle_of_everything_ends_at_once():
    program = """
        import numpy as np, time
        import amalthea
        class Slow:
            def __len__(self): return 100
            def __getitem__(self, index):
                time.sleep(0.05)
                return np.zeros(3)
        loader = amalthea.Loader(Slow(), batch_size=4, workers=3)
        batches = iter(loader)
        next(batches)
    """
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr if "Error" in done.stderr else "") == (0, "")
    assert time.perf_counter() - start < 100


def test_of_two_rows_that_fail_at_once_the_lower_one_is_told():
    both = threading.Barrier(2, timeout=20)

    def fill(arrays, rows):
        both.wait()
        raise ValueError(rows.start)

    workers, job = Threads(2), job_of(fill, rows=2, span=1)
    workers.start(job)
    workers.finish(job)
    with pytest.raises(ValueError, match=r"^0$"):
        job.result()
    workers.close()


def test_a_queue_that_is_closed_by_the_thread_that_takes_from_it_ends_the_thread():
    """As the garbage collector does, when it finds a loader dead in the middle of `take`."""
    queue = _Queue(idle_s=60)

    class Dying:
        def take(self):
            queue.close()

    queue.expect(threading.current_thread())
    queue.put(Dying())
    start = time.monotonic()
    assert queue.take() is None
    assert not queue.jobs
    assert time.monotonic() - start < 5


def test_what_cannot_be_fetched_ahead_is_met_when_it_is_made():
    """Whatever it raises: the thread lives, and the batch ends."""

    def fetch(rows):
        raise SystemExit

    workers = Threads(2)
    for _ in range(3):
        job = Job(np.zeros(10, np.int64), rows=10, span=2, fill=number, complete=lambda arrays: arrays, fetch=fetch)
        workers.start(job)
        workers.finish(job)
        assert job.result().tolist() == list(range(10))
    workers.close()
