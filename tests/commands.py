"""Running the command line as somebody types it."""

from amalthea.__main__ import main


def error_of(capsys, *arguments):
    """Returns the one line that a command says when it cannot be run as asked."""
    assert main([*map(str, arguments)]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("amalthea: ")
    assert printed.err.endswith("\n")
    assert printed.err.count("\n") == 1
    return printed.err
