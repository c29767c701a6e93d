"""`examples/distributed_jax.py` does what its first lines say."""

import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parents[2] / "examples" / "distributed_jax.py"
# Both write at the same time, and the end of a line on its own.
LINE = re.compile(r"shard (\d) of (\d): (\d+) rows of each batch of 64, loss (\d+\.\d{4}), sum of weights (\d+\.\d{3})")


def test_each_of_two_processes_prints_what_one_prints(capsys):
    runpy.run_path(str(PROGRAM))["train"](epochs=2)
    ((*_, loss, weights),) = LINE.findall(capsys.readouterr().out)
    command = [sys.executable, str(PROGRAM), "--epochs", "2", "--processes", "2", "--timeout-s", "200"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=250)
    assert done.returncode == 0, done.stderr
    lines = sorted(LINE.findall(done.stdout))
    assert [line[:3] for line in lines] == [("0", "2", "32"), ("1", "2", "32")], done.stdout
    for line in lines:
        assert float(line[3]) == pytest.approx(float(loss), abs=2e-4)
        assert float(line[4]) == pytest.approx(float(weights), abs=2e-3)
