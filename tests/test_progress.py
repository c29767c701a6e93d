"""Progress is shown to somebody who looks at a terminal, and to nobody else."""

import subprocess
import sys

from terminals import run_on_a_terminal

PROGRAM = (
    "import sys\n"
    "from amalthea._progress import progress\n"
    "with progress('Counting sheep', 3, show={show}) as advance:\n"
    "    for _ in range(3):\n"
    "        advance(1)\n"
    "print('rich' in sys.modules)\n"
)


def on_a_terminal(show):
    """Returns what a terminal gets, and what is printed."""
    program = [sys.executable, "-c", PROGRAM.format(show=show)]
    shown, done = run_on_a_terminal(program, stdout=subprocess.PIPE, text=True)
    return shown, done.stdout.strip()


def test_a_terminal_shows_a_bar_that_is_wiped_at_the_end():
    seen, _ = on_a_terminal(show=True)
    assert "Counting sheep" in seen
    assert "3/3" in seen
    assert seen.rstrip().endswith("\x1b[2K")


def test_nothing_is_shown_and_nothing_imported_for_somebody_who_wants_none():
    assert on_a_terminal(show=False) == ("", "False")


def test_a_file_gets_nothing():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(show=True)], capture_output=True, timeout=60, check=True
    )
    assert done.stderr == b""
