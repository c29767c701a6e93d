"""Programs that run side by side, as those of a training in several processes: all end well, or all are ended."""

import contextlib
import os
import socket
import subprocess
import time


def free_addresses(count):
    """Returns so many hosts and ports that nobody listens to."""
    with contextlib.ExitStack() as probes:
        sockets = [probes.enter_context(socket.socket()) for _ in range(count)]
        for probe in sockets:  # all at once, or one might be given twice
            probe.bind(("localhost", 0))
        return [f"localhost:{probe.getsockname()[1]}" for probe in sockets]


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
