"""`python -m amalthea migrate`: what it prints, what it writes, and that it loses nothing, whatever happens."""

import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amalthea.__main__ import main
from amalthea.migrate.files import RefusedError
from amalthea.migrate.lines import plain, restored
from amalthea.migrate.processes import Crew
from amalthea.migrate.program import outcomes
from amalthea.migrate.report import difference
from amalthea.migrate.rewrite import rewrite
from commands import error_of
from terminals import run_on_a_terminal

OLD = "from keras.utils.data_utils import Sequence\n\n\nclass Batches(Sequence):\n    pass\n"
NEW = rewrite(OLD).text
IMPORT, NEW_IMPORT = OLD.splitlines()[0], NEW.splitlines()[0]


def write(root, **texts):
    for name, text in texts.items():
        path = root / f"{name}.py"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where the tests are, so that paths are short."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments, capsys):
    status = main(["migrate", *map(str, arguments)])
    printed = capsys.readouterr()
    assert printed.err == ""
    return status, printed.out


def test_the_words_of_these_tests_are_rewritten():
    assert OLD.replace(IMPORT, NEW_IMPORT).replace("(Sequence)", "(PyDataset)") == NEW
    assert NEW_IMPORT != IMPORT


def test_without_options_a_diff_and_a_summary_are_printed_and_nothing_is_written(folder, capsys):
    write(folder, a=OLD, b="import os\n")
    status, out = run(".", capsys=capsys)
    assert status == 0
    assert out.startswith("--- a.py\n+++ a.py\n@@ -1,5 +1,")
    assert f"\n-{IMPORT}\n+{NEW_IMPORT}\n" in out
    assert "\nLooked at 2 files: 1 would change.\n" in out
    assert out.endswith("\nNothing is written without `--write`.\n")
    assert (folder / "a.py").read_text() == OLD


def test_write_writes_and_a_second_time_there_is_nothing_to_do(folder, capsys):
    write(folder, a=OLD, b="import os\n")
    status, out = run(".", "--write", capsys=capsys)
    assert (status, (folder / "a.py").read_text(), (folder / "b.py").read_text()) == (0, NEW, "import os\n")
    assert "Looked at 2 files: 1 was changed.\n" in out
    assert "@@" not in out
    before = (folder / "a.py").stat()
    status, out = run(".", "--write", capsys=capsys)
    assert (status, out) == (0, "Looked at 2 files: nothing to change.\n")
    after = (folder / "a.py").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_check_is_a_status_and_writes_nothing(folder, capsys):
    write(folder, a=OLD)
    status, out = run(".", "--check", capsys=capsys)
    assert status == 3
    assert "1 would change" in out
    assert "a.py" in out
    assert "@@" not in out
    assert (folder / "a.py").read_text() == OLD
    assert run("--check", "--diff", ".", capsys=capsys)[1].startswith("--- a.py\n")
    write(folder, a=NEW)
    assert run(".", "--check", capsys=capsys) == (0, "Looked at 1 file: nothing to change.\n")


def test_write_and_check_exclude_each_other(folder, capsys):
    with pytest.raises(SystemExit) as end:
        main(["migrate", ".", "--write", "--check"])
    assert end.value.code == 2
    assert "usage: python -m amalthea migrate" in capsys.readouterr().err


def test_what_cannot_be_used_is_one_line_and_status_1(folder, capsys):
    assert "`PATH` is 'gone'" in error_of(capsys, "migrate", "gone")
    assert "no .py or .ipynb" in error_of(capsys, "migrate", ".")
    write(folder, a=OLD)
    assert "`--workers` is 0" in error_of(capsys, "migrate", ".", "--workers", 0)


def test_programs_that_are_not_python_3_are_told_and_untouched(folder, capsys):
    python_2 = f"{IMPORT}\n\nprint 'two'\n".encode()
    write(folder, a=OLD, old=python_2, cut=f"{IMPORT}\nx = (", binary=IMPORT.encode() + b"\nx = '\xff'\n")
    status, out = run(".", "--write", capsys=capsys)
    assert status == 0
    assert "Looked at 4 files: 1 was changed." in out
    left = out.split("Left as they are\n")[1].splitlines()
    assert [line.split(": ")[0] for line in left] == ["  binary.py:2", "  cut.py:2", "  old.py:3"]
    assert (folder / "old.py").read_bytes() == python_2


def test_marks_are_told_with_the_lines_that_they_have_in_the_result(folder, capsys):
    write(folder, a=f"{OLD}\n\n# TODO(amalthea): see to it\nx = 1\n")
    _, out = run(".", "--write", capsys=capsys)
    (line,) = re.findall(r"  a\.py:(\d+): see to it\n", out)
    assert (folder / "a.py").read_text().splitlines()[int(line) - 1] == "# TODO(amalthea): see to it"


def test_what_changes_is_counted(folder, capsys):
    write(folder, a=OLD, b=OLD)
    _, out = run(".", capsys=capsys)
    counts = re.findall(r"^  \S.*  +(\d+)$", out.split("\nWhat would change\n")[1], re.MULTILINE)
    assert counts
    assert all(int(count) % 2 == 0 for count in counts)


def test_notebooks_are_rewritten_as_one_program(folder, capsys):
    cells = ["%matplotlib inline\n" + IMPORT, "class Batches(Sequence):\n    pass", "print 'two'"]
    book = {"cells": [{"cell_type": "code", "source": cell} for cell in cells], "nbformat": 4}
    (folder / "a.ipynb").write_text(json.dumps(book, indent=1))
    status, out = run(".", "--write", capsys=capsys)
    assert status == 0
    new = [cell["source"] for cell in json.loads((folder / "a.ipynb").read_text())["cells"]]
    assert new[0].startswith("%matplotlib inline\n")
    assert "PyDataset" in new[1]
    assert new[2] == cells[2]
    assert "  a.ipynb:cell 3:1: " in out
    assert "nothing to change" in run(".", "--write", capsys=capsys)[1]


# Lines before and after, ends of lines, an encoding: what libcst and the writing of files might not give back.
AWKWARD = [
    "",
    "if x:",
    "\ty = 'ä'  ",
    "# ß",
    "s = 'a\tb'\t# tab",
    "\x0c",
    "\x0c# page",
    "z = 1 + \\",
    "  2",
    "'''",
    "'''",
]
FILES = [
    ("utf-8", [], ["\n"]),
    ("utf-8-sig", [], ["\r\n"]),
    ("latin-1", ["# coding: latin-1"], ["\n", "\r\n", "\r", "\r"]),
    ("utf-8", [], ["\r"]),
    ("utf-8-sig", ["'''Text.", "'''"], ["\r\n", "\n"]),
]


@pytest.mark.parametrize("ended", [True, False])
@pytest.mark.parametrize(("encoding", "declared", "ends"), FILES)
def test_only_the_lines_that_change_do_whatever_the_encoding_and_the_ends(tmp_path, encoding, declared, ends, ended):
    lines = [*declared, *AWKWARD, *OLD.split("\n"), *AWKWARD, "", ""]
    text = "".join(line + ends[number % len(ends)] for number, line in enumerate(lines))
    text = text if ended else text.rstrip() + "\x0c  # the end"
    path = tmp_path / "a.py"
    path.write_bytes(text.encode(encoding))
    (outcome,) = outcomes([path], apply=True)
    assert (outcome.refusals, outcome.unwritten) == ((), None)
    expected = text.replace(IMPORT, NEW_IMPORT).replace("(Sequence)", "(PyDataset)")
    assert path.read_bytes() == expected.encode(encoding)


ENDS = st.sampled_from(["\n", "\r\n", "\r"])
BODIES = st.sampled_from(["", "x", "\x0cy", "z\x0c", "y"])


@given(st.lists(st.tuples(BODIES, ENDS)), st.lists(st.sampled_from(["x", "y", "n"])))
def test_ends_of_lines_are_those_of_before_wherever_the_line_stays(lines, new):
    """Whatever a rewrite makes of lines that end plainly; nothing of it is lost."""
    before = "".join(body + end for body, end in lines)
    assert restored(before, plain(before)) == before
    after = "".join(f"{line}\n" for line in new)
    assert plain(restored(before, after)) == after
    assert restored(before, plain(before) + "new\n").startswith(before)


@given(st.lists(st.sampled_from(["a", "b", "c\t", ""])), st.lists(st.sampled_from(["a", "b", "d"])), st.booleans())
@settings(max_examples=10)
def test_the_diff_is_one_that_git_applies(tmp_path_factory, before, after, ended):
    end = "\n" if ended else ""
    old, new = "\n".join(before) + end, "\n".join(after) + "\r\n"
    folder = tmp_path_factory.mktemp("diff")
    (folder / "a.py").write_bytes(old.encode())
    patch = "".join(difference("a.py", old, new)).encode()
    command = ["git", "apply", "-p0", "--whitespace=nowarn", "-"]
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(folder.parent)}
    subprocess.run(command, cwd=folder, input=patch, env=environment, check=True, timeout=60)
    assert (folder / "a.py").read_bytes() == new.encode()


def test_any_number_of_workers_prints_the_same_in_the_same_order(folder, capsys):
    for number in range(8):
        kind = number % 4
        texts = [OLD * (1 + number % 5), "import os\n", f"{IMPORT}\nprint 'two'\n", b"\xff"]
        write(folder, **{f"a{number:02}": texts[kind]})
    alone = run(".", "--workers", 1, capsys=capsys)
    assert alone[1].count("+++ ") == 2
    assert run(".", "--workers", 3, capsys=capsys) == alone


def test_a_file_without_a_word_of_keras_is_not_parsed(folder, capsys):
    """Of 1,000 files that are no Python, those are told of that had to be parsed."""
    for number in range(1000):
        write(folder, **{f"a{number}": f"print 'two'\n{IMPORT if number % 100 == 0 else ''}\n"})
    _, out = run(".", capsys=capsys)
    assert "Looked at 1,000 files: nothing to change." in out
    assert len(re.findall(r"\n  a\d*00\.py:1: |\n  a0\.py:1: ", out)) == 10
    assert out.count(".py:") == 10


def test_a_process_that_dies_costs_its_program_and_no_other():
    with Crew(2) as crew:
        answer = crew.rewrite(OLD * 2000)  # which takes minutes
        while not multiprocessing.active_children():
            pass
        os.kill(multiprocessing.active_children()[0].pid, signal.SIGKILL)
        refused = answer()
        assert isinstance(refused, RefusedError)
        assert "exit code -9" in refused.reason
        assert crew.rewrite(OLD)().text == NEW


FULL = """
import resource, signal, sys
from amalthea.__main__ import main
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))  # as a full disk, no file grows beyond it
sys.exit(main(["migrate", ".", "--write", "--workers", "1"]))
"""


def test_where_the_disk_is_full_the_file_stays_and_the_others_are_written(folder):
    large = f"{OLD}# {'a long comment' * 2000}\n"
    write(folder, a=OLD, b=large, c=OLD)
    done = subprocess.run([sys.executable, "-c", FULL], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (1, "")
    assert "2 were changed" in done.stdout
    assert re.search(r"Could not be written, and are as they were\n  b\.py: \S", done.stdout)
    assert [(folder / f"{name}.py").read_text() for name in "abc"] == [NEW, large, NEW]
    assert sorted(path.name for path in folder.iterdir()) == ["a.py", "b.py", "c.py"]


def test_a_read_only_file_is_told_and_the_others_are_written(folder, capsys):
    write(folder, a=OLD, b=OLD)
    (folder / "a.py").chmod(0o444)
    status, out = run(".", "--write", capsys=capsys)
    assert status == 1
    assert out.endswith("Could not be written, and are as they were\n  a.py: the file is read-only\n")
    assert [(folder / f"{name}.py").read_text() for name in "ab"] == [OLD, NEW]


# It stops where it would give the third file its new bytes.
STOPPING = """
import sys
from amalthea.__main__ import main

replaced = []

def wait(event, arguments):
    if event == "os.rename" and str(arguments[1]).endswith(".py"):
        replaced.append(arguments)
        if len(replaced) == 3:
            print("in the middle", flush=True)
            sys.stdin.read()

sys.addaudithook(wait)
sys.exit(main(["migrate", ".", "--write", "--workers", "2"]))
"""


def start(folder):
    """Returns a program that has replaced two files, and stands where it would replace the third."""
    program = subprocess.Popen(
        [sys.executable, "-c", STOPPING],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert program.stdout.readline() == "in the middle\n"
    return program


@pytest.mark.parametrize("ending", ["interrupt", "kill"])
def test_stopped_in_the_middle_each_file_is_the_old_one_or_the_new_as_a_whole(folder, ending):
    """By the key for it, which all processes of a terminal get; or for good, after which the processes end too."""
    paths = [folder / f"{number:03}.py" for number in range(100)]
    for path in paths:
        path.write_text(OLD)
    program = start(folder)
    others = psutil.Process(program.pid).children(recursive=True)
    if ending == "kill":
        program.kill()
    else:
        os.killpg(program.pid, signal.SIGINT)
    out, err = program.communicate(timeout=60)
    if ending != "kill":
        assert (program.returncode, out, err) == (130, "", "amalthea: interrupted\n")
        assert sorted(folder.iterdir()) == paths
    assert psutil.wait_procs(others, 20)[1] == []
    assert [path.read_text() for path in paths] == [NEW] * 2 + [OLD] * 98


def on_a_terminal(folder, **environment):
    """Returns what a terminal gets of a diff."""
    program = [sys.executable, "-m", "amalthea", "migrate", "."]
    shown, _ = run_on_a_terminal(program, cwd=folder, environment=environment)
    return shown.replace("\r\n", "\n")


def test_a_diff_is_coloured_on_a_terminal_for_those_who_like_colours(folder, capsys):
    write(folder, a=OLD)
    plain = run(".", capsys=capsys)[1]
    assert on_a_terminal(folder, NO_COLOR="1") == plain
    coloured = on_a_terminal(folder)
    assert f"\x1b[31m-{IMPORT}\x1b[0m\n" in coloured
    assert re.sub(r"\x1b\[\d*m", "", coloured) == plain


def test_a_bar_on_the_terminal_does_not_swallow_a_diff_that_goes_to_a_file(folder, capsys):
    write(folder, a=OLD)
    program = [sys.executable, "-m", "amalthea", "migrate", "."]
    shown, done = run_on_a_terminal(program, cwd=folder, stdout=subprocess.PIPE)
    assert "Looking at files" in shown
    assert done.stdout.decode() == run(".", capsys=capsys)[1]


def test_without_libcst_it_names_what_to_install(folder):
    write(folder, a=OLD)
    program = (
        "import sys; sys.modules['libcst'] = None; from amalthea.__main__ import main; sys.exit(main(['migrate', '.']))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert 'pip install "amalthea[migrate]"' in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_name_that_cannot_be_shown_is_shown_all_the_same(folder):
    Path(os.fsdecode(b"caf\xe9\n.py")).write_text(f"{IMPORT}\nx = (\n")
    done = subprocess.run([sys.executable, "-m", "amalthea", "migrate", "."], capture_output=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"  caf\\xe9\\n.py:" in done.stdout
