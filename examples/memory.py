"""What two ways to load the same data hold in memory while a model trains, each measured in a process of its own.

It counts what is theirs: memory of the process and of its workers that comes from no file, and what they share once.
"""

import ctypes
import gc
import os
import subprocess
import sys
import time
from pathlib import Path

import cloudpickle
import psutil

DEADLINE_S = 100


def line(plain, loader, *, of, processes=False):
    """Returns the line that says it.

    Args:
        plain: Function that returns the plain version.
        loader: Function that returns the loader.
        of: What a batch is, in words.
        processes: Whether the loader has worker processes, whose own memory is counted too.
    """
    running = [subprocess.Popen([sys.executable, __file__], stdin=-1, stdout=-1) for _ in range(2)]
    for process, make in zip(running, (plain, loader), strict=True):
        process.stdin.write(cloudpickle.dumps(make))
        process.stdin.close()
    printed = [process.stdout.read() for process in running]
    codes = [process.wait() for process in running]
    if any(codes):
        raise RuntimeError("memory could not be measured, see above")
    held = [float(each.split()[-1]) for each in printed]
    workers = " with its processes" if processes else ""
    return f"memory: a plain Sequence holds {held[0]:.0f} MB of batches, this loader {held[1]:.0f} MB{workers} ({of})"


def held_mb(make):
    """Returns what a dataset holds when its queue is full and the model has one batch, in MB."""
    from keras.src.trainers.data_adapters.py_dataset_adapter import PyDatasetAdapter

    # What is imported and compiled with the first batch belongs to the program.
    first = make()[0]
    del first
    before = _mb([psutil.Process()])
    dataset = make()
    batches = iter(PyDatasetAdapter(dataset).get_numpy_iterator())  # as `fit` draws them
    in_use = next(batches)
    _wait_until_idle()
    held = _mb(_tree()) - before
    del in_use
    return held


def _wait_until_idle():
    """Waits until workers have had nothing to do for a second: the queue is full."""
    deadline, seen, still = time.monotonic() + DEADLINE_S, _cpu_s(), 0
    while still < 4:
        if time.monotonic() > deadline:
            raise TimeoutError(f"the queue was not full after {DEADLINE_S} s")
        time.sleep(0.25)  # a plain Sequence does not tell when its queue is full; only that its workers rest
        now = _cpu_s()
        still = still + 1 if now - seen < 0.03 and not _at_work() else 0
        seen = now


def _at_work():
    """Whether a thread beside this one runs, or would if the machine had a core for it; as far as the system tells."""
    stats = [path for each in _tree() for path in Path(f"/proc/{each.pid}/task").glob("*/stat")]
    try:
        return sum(path.read_text().rpartition(")")[2].split()[0] in "RD" for path in stats) > 1
    except OSError:  # a thread has just ended
        return True


def _tree():
    return [psutil.Process(), *psutil.Process().children(recursive=True)]


def _cpu_s():
    return sum(sum(each.cpu_times()[:2]) for each in _tree())


def _mb(processes):
    gc.collect()
    if sys.platform == "linux":
        ctypes.CDLL(None).malloc_trim(0)  # else what was freed is still counted, and used again unseen
    return sum(map(_own_bytes, processes)) / 2**20


def _own_bytes(process):
    if sys.platform != "linux":
        return process.memory_info().rss
    # Libraries are left out: their share changes with each program that starts or ends beside this one. What has no
    # file, and shared blocks, which have one in memory only, are in proportion to the processes that see them.
    maps = process.memory_maps(grouped=True)
    return sum(each.pss for each in maps if not each.path.startswith("/") or each.path.startswith("/memfd:"))


if __name__ == "__main__":
    print(held_mb(cloudpickle.load(sys.stdin.buffer)), flush=True)
    os._exit(0)  # threads of Keras wait for room in a queue that nobody empties
