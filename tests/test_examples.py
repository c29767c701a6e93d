"""Every example in README, docs and docstrings runs, and prints what it says; every program in examples/ trains."""

import doctest
import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import keras
import PIL.Image
import pytest

import amalthea

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
MODULES = [
    name for _, name, _ in pkgutil.walk_packages(amalthea.__path__, "amalthea.") if not name.endswith("__main__")
]
FENCE = re.compile(r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", MODULES)
def test_docstrings(name, monkeypatch):
    monkeypatch.chdir(ROOT)
    results = doctest.testmod(importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert results.failed == 0


def test_there_are_docstring_examples():
    found = [
        test
        for name in MODULES
        for test in doctest.DocTestFinder().find(importlib.import_module(name))
        if test.examples
    ]
    assert len(found) >= 7


@pytest.mark.filterwarnings("ignore:.*`loader.errors` lists all such samples")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages(page, tmp_path, monkeypatch, capsys):
    """The blocks of a page run in order, in one program; a text block after one is what it prints."""
    monkeypatch.chdir(tmp_path)
    names = {"__name__": "__main__"}
    for code, printed in FENCE.findall(page.read_text(encoding="utf-8")):
        exec(compile(code, str(page), "exec"), names)
        out = capsys.readouterr().out
        if printed:
            assert out == printed


@pytest.mark.timeout(900)
def test_train_images_reaches_its_end(tmp_path):
    """Three epochs are enough to see that it learns; all of it is `nox -s demo`."""
    command = [sys.executable, str(ROOT / "examples" / "train_images.py"), "--folder", str(tmp_path), "--epochs", "3"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=800)
    assert done.returncode == 0, done.stderr
    assert f"backend: {keras.backend.backend()}" in done.stdout
    accuracy = re.search(r"validation accuracy: ([\d.]+)%", done.stdout)
    assert accuracy and float(accuracy[1]) > 85
    assert re.search(r"loader: [\d,]+ images/s", done.stdout)
    with PIL.Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.size == (968, 560)
