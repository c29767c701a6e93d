"""Files of programs: every byte that is not to change stays, and whatever happens a file is the old one or the new."""

import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amalthea.errors import ConfigurationError
from amalthea.migrate.files import File, RefusedError, read, write
from amalthea.migrate.finding import find

# An encoding, what declares it, and letters that it has and others write in another way.
ENCODINGS = [
    ("utf-8", "", "äß€漢🐑"),
    ("utf-8-sig", "", "äß€漢🐑"),
    ("utf-8-sig", "# coding: utf-8", "äß€漢🐑"),
    ("latin-1", "# -*- coding: latin-1 -*-", "äß¥"),
    ("cp1252", "# vim: set fileencoding=cp1252 :", "ä€„"),
    ("koi8-r", "#coding=koi8-r", "ЖЯ"),
    ("shift_jis", "# coding: shift_jis", "表ソ"),
]
LINES = ["", "x = 1", "\tif x:", "    y = 2  ", "# {}", "s = '{}'\t# tab", "\x0c", "z = 1 + \\", "'''{}", "'''"]


@st.composite
def files(draw):
    """Bytes of a file, with what is in them."""
    encoding, declared, letters = draw(st.sampled_from(ENCODINGS))
    lines = draw(st.lists(st.sampled_from(LINES), max_size=8))
    lines = [line.format("".join(draw(st.lists(st.sampled_from(letters), max_size=4)))) for line in lines]
    lines = [declared, *lines] if declared else lines
    ends = [draw(st.sampled_from(["\n", "\r\n", "\r"])) for _ in lines]
    if ends and draw(st.booleans()):
        ends[-1] = ""
    text = "".join(line + end for line, end in zip(lines, ends, strict=True))
    return text.encode(encoding), text


@given(files())
def test_what_is_read_and_not_changed_has_the_same_bytes(drawn):
    data, text = drawn
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "program.py")
        path.write_bytes(data)
        file = read(path)
    assert file.text == text
    assert file.encoded(file.text) == data


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        (b"x = 1\ny = '\xe9'\n", None, "utf-8"),
        (b"x = 1\n\n\ny = '\xe9'\n", 4, "0xe9"),
        (b"# coding: klingon\n", 1, "klingon"),
        (b"# coding: rot13\n", 1, "rot13"),
        (b"\xef\xbb\xbf# coding: latin-1\n", 1, "utf-8"),
    ],
)
def test_bytes_that_are_nothing_in_their_encoding_are_refused_with_the_line(tmp_path, data, line, reason):
    path = tmp_path / "program.py"
    path.write_bytes(data)
    with pytest.raises(RefusedError, match=reason) as refused:
        read(path)
    assert line is None or refused.value.line == line


def test_a_letter_that_the_encoding_lacks_is_refused_with_its_line(tmp_path):
    file = File(tmp_path, b"x", "x", "iso-8859-1")
    with pytest.raises(RefusedError, match=r"'€'.* UTF-8") as refused:
        file.encoded("x = 1\ny = '€'\n")
    assert refused.value.line == 2


def test_an_encoding_that_does_not_give_the_bytes_back_is_refused(tmp_path):
    """In UTF-7 a letter may be written plainly or not."""
    data = b"# coding: utf-7\nx = '+AGE-'\n"
    path = tmp_path / "program.py"
    path.write_bytes(data)
    file = read(path)
    assert "'a'" in file.text
    with pytest.raises(RefusedError, match="does not give its bytes back"):
        file.encoded("y")


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "program.py"
    path.write_bytes(b"old\n")
    return path


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755, 0o4755, 0o622])
def test_permissions_are_kept(program, mode):
    program.chmod(mode)
    write(read(program), b"new\n")
    assert program.read_bytes() == b"new\n"
    assert stat.S_IMODE(program.stat().st_mode) == mode
    assert [path.name for path in program.parent.iterdir()] == ["program.py"]


def test_the_owner_is_kept(program):
    """Another one where the tests may set one."""
    owner = (1234, 4321) if os.geteuid() == 0 else (os.geteuid(), os.getegid())
    os.chown(program, *owner)
    write(read(program), b"new\n")
    assert (program.stat().st_uid, program.stat().st_gid) == owner


def test_a_link_stays_a_link_and_what_it_leads_to_is_written(program, tmp_path):
    (tmp_path / "links").mkdir()
    link = tmp_path / "links" / "link.py"
    link.symlink_to(Path("..", "program.py"))
    write(read(link), b"new\n")
    assert link.is_symlink()
    assert program.read_bytes() == b"new\n"
    assert not program.is_symlink()
    assert len(list(link.parent.iterdir())) == 1


def test_a_file_that_has_changed_since_is_not_written(program):
    file = read(program)
    program.write_bytes(b"by somebody else\n")
    with pytest.raises(RefusedError, match="changed by another program"):
        write(file, b"new\n")
    assert program.read_bytes() == b"by somebody else\n"
    assert len(list(program.parent.iterdir())) == 1


def test_a_read_only_file_is_not_written_not_by_the_superuser_either(program):
    program.chmod(0o444)
    with pytest.raises(PermissionError, match="read-only"):
        write(read(program), b"new\n")
    assert program.read_bytes() == b"old\n"
    assert len(list(program.parent.iterdir())) == 1


# Permissions bind nobody but ordinary users, so the superuser becomes one, when all is imported.
AS_A_USER = """
import os, sys
from pathlib import Path
from amalthea.migrate.files import read, write
file = read(Path("program.py"))
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
try:
    write(file, b"new")
except PermissionError as error:
    sys.exit(0)
sys.exit("it was written")
"""


def test_in_a_read_only_folder_the_file_stays_and_nothing_is_left(program):
    program.chmod(0o666)
    program.parent.chmod(0o555)
    try:
        done = subprocess.run([sys.executable, "-c", AS_A_USER], cwd=program.parent, stderr=subprocess.PIPE, timeout=60)
    finally:
        program.parent.chmod(0o755)
    assert (done.returncode, done.stderr) == (0, b"")
    assert program.read_bytes() == b"old\n"
    assert len(list(program.parent.iterdir())) == 1


def names(found, root):
    return [str(path.relative_to(root)) for path in found.files]


def make(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("pass\n")


def test_programs_and_notebooks_are_found_in_the_order_of_their_names(tmp_path):
    make(tmp_path, "b.py", "a.ipynb", "sub/deep/c.py", "sub/a.py", "notes.txt", "data.pyc", "stub.pyi")
    assert names(find([str(tmp_path)]), tmp_path) == ["a.ipynb", "b.py", "sub/a.py", "sub/deep/c.py"]


def test_what_others_wrote_is_left_out(tmp_path):
    make(tmp_path, "mine.py", ".git/a.py", ".venv/lib/a.py", "__pycache__/a.py", "lib/site-packages/a.py")
    make(tmp_path, ".ipynb_checkpoints/a.ipynb", "node_modules/a.py", "env/pyvenv.cfg", "env/a.py", "env/lib/a.py")
    assert names(find([str(tmp_path)]), tmp_path) == ["mine.py"]


def test_what_is_named_is_taken_wherever_it_is(tmp_path):
    make(tmp_path, ".hidden/a.py", "script")
    given = [str(tmp_path / "script"), str(tmp_path / ".hidden")]
    assert names(find(given), tmp_path) == ["script", ".hidden/a.py"]


def test_a_file_that_is_named_twice_is_found_once(tmp_path, monkeypatch):
    make(tmp_path, "a.py", "b.py")
    monkeypatch.chdir(tmp_path)
    assert [str(path) for path in find(["b.py", ".", str(tmp_path)]).files] == ["b.py", "a.py"]


def test_links_in_a_folder_are_not_followed_and_those_that_are_named_are(tmp_path):
    make(tmp_path, "mine/a.py", "others/b.py")
    for name, target in [("loop", "."), ("others", "../others"), ("link.py", "../others/b.py"), ("gone.py", "gone")]:
        (tmp_path / "mine" / name).symlink_to(target)
    assert names(find([str(tmp_path / "mine")]), tmp_path) == ["mine/a.py"]
    named = [str(tmp_path / "mine" / "others"), str(tmp_path / "mine" / "link.py")]
    assert names(find(named), tmp_path) == ["mine/others/b.py"]


def test_paths_without_programs_are_errors(tmp_path):
    with pytest.raises(ConfigurationError, match=r"`PATH` is .*gone.* exists"):
        find([str(tmp_path / "gone")])
    with pytest.raises(ConfigurationError, match=r"where no \.py or \.ipynb file is"):
        find([str(tmp_path)])


def test_a_pipe_is_no_program(tmp_path):
    """To read it would take for ever."""
    make(tmp_path, "a.py")
    os.mkfifo(tmp_path / "pipe.py")
    assert names(find([str(tmp_path)]), tmp_path) == ["a.py"]
