"""The command line: `python -m amalthea preview`, and how every command ends."""

import os
import subprocess
import sys

import numpy as np
import PIL.Image
import pytest

import pictures
from amalthea.__main__ import main
from amalthea.report.sheets import FORMATS
from amalthea.sheet import GAP, TEXT
from commands import error_of


@pytest.fixture
def folder(tmp_path):
    """Two classes, one picture of each shape."""
    root = tmp_path / "pets"
    pictures.write_all(root, ["cats/cat_1.png", "cats/cat_2.png", "dogs/dog_1.png"], (20, 40))
    return root


def size_of(path):
    with PIL.Image.open(path) as sheet:
        return sheet.size


def sheet_size(count, text):
    return count * (112 + GAP) + GAP, 112 + 2 * GAP + (TEXT if text else 0)


def test_preview_draws_a_folder_with_its_classes(folder, tmp_path, capsys):
    out = tmp_path / "sheet.png"
    assert main(["preview", str(folder), "--out", str(out)]) == 0
    assert size_of(out) == sheet_size(3, text=True)
    printed = capsys.readouterr()
    assert printed.out == f"Found 3 files belonging to 2 classes. 3 of them are drawn in {out}.\n"
    assert printed.err == ""


def test_preview_draws_a_folder_without_classes(folder, tmp_path, capsys):
    assert main(["preview", str(folder / "cats"), "--out", str(tmp_path / "sheet.png")]) == 0
    assert size_of(tmp_path / "sheet.png") == sheet_size(2, text=False)
    assert capsys.readouterr().out.startswith("Found 2 files. 2 of them")


def test_preview_takes_labels_from_the_file_names(folder, tmp_path, capsys):
    assert main(["preview", str(folder), "--labels", r"_(\d+)", "--out", str(tmp_path / "sheet.png")]) == 0
    assert size_of(tmp_path / "sheet.png") == sheet_size(3, text=True)
    assert "3 files belonging to 2 classes" in capsys.readouterr().out


def test_preview_pads_and_does_not_stretch(folder, tmp_path):
    """A picture of 20 x 40 has black borders above and below it."""
    pictures.write(folder / "white" / "1.png", 255, (20, 40))
    assert main(["preview", str(folder / "white"), "--out", str(tmp_path / "sheet.png")]) == 0
    with PIL.Image.open(tmp_path / "sheet.png") as sheet:
        column = np.asarray(sheet)[GAP : GAP + 112, GAP + 56, 0]
    assert (column == np.repeat([0, 255, 0], [28, 56, 28])).all()


def test_count_and_image_size_and_seed_are_obeyed(folder, tmp_path):
    for number in range(20):
        pictures.write(folder / "cats" / f"{number}.png", 10 * number)
    sheets = []
    for seed in (1, 1, 2):
        out = tmp_path / f"{len(sheets)}.png"
        options = ["--count", "3", "--image-size", "112", "--seed", str(seed), "--out", str(out)]
        assert main(["preview", str(folder), *options]) == 0
        assert size_of(out) == sheet_size(3, text=True)
        sheets.append(out.read_bytes())
    assert sheets[0] == sheets[1] != sheets[2]


def test_a_folder_that_cannot_be_used_is_one_line_and_status_1(folder, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert "gone" in error_of(capsys, "preview", tmp_path / "gone")
    assert "empty" in error_of(capsys, "preview", tmp_path / "empty")
    assert "cat_1.png" in error_of(capsys, "preview", folder / "cats" / "cat_1.png")
    assert "`--labels` is the regular expression 'xyz'" in error_of(capsys, "preview", folder, "--labels", "xyz")
    assert "`--labels`" in error_of(capsys, "preview", folder, "--labels", "(")


def test_an_image_size_that_cannot_be_used_is_one_line_and_status_1(folder, capsys):
    assert "`--image-size`" in error_of(capsys, "preview", folder, "--image-size", "0")


def test_a_broken_picture_is_one_line_with_its_name_and_status_1(folder, tmp_path, capsys):
    (folder / "cats" / "broken.jpg").write_bytes(b"no picture")
    assert "broken.jpg" in error_of(capsys, "preview", folder, "--out", tmp_path / "sheet.png")


def test_a_closed_place_to_write_to_is_one_line_and_status_1(folder, tmp_path, capsys):
    assert "no-such-folder" in error_of(capsys, "preview", folder, "--out", tmp_path / "no-such-folder" / "sheet.png")


def test_an_ending_that_is_no_format_is_one_line_and_status_1(folder, tmp_path, capsys):
    assert "`--out`" in error_of(capsys, "preview", folder, "--out", tmp_path / "sheet.xyz")


@pytest.mark.parametrize("ending", FORMATS)
def test_a_sheet_is_written_in_every_format_that_is_promised(folder, tmp_path, ending):
    assert main(["preview", str(folder), "--out", str(tmp_path / f"sheet{ending}")]) == 0
    assert (tmp_path / f"sheet{ending}").stat().st_size > 100


def test_no_image_of_the_folder_is_drawn_over(folder, capsys):
    picture = folder / "cats" / "cat_1.png"
    before = picture.read_bytes()
    assert "an image of" in error_of(capsys, "preview", folder, "--out", picture)
    assert picture.read_bytes() == before


@pytest.mark.parametrize("option", [("--count", 0), ("--count", -1), ("--seed", -1)])
def test_a_number_that_cannot_be_used_is_one_line_and_status_1(folder, tmp_path, capsys, option):
    assert option[0].strip("-") in error_of(capsys, "preview", folder, *option, "--out", tmp_path / "sheet.png")


def run(*arguments, cwd):
    environment = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    return subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_program_runs_and_ends_with_the_status(folder):
    done = run("-m", "amalthea", "preview", "pets", cwd=folder.parent)
    assert (done.returncode, done.stderr) == (0, "")
    assert size_of(folder.parent / "sheet.png") == sheet_size(3, text=True)
    failed = run("-m", "amalthea", "preview", "gone", cwd=folder.parent)
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr.count("\n") == 1
    assert run("-m", "amalthea", cwd=folder.parent).returncode == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["preview", "pets"],
        ["inspect", "pets"],
        ["bench", "pets", "--seconds", "0.2", "--workers", "1"],
        ["migrate", "pets/train.py"],
    ],
)
def test_the_command_line_imports_no_keras_and_no_backend(folder, arguments):
    """Nor what draws charts, where there is none to draw."""
    (folder / "train.py").write_text("from keras.preprocessing.image import ImageDataGenerator\n")
    program = (
        f"import sys; from amalthea.__main__ import main; assert main({arguments}) == 0;"
        "print(sorted({'keras', 'jax', 'torch', 'tensorflow', 'matplotlib'} & set(sys.modules)))"
    )
    done = run("-c", program, cwd=folder.parent)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


def test_a_chart_without_its_package_names_what_to_install(folder):
    program = (
        "import sys; sys.modules['matplotlib'] = None; from amalthea.__main__ import main;"
        "sys.exit(main(['inspect', 'pets', '--out', 'chart.png']))"
    )
    done = run("-c", program, cwd=folder.parent)
    assert (done.returncode, done.stdout) == (1, "")
    assert 'pip install "amalthea[plot]"' in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_reader_that_has_gone_is_no_traceback(folder):
    """As `head` does."""
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-W", "error", "-m", "amalthea", "inspect", "pets"]
    done = subprocess.run(command, cwd=folder.parent, stdout=writer, stderr=subprocess.PIPE, timeout=60)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")


def test_an_interrupt_is_no_traceback(tmp_path):
    """It comes as soon as a loader's thread is at work, in what would take some seconds more."""
    for number in range(2):  # large enough that the program waits for the thread
        picture = pictures.noise_picture(800, 800, seed=number)
        (tmp_path / f"{number}.png").write_bytes(pictures.encoded(picture, "PNG"))
    program = """
import os, signal, sys, threading
from amalthea.__main__ import main

def interrupt():
    while not any(thread.name == "amalthea" for thread in threading.enumerate()):
        pass
    os.kill(os.getpid(), signal.SIGINT)

threading.Thread(target=interrupt).start()
sys.exit(main(["bench", ".", "--seconds", "10"]))
"""
    done = run("-c", program, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "amalthea: interrupted\n")


def test_a_name_that_the_terminal_cannot_show_is_shown_all_the_same(folder):
    (folder / "cats" / "caf\N{LATIN SMALL LETTER E WITH ACUTE}\udce9.jpg").write_bytes(b"no picture")
    command = [sys.executable, "-m", "amalthea", "inspect", "pets"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, cwd=folder.parent, env=environment, capture_output=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"cats/caf\\xe9\\xe9.jpg: the file is no picture" in done.stdout


@pytest.mark.parametrize(
    ("command", "what"), [("preview", "DIR"), ("inspect", "DIR"), ("bench", "DIR"), ("migrate", "PATH")]
)
def test_help_is_there_for_each_command(capsys, command, what):
    with pytest.raises(SystemExit) as end:
        main([command, "--help"])
    assert end.value.code == 0
    assert what in capsys.readouterr().out


def test_an_unknown_option_is_status_2_with_the_usage_of_the_command(folder, capsys):
    with pytest.raises(SystemExit) as end:
        main(["inspect", str(folder), "--outt", "chart.png"])
    assert end.value.code == 2
    assert "usage: python -m amalthea inspect" in capsys.readouterr().err
