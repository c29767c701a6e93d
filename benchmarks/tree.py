"""What a process and its children cost: memory and time of the processor."""

import contextlib
import os
import sys
import threading
from pathlib import Path

import psutil


@contextlib.contextmanager
def watched(*, every_s=0.05):
    """Looks at the memory of the tree again and again; yields a list that ends as the looks in MB."""
    looks, over = [memory_mb()], threading.Event()

    def work():
        while not over.wait(every_s):
            looks.append(memory_mb())

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield looks
    finally:
        over.set()
        thread.join()
        looks.append(memory_mb())


def memory_mb():
    """Proportional memory of this process and its children: what several share is counted once.

    A block of shared memory that was written as a file, or that is not mapped just now, is in the memory of no process.
    It is memory all the same: what such files hold is counted where it is more than what is mapped of them.
    """
    own, mapped, files = 0, 0, {}
    for process in _tree():
        with contextlib.suppress(psutil.Error, OSError):  # one that has just ended
            if not sys.platform.startswith("linux"):
                own += process.memory_full_info().uss
                continue
            sizes = _rollup(process.pid)
            own += sizes["Pss"] - sizes["Pss_Shmem"]
            mapped += sizes["Pss_Shmem"]
            files |= _memory_files(process.pid)
    return (own + max(mapped, sum(files.values()))) / 2**20


def cpu_s():
    """Seconds of the processor that this process and its children took, those that have ended included."""
    seconds = 0.0
    for process in _tree():
        with contextlib.suppress(psutil.Error):
            seconds += sum(process.cpu_times()[:4])
    return seconds


def private_mb(process):
    """Memory that no other process shares, nor will: without the blocks that are filled for the program."""
    maps = process.memory_maps(grouped=True)
    return sum(each.private_clean + each.private_dirty for each in maps if "memfd:" not in each.path) / 2**20


def workers():
    """The processes that this one has started, without the helpers of `multiprocessing`."""
    return [each for each in psutil.Process().children() if "resource_tracker" not in " ".join(each.cmdline())]


def _tree():
    this = psutil.Process()
    return [this, *this.children(recursive=True)]


def _rollup(pid):
    """Returns the sums of all mappings, in bytes."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    return {name: int(size) * 1024 for name, size in (line.removesuffix(" kB").split(":") for line in lines)}


def _memory_files(pid):
    """Returns the bytes that the nameless files in memory hold which a process has open, by their numbers."""
    sizes = {}
    for handle in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):  # one that was closed just now
            if os.readlink(handle).startswith("/memfd:"):
                status = os.stat(handle)
                sizes[status.st_ino] = status.st_blocks * 512
    return sizes
