"""Every measurement runs, small: what is said in README can be measured again."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def printed(*cases):
    command = [sys.executable, "-m", "benchmarks", *cases, "--count", "64", "--rounds", "1", "--smoke"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_images_and_memory():
    tables = printed("images", "memory")
    assert len(re.findall(r"^\| \w+ \| float32 \|", tables, re.MULTILINE)) == 3
    assert len(re.findall(r"^\| \w+ \| uint8 \|", tables, re.MULTILINE)) == 1
    assert all(float(ratio) > 0.1 for ratio in re.findall(r"\| (\d\.\d\d) \(", tables))


def test_processes_and_what_others_have():
    tables = printed("processes", "python", "paths")
    assert len(re.findall(r"^\| \w+ \| float32 \| (Amalthea|Keras)", tables, re.MULTILINE)) == 2
    assert len(re.findall(r"^\| \w+ \| \d (thread|process)", tables, re.MULTILINE)) == 3
    private = re.search(r"\| 100,000 \|.* (\d+) \|$", tables, re.MULTILINE)
    assert private and int(private[1]) <= 40


def test_texts():
    ratios = re.findall(r"^\| \w+ \| 200? \| .* (\d+\.\d\d) \(.*\) \| \d+ \|$", printed("texts"), re.MULTILINE)
    assert len(ratios) == 16
    assert all(float(ratio) > 0.01 for ratio in ratios)
