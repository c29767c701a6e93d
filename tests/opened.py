"""What this process has open; other threads open and close what is theirs meanwhile."""

import contextlib
import os


def descriptors(of):
    """Returns the `os.stat_result` of each file descriptor whose file has that in its name."""
    found = []
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):  # it was closed
            if of in os.readlink(f"/proc/self/fd/{name}"):
                found.append(os.stat(f"/proc/self/fd/{name}"))
    return found
