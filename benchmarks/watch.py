"""Looking at the memory of this process and its workers, again and again while something runs."""

import contextlib
import threading

import psutil


@contextlib.contextmanager
def watch(look, *, every_s):
    """Calls `look` again and again, in a thread."""
    over = threading.Event()

    def work():
        while not over.wait(every_s):
            with contextlib.suppress(psutil.Error):  # a process that has just ended
                look()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def workers_of_this_process():
    return [child for child in psutil.Process().children() if "amalthea" in " ".join(child.cmdline())]


def tree_mb():
    """Proportional memory of this process and its workers; what is shared is counted once."""
    return sum(each.memory_full_info().pss for each in [psutil.Process(), *workers_of_this_process()]) / 2**20


def private_mb(worker):
    """Memory of a worker that no other process shares, nor will: without the blocks that are filled for the program."""
    maps = worker.memory_maps(grouped=True)
    return sum(each.private_clean + each.private_dirty for each in maps if "memfd:" not in each.path) / 2**20
