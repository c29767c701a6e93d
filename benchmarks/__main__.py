"""Runs the measurements of one backend and prints them as tables."""

import argparse
import itertools
import tempfile

from benchmarks import images, memory, paths, processes, python_work, texts
from benchmarks.photos import write_photos

CASES = ["images", "memory", "processes", "python", "paths", "texts"]


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("cases", nargs="*", default=CASES, help=f"{', '.join(CASES)} (default: all)")
    parser.add_argument("--count", type=int, default=1024, help="how many photographs (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=7, help="how often each is measured (default: %(default)s)")
    parser.add_argument("--smoke", action="store_true", help="measure as little as shows that it works")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        photos = write_photos(folder, options.count)
        if "images" in options.cases:
            _print_table([images.measure(folder, photos, dtype, options.rounds) for dtype in ("float32", "uint8")])
        if "memory" in options.cases:
            rounds = max(1, options.rounds // 2)
            cases = list(itertools.product(("float32", "uint8"), (1, 8), (False, True)))
            cases = cases[:2] if options.smoke else cases
            _print_table([memory.measure(folder, *case, rounds) for case in cases])
        if "processes" in options.cases:
            for dtype in ("float32",) if options.smoke else ("float32", "uint8"):
                _print_table(processes.measure(folder, photos, dtype, options.rounds, smoke=options.smoke))
    if "python" in options.cases:
        _print_table(python_work.measure(256 if options.smoke else python_work.TEXTS, options.rounds))
    if "paths" in options.cases:
        _print_table([paths.measure(100_000 if options.smoke else 10_000_000)])
    if "texts" in options.cases:
        _print_table(texts.measure(40_000 if options.smoke else texts.WORDS, options.rounds))


def _print_table(lines):
    print("| " + " | ".join(lines[0]) + " |")
    print("|" + "---|" * len(lines[0]))
    for line in lines:
        print("| " + " | ".join(map(str, line.values())) + " |")
    print(flush=True)


if __name__ == "__main__":
    main()
