"""The options of these programs."""

import argparse
from pathlib import Path


def parse(description, *, folder="digits", epochs=10):
    """Returns the options that a program was called with."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path(folder), help="where the data are, or are written to")
    parser.add_argument("--epochs", type=int, default=epochs)
    parser.add_argument("--processes", action="store_true", help="load with processes instead of threads")
    parser.add_argument("--no-memory", action="store_true", help="don't measure memory")
    return parser.parse_args()
