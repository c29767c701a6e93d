"""The house: imports run one way, workers import no framework, the names are those that are said."""

import ast
import operator
import subprocess
import sys
from pathlib import Path

import pytest

import amalthea

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "amalthea"

# Each may import those after it, never those before.
ROOMS = [
    "__main__",
    "migrate",
    "testing",
    "speed",
    "report",
    "loaders",
    "sheet",
    "workers",
    "rows",
    "quarantine",
    "fingerprint",
    "batches",
    "passes",
    "transforms",
    "splits",
    "sources",
    "labels",
    "order",
    "_progress",
    "_checks",
    "_units",
    "_urls",
    "_shared",
    "_write",
    "_trees",
    "errors",
]
FRAMEWORKS = {"keras", "tensorflow", "jax", "torch"}


def imports_of(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module if node.module != "amalthea" else f"amalthea.{node.names[0].name}"


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_run_one_way_and_only_loaders_import_keras(path):
    room = path.relative_to(SOURCE).parts[0].removesuffix(".py")
    if room == "__init__":
        return
    for name in imports_of(path):
        top, *rest = name.split(".")
        assert top not in FRAMEWORKS or (top == "keras" and room == "loaders")
        if top == "amalthea" and rest[0] != room:
            assert ROOMS.index(rest[0]) > ROOMS.index(room), f"{room} imports {rest[0]}"


def test_nothing_but_a_loader_imports_a_framework():
    """A worker process and the command line must not pay for one."""
    program = (
        "import sys, amalthea, amalthea.__main__, amalthea.workers.stream, amalthea.workers.processes\n"
        "amalthea.sources, amalthea.transforms, amalthea.errors, amalthea.preview, amalthea.SampleError\n"
        f"print(sorted({FRAMEWORKS} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "[]"


def test_the_public_names_are_those_that_can_be_had():
    assert sorted(amalthea.__all__) == dir(amalthea)
    for name in amalthea.__all__:
        assert getattr(amalthea, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'Sequence'"):
        operator.attrgetter("Sequence")(amalthea)


def test_the_changelog_knows_this_version():
    assert f"## [{amalthea.__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
