"""Measures Amalthea beside its peers and the floor, or draws what was measured before."""

import argparse
import json
import tempfile
import time
from pathlib import Path

from rich.console import Console

from benchmarks.cases import ALL, named
from benchmarks.report import write_report
from benchmarks.runner import measure, measure_together

SECONDS = 1.0
FOLDER = "benchmark-results"


def main():
    options = _options()
    with tempfile.TemporaryDirectory() as data:
        out = Path(options.out or (data if options.smoke else FOLDER))
        results = _drawn(options.draw) if options.draw else _measured(options, data, out)
        out.mkdir(parents=True, exist_ok=True)
        print(write_report(results, out))
    failed = [
        f"{case['name']}: {name}"
        for case in results["cases"]
        for name, runs in case["runs"].items()
        if any("failed" in run for run in runs)
    ]
    if failed:
        raise SystemExit(f"failed: {'; '.join(failed)}")


def _options():
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    cases = f"{', '.join(ALL)}; or a group: `arrays` is `arrays-32`, `arrays-128`, ... (default: all)"
    smoke = "measure as little as shows that all of it works, without --rounds and --count; kept only with --out"
    parser.add_argument("cases", nargs="*", help=cases)
    parser.add_argument("--rounds", type=_count, default=3, help="how often each is run (default: %(default)s)")
    parser.add_argument("--count", type=_count, help="samples, if not as many as each case has by itself")
    parser.add_argument("--smoke", action="store_true", help=smoke)
    parser.add_argument("--out", help=f"folder of the results (default: {FOLDER})")
    parser.add_argument("--draw", metavar="JSON", help="measure nothing; report what was measured before")
    return parser.parse_args()


def _count(text):
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not an integer of 1 or more")
    return int(text)


def _drawn(file):
    try:
        return json.loads(Path(file).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:  # no such file, or no JSON
        raise SystemExit(f"--draw: {file!r} cannot be read, {error}; give the `results.json` of a run.") from None


def _measured(options, data, out):
    """Measures; each case that is done takes its place in the file, beside those that were measured before."""
    cases, console = named(options.cases), Console(stderr=True)
    out.mkdir(parents=True, exist_ok=True)
    if options.smoke:  # these figures say nothing: they must not stand among those that do
        return _written(out / "smoke.json", measure_together(cases, data))
    start = time.perf_counter()
    with console.status("measuring") as status:
        for case in cases:
            done = measure(case, data, rounds=options.rounds, seconds=SECONDS, count=options.count, tell=status.update)
            results = _merged(out / "results.json", done)
            console.print(f"{time.perf_counter() - start:6.0f} s  {case.name}")
    return results


def _merged(file, done):
    before = json.loads(file.read_text(encoding="utf-8"))["cases"] if file.exists() else []
    known = {case["name"]: case for case in [*before, done]}
    return _written(file, [known[name] for name in ALL if name in known])


def _written(file, cases):
    results = {"cases": cases}
    file.write_text(json.dumps(results, indent=1), encoding="utf-8")
    return results


if __name__ == "__main__":
    main()
