"""What a program shows on a terminal, which the system hands on in pieces and when it likes."""

import contextlib
import os
import pty
import subprocess
import threading


@contextlib.contextmanager
def terminal():
    """Gives the file descriptor of a terminal, and a list that holds all that was written to it after the block."""
    ours, theirs = pty.openpty()
    pieces, shown = [], []

    def read():
        with contextlib.suppress(OSError):  # the end: nobody has it open any more
            while piece := os.read(ours, 1 << 16):
                pieces.append(piece)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield theirs, shown
    finally:
        os.close(theirs)
        reader.join()
        os.close(ours)
        shown.append(b"".join(pieces).decode())


def run_on_a_terminal(command, **options):
    """Runs a program whose standard error is a terminal; returns what is shown there, and what `subprocess.run` says.

    Args:
        command: A list of words.
        **options: Those of `subprocess.run`; `environment` is what it has besides the variables of this process.
    """
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80", **options.pop("environment", {})}
    with terminal() as (theirs, shown):
        done = subprocess.run(
            command, **{"stdout": theirs, **options}, stderr=theirs, env=environment, timeout=60, check=True
        )
    return shown[0], done
