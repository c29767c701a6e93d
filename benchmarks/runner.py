"""Runs the contestants of cases in turns, each run in a process of its own."""

import collections
import json
import os
import platform
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

from benchmarks.summary import is_ours

ROOT = Path(__file__).parent.parent
TIMEOUT_S = 600
PACKAGES = (
    *("keras", "jax", "torch", "tensorflow", "grain", "spdl", "torchvision", "numpy", "opencv-python-headless"),
    *("fsspec", "s3fs", "obstore"),
)


def measure(case, folder, *, rounds, seconds, count=None, tell=lambda text: None):
    """Runs one case: A B C A B C ...

    Returns:
        What is known of the case, as JSON can say it; `runs` are the figures of each contestant, by its name.
    """
    told = case.told(folder, count=count)
    there = [each for each in case.contestants if not each.missing]
    runs = {each.name: [] for each in there}
    for number in range(rounds):
        for each in there:
            tell(f"{case.name}, round {number + 1} of {rounds}: {each.name}")
            description = case.described(each, told, seconds=seconds, compare=number == 0)
            runs[each.name] += run([description], each.backend)
    return result(case, told, runs)


def measure_together(cases, folder):
    """Runs many cases as a smoke test: all that is on one backend in one process."""
    told = {case.name: case.told(folder, smoke=True) for case in cases}
    parts = collections.defaultdict(list)
    for case in cases:
        for each in case.contestants:
            if not each.missing:
                parts[each.backend].append((case, each))
    runs = {case.name: {} for case in cases}
    for backend, part in parts.items():
        descriptions = [
            case.described(each, told[case.name], seconds=0, compare=is_ours(each.name)) for case, each in part
        ]
        for (case, each), figures in zip(part, run(descriptions, backend), strict=True):
            runs[case.name][each.name] = [figures]
    return [result(case, told[case.name], runs[case.name]) for case in cases]


def run(descriptions, backend):
    """Runs contestants of one backend, one after another, in a process of their own; returns the figures of each."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    environment.pop("KERAS_BACKEND", None)
    if backend:
        environment["KERAS_BACKEND"] = backend
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.process"]
    try:
        done = subprocess.run(
            command,
            input=json.dumps(descriptions),
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
            env=environment,
            timeout=TIMEOUT_S,
        )
    except subprocess.TimeoutExpired:
        return [{"failed": f"not done after {TIMEOUT_S} s"}] * len(descriptions)
    lines = [line.removeprefix("FIGURES ") for line in done.stdout.splitlines() if line.startswith("FIGURES ")]
    figures = [json.loads(line) for line in lines]
    if len(figures) < len(descriptions) or any("failed" in each for each in figures):
        print(done.stderr[-4000:], file=sys.stderr)
    failed = {"failed": f"the process ended with {done.returncode}"}
    return figures + [failed] * (len(descriptions) - len(figures))


def result(case, told, runs):
    """Returns all that a report says of a case."""
    return {
        "name": case.name,
        "title": case.title,
        "what": case.what,
        "unit": case.unit,
        "count": told["count"],
        "machine": machine(),
        "contestants": [
            {
                "name": each.name,
                "backend": each.backend,
                "floor": each.floor,
                "against": each.against,
                "note": each.note,
            }
            for each in case.contestants
            if each.name in runs
        ],
        "left_out": {each.name: each.missing for each in case.contestants if each.missing},
        "runs": runs,
    }


def machine():
    """Returns what the figures were measured on."""
    found = {each.name.lower(): each.version for each in distributions() if each.name.lower() in PACKAGES}
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"cores": cores, "system": platform.system(), "python": platform.python_version(), "versions": found}
