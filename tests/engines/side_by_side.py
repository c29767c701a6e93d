"""Programs that run side by side, as those of a training in several processes: all end well, or all are ended."""

import os
import socket
import subprocess
import time


def free_address():
    """Returns a host and port that nobody listens to."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return f"localhost:{probe.getsockname()[1]}"


def run(commands, folder, *, environments=None, timeout_s=270):
    """Runs commands at the same time, and returns what each has printed.

    Args:
        commands: A list of words for each.
        folder: Where their output is kept meanwhile.
        environments: For each the variables that it has besides those of this process.
        timeout_s: For all of them together.
    """
    deadline = time.monotonic() + timeout_s
    outputs = [folder / f"output-{number}.txt" for number in range(len(commands))]
    processes = []
    try:
        for command, output, variables in zip(commands, outputs, environments or [{}] * len(commands), strict=True):
            with output.open("w") as file:
                environment = {**os.environ, **variables}
                processes.append(subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, env=environment))
        statuses = [process.wait(max(0.0, deadline - time.monotonic())) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    printed = [output.read_text() for output in outputs]
    assert statuses == [0] * len(commands), "\n".join(printed)
    return printed
