"""One pass over a program, and what the program has made before and after it."""

import libcst as cst
from libcst import metadata

from amalthea.migrate.rewriter import Notes


def rewritten(kind, text):
    """Returns a program after one pass."""
    return metadata.MetadataWrapper(cst.parse_module(text)).visit(kind(Notes())).code


def ran(text, **names):
    """Runs a program that knows these names, and returns all names that it knows then."""
    exec(compile(text, "<program>", "exec"), names)
    return names


def marks_in(text):
    """Returns the texts of the marks in a program."""
    return [line.partition("TODO(amalthea): ")[2] for line in text.splitlines() if "TODO(amalthea)" in line]
