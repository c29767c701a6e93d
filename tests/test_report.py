"""`python -m amalthea inspect`: what it finds in a folder, says of it and draws."""

import collections
import json
import re
import tempfile
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st

import amalthea
import pictures
from amalthea.__main__ import main
from amalthea._units import as_bytes
from amalthea.errors import ConfigurationError
from amalthea.loaders.listing import Listing
from amalthea.report.chart import _round_numbers, draw_chart
from amalthea.report.copies import copies_of
from amalthea.report.facts import FACTS, SUFFIXES_OF, facts_of
from amalthea.report.survey import Survey, survey
from amalthea.report.table import aligned, printable
from amalthea.report.targets import check_target
from amalthea.report.text import as_text
from amalthea.sources.decode import decode
from amalthea.sources.files import SUFFIXES
from commands import error_of


def jpeg(height=30, width=40, **options):
    return pictures.encoded(pictures.noise_picture(height, width), "JPEG", **options)


SIXTEEN = PIL.Image.fromarray(np.arange(0, 60000, 20, np.uint16).reshape(50, 60))

# By file: its bytes, width, height, format, colours, and a part of what is wrong with it.
FILES = {
    "cats/1.jpg": (jpeg(), 40, 30, "JPEG", "RGB", None),
    "cats/gray.jpg": (pictures.encoded(pictures.noise_picture(8, 9, "L"), "JPEG"), 9, 8, "JPEG", "L", None),
    "cats/cmyk.jpeg": (pictures.encoded(pictures.noise_picture(8, 9, "CMYK"), "JPEG"), 9, 8, "JPEG", "CMYK", None),
    "cats/cut.jpg": (jpeg()[:-200], 40, 30, "JPEG", "RGB", "truncated"),
    "cats/palette.png": (pictures.encoded(pictures.noise_picture(5, 6).convert("P"), "PNG"), 6, 5, "PNG", "P", None),
    "cats/16 bits.png": (pictures.encoded(SIXTEEN, "PNG"), 60, 50, "PNG", "I;16", None),
    "cats/clear.png": (pictures.encoded(pictures.noise_picture(5, 6, "RGBA"), "PNG"), 6, 5, "PNG", "RGBA", None),
    "dogs/really.png": (jpeg(7, 8), 8, 7, "JPEG", "RGB", None),
    "dogs/1.webp": (pictures.encoded(pictures.noise_picture(5, 6), "WEBP"), 6, 5, "WEBP", "RGB", None),
    "dogs/1.tif": (pictures.encoded(pictures.noise_picture(5, 6), "TIFF"), 6, 5, "TIFF", "RGB", None),
    "dogs/1.ppm": (pictures.encoded(pictures.noise_picture(5, 6), "PPM"), 6, 5, "PPM", "RGB", None),
    "dogs/1.GIF": (pictures.encoded(pictures.noise_picture(5, 6), "GIF"), 6, 5, "GIF", "P", None),
    "dogs/1.bmp": (pictures.encoded(pictures.noise_picture(5, 6), "BMP"), 6, 5, "BMP", "RGB", None),
    "dogs/bomb.png": (pictures.huge_png(), 0, 0, "", "", "MAX_IMAGE_PIXELS"),
    "dogs/empty.jpg": (b"", 0, 0, "", "", "empty"),
    "dogs/\N{CAT FACE} ünï.jpg": (b"no picture", 0, 0, "", "", "no picture of a known format"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two classes of all kinds of files, and one of none."""
    root = tmp_path_factory.mktemp("report") / "pets"
    for name, (data, *_) in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (root / "birds").mkdir()
    return root


@pytest.fixture(scope="module")
def found(folder):
    return survey(str(folder), workers=2)


def of_file(found, root):
    paths = [path.removeprefix(f"{root}/") for path in found.listing.paths]
    return {path: (found.files[index], found.broken.get(index)) for index, path in enumerate(paths)}


@pytest.mark.parametrize("name", FILES)
def test_each_file_is_what_it_is_and_broken_ones_say_why(folder, found, name):
    data, width, height, kind, mode, problem = FILES[name]
    facts, why = of_file(found, folder)[name]
    assert (facts["width"], facts["height"], facts["bytes"]) == (width, height, len(data))
    assert (facts["format"], facts["mode"]) == (kind.encode(), mode.encode())
    assert (why is None) == (problem is None)
    assert problem is None or problem in why


def test_what_is_broken_is_what_the_loader_fails_on_in_its_words(folder, found):
    paths = list(found.listing.paths)
    source = amalthea.sources.ImageFiles(paths, 8)
    rows = amalthea.rows.Rows(source, seed=0)
    errors = {}
    for index in range(len(paths)):
        try:
            rows.sample(0, index)
        except amalthea.SampleError as error:
            errors[index] = error.reason
    assert errors == found.broken


@given(st.data())
def test_a_damaged_jpeg_is_broken_here_if_and_only_if_the_loader_fails(data):
    """Here it is decoded at an eighth of its size, and there as a whole."""
    kind = data.draw(st.sampled_from([{}, {"progressive": True}, {"subsampling": 0}, {"quality": 40}]))
    file = bytearray(jpeg(48, 64, **kind))
    for place in data.draw(st.lists(st.integers(2, len(file) - 1), max_size=4)):
        file[place] = data.draw(st.integers(0, 255))
    file = bytes(file[: data.draw(st.integers(len(file) // 2, len(file)))])
    whole, eighth = (verdict(file, reduction) for reduction in (None, lambda height, width: 8))
    assert whole == eighth


def verdict(file, reduction):
    try:
        decode(file, "rgb", reduction)
    except Exception as error:  # any
        return type(error)
    return None


def test_the_number_of_threads_changes_nothing(folder, found):
    alone = survey(str(folder), workers=1)
    assert (alone.files == found.files).all()
    assert alone.broken == found.broken


def test_quick_reads_headers_and_tells_what_has_none(folder, found):
    quick = survey(str(folder), quick=True)
    for name in ("width", "height", "bytes", "format", "mode"):
        assert (quick.files[name] == found.files[name]).all()
    cut = next(index for index, path in enumerate(found.listing.paths) if path.endswith("cut.jpg"))
    assert quick.broken.keys() == found.broken.keys() - {cut}
    assert quick.copies.extra == 0


def test_classes_are_counted_with_their_broken_files_and_with_those_of_none(found):
    assert found.class_names == ["birds", "cats", "dogs"]
    assert found.counts.tolist() == [0, 7, 9]
    assert found.broken_counts.tolist() == [0, 1, 3]


def test_a_suffix_that_is_not_that_of_the_content_is_found(found):
    assert [found.listing.paths[index].rsplit("/", 1)[1] for index in found.misnamed] == ["really.png"]


def test_every_suffix_that_is_read_is_that_of_a_format():
    assert sorted(suffix for suffixes in SUFFIXES_OF.values() for suffix in suffixes) == sorted(SUFFIXES)


def test_a_jpeg_with_a_second_picture_behind_is_a_jpeg(tmp_path):
    picture = pictures.noise_picture(8, 9)
    picture.save(tmp_path / "1.jpg", "MPO", save_all=True, append_images=[picture])
    for quick in (False, True):
        facts, problem = facts_of(str(tmp_path / "1.jpg"), quick=quick)
        assert (facts.format, problem) == ("JPEG", None)


def test_a_file_that_cannot_be_opened_is_broken(tmp_path):
    (tmp_path / "1.jpg").symlink_to(tmp_path / "gone")
    facts, problem = facts_of(str(tmp_path / "1.jpg"))
    assert facts.file_bytes == 0
    assert "FileNotFoundError" in problem


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=12))
def test_copies_are_counted_as_by_hand(files):
    """Content 0 is that of files that were not read."""
    digests = np.array([[content] * 16 for content, _ in files], np.uint8).reshape(-1, 16).view("V16")[:, 0]
    labels = np.array([label for _, label in files], np.int64)
    copies = copies_of(digests, labels)
    classes = collections.defaultdict(list)
    for content, label in files:
        classes[content].append(label)
    classes.pop(0, None)
    again = [each for each in classes.values() if len(each) > 1]
    assert copies.extra == sum(len(each) - 1 for each in again)
    expected = sorted(((len(set(each)) > 1, len(each)) for each in again), reverse=True)
    assert list(zip(copies.across.tolist(), copies.members.tolist(), strict=True)) == expected
    assert len({files[first][0] for first, _ in copies.pairs.tolist()}) == len(again)
    for (first, second), members, across in zip(*copies, strict=True):
        assert first != second
        assert files[first][0] == files[second][0]
        assert len(classes[files[first][0]]) == members
        assert (labels[first] != labels[second]) == across


def write(root, files):
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return str(root)


def report(root, *options):
    return as_text(survey(write(*root) if isinstance(root, tuple) else str(root), *options, workers=1))


def test_the_report_tells_all_that_was_found(folder, found):
    text = as_text(found)
    for line in (
        f"{folder}: 16 images (each decoded), 3 classes",
        "  birds  0   0 %",
        "  cats   7  44 %  1 broken",
        "Broken files: 4",
        "  dogs/empty.jpg: the file is empty",
        "  dogs/really.png is JPEG",
        "grayscale, 16 bits",
        'on_error="skip", quarantine="broken.json"',
        "`--report broken.json` writes their list.",
        "Empty classes have a number and no image: birds.",
        'color_mode="rgba"',
        "max_errors=",
    ):
        assert line in text, line


def test_a_clean_folder_has_no_sections_of_faults(tmp_path):
    text = report((tmp_path / "pets", {"a/1.jpg": jpeg(), "b/2.jpg": jpeg(quality=90)}))
    assert "40 x 30, all of them" in text
    assert "`image_size=(30, 40)`" in text
    for word in ("Broken", "Suffixes", "Left out", "byte for byte", "on_error", "weight"):
        assert word not in text


def test_copies_of_one_and_of_two_classes_are_told(tmp_path):
    one, two = jpeg(), jpeg(quality=90)
    text = report((tmp_path / "pets", {"a/1.jpg": one, "b/2.jpg": one, "b/3.jpg": two, "b/4.jpg": two, "b/5.jpg": two}))
    assert "\n3 copies of 2 files, byte for byte\n" in text
    assert "a/1.jpg = b/2.jpg, in another class (2 files)\n" in text
    assert "b/3.jpg = b/4.jpg (3 files)\n" in text
    assert "same_files" in text


def test_files_that_no_loader_takes_are_counted(tmp_path):
    files = {
        "a/1.jpg": jpeg(),
        "2.jpg": jpeg(),
        "a/notes.txt": b"x",
        "a/1.NEF": b"x",
        "a/2.nef": b"x",
        "a/.DS_Store": b"",
    }
    text = report((tmp_path / "pets", files))
    assert [line.split() for line in text.splitlines() if line.startswith(("  .nef", "  .txt"))] == [
        [".nef", "2"],
        [".txt", "1"],
    ]
    assert "images in no class folder  1" in text
    assert "DS_Store" not in text


def test_a_folder_without_classes_has_no_table_of_them(tmp_path):
    text = report((tmp_path, {"1.jpg": jpeg()}))
    assert "1 image (each decoded), " in text
    assert "Classes" not in text


def test_classes_far_apart_in_number_are_told(tmp_path):
    files = {
        f"a/{number}.png": pictures.encoded(pictures.noise_picture(4, 4, seed=number), "PNG") for number in range(6)
    }
    text = report((tmp_path, {**files, "b/1.jpg": jpeg()}))
    assert "6 times the smallest" in text
    assert 'class_weight="balanced"' in text


def test_gray_images_are_told(tmp_path):
    text = report((tmp_path, {"1.png": pictures.encoded(pictures.noise_picture(4, 4, "L"), "PNG")}))
    assert 'color_mode="grayscale"' in text


def test_labels_come_from_the_file_names_if_asked_for(tmp_path):
    root = write(tmp_path, {"cat_1.jpg": jpeg(), "cat_2.jpg": jpeg(), "dog_1.jpg": jpeg()})
    found = survey(root, r"^(\w+)_")
    assert (found.class_names, found.counts.tolist()) == (["cat", "dog"], [2, 1])


def made_up(classes, files=600, *, names=None):
    """A survey of as many classes, with nothing on the disk."""
    rng = np.random.default_rng(classes)
    facts = np.zeros(files, FACTS)
    facts["width"], facts["height"] = rng.integers(50, 900, (2, files))
    facts["bytes"], facts["format"], facts["mode"] = rng.integers(1000, 90_000, files), b"JPEG", b"RGB"
    names = names or [f"class {number}" for number in range(classes)] or None
    labels = np.sort(rng.integers(0, classes, files)).astype(np.int32) if classes else None
    listing = Listing([f"{number}.jpg" for number in range(files)], labels, names)
    return Survey("pets", listing, facts, {0: "ValueError: broken"}, collections.Counter())


def test_of_many_classes_the_largest_and_the_smallest_are_listed():
    found = made_up(1000, files=5000)
    lines = as_text(found).splitlines()
    start = lines.index("Classes")
    listed = lines[start + 1 : lines.index("", start)]
    assert len(listed) == 25
    assert "976 more" in listed[12]
    assert int(listed[0].split()[2]) == found.counts.max()
    assert int(listed[-1].split()[2]) == found.counts.min()


@pytest.mark.parametrize("classes", [0, 1, 3, 40, 41, 1000])
def test_the_chart_is_a_picture_with_something_in_each_part(classes, tmp_path):
    out = tmp_path / "chart.png"
    draw_chart(made_up(classes), str(out))
    with PIL.Image.open(out) as chart:
        pixels = np.asarray(chart.convert("RGB")).astype(int)
    assert pixels.shape[1] == 1800
    height, width, _ = pixels.shape
    blue = pixels[..., 2] - pixels[..., 0] > 40
    for part in (blue[:, : width // 2], blue[: height // 2, width // 2 :], blue[height // 2 :, width // 2 :]):
        assert part.mean() > 0.001
    red = pixels[..., 0] - pixels[..., 2] > 80
    assert red.any() == (0 < classes <= 40)


@pytest.mark.parametrize("classes", [4, 44])
def test_the_chart_takes_any_name_of_a_class(classes, tmp_path):
    names = ["$\\frac{{{$", "a very long name of a class " * 9, "\N{CAT FACE} 猫", "two\nlines"]
    draw_chart(made_up(classes, names=names * (classes // 4)), str(tmp_path / "chart.png"))
    with PIL.Image.open(tmp_path / "chart.png") as chart:
        assert chart.size == (1800, 1125)


def words_of(found, path):
    """Returns what a chart says, in one string: a drawing of SVG keeps each text as a comment."""
    draw_chart(found, str(path))
    return " | ".join(re.findall(r"<!-- (.*?) -->", path.read_text(encoding="utf-8")))


def test_the_bars_of_the_formats_add_up(tmp_path):
    found = made_up(3, files=130)
    found.files["mode"] = np.array([f"mode {number % 13}" for number in range(130)], "S")
    words = words_of(found, tmp_path / "chart.svg")
    assert "6 others" in words
    assert "| 60 |" in words


def test_the_chart_and_the_report_have_one_median(tmp_path):
    found = made_up(0, files=4)
    found.files["bytes"] = [0, 1000, 3000, 900_000]
    words = words_of(found, tmp_path / "chart.svg")
    assert "line: the median, 2.00 kB; 1 empty, not drawn" in words
    assert "2.00 kB" in as_text(found)
    assert "| 1 kB | 10 kB | 100 kB |" in words


@given(st.floats(1, 1e9), st.floats(1.3, 1e9))
def test_the_marks_of_an_axis_are_round_and_neither_one_nor_many(low, ratio):
    marks = _round_numbers(low, low * ratio)
    assert 2 <= len(marks) <= 9
    assert all(low <= mark <= low * ratio for mark in marks)
    assert all(len(f"{mark:.6e}".split("e")[0].rstrip("0.")) <= 4 for mark in marks)


@pytest.mark.parametrize("ending", ["svg", "pdf"])
def test_the_chart_is_written_in_other_formats_too(ending, tmp_path):
    draw_chart(made_up(3), str(tmp_path / f"chart.{ending}"))
    assert (tmp_path / f"chart.{ending}").stat().st_size > 5000


def test_a_folder_of_broken_files_only_is_reported_and_drawn(tmp_path, capsys):
    write(tmp_path / "pets", {"1.jpg": b"", "2.jpg": b"no"})
    assert main(["inspect", str(tmp_path / "pets"), "--out", str(tmp_path / "chart.png")]) == 0
    assert "Broken files: 2" in capsys.readouterr().out
    assert (tmp_path / "chart.png").stat().st_size > 5000


def test_the_broken_files_that_are_written_are_left_out_by_a_loader(folder, tmp_path, capsys):
    out = tmp_path / "broken.json"
    assert main(["inspect", str(folder), "--report", str(out)]) == 0
    printed = capsys.readouterr().out
    assert f'on_error="skip", quarantine="{out}"' in printed
    assert "`--report" not in printed
    assert len(json.loads(out.read_text())["samples"]) == 4
    options = {"image_size": 8, "seed": 0, "verbose": False, "workers": 0}
    loader = amalthea.ImageLoader.from_directory(folder, on_error="skip", max_errors=0, quarantine=str(out), **options)
    with loader:
        assert sum(len(images) for images, _ in loader) == len(FILES)


def test_check_makes_broken_files_a_status(folder, tmp_path, capsys):
    assert main(["inspect", str(folder)]) == 0
    assert main(["inspect", str(folder), "--check"]) == 3
    write(tmp_path, {"1.jpg": jpeg()})
    assert main(["inspect", str(tmp_path), "--check"]) == 0
    assert "pets: 16 images" in capsys.readouterr().out


def test_what_cannot_be_used_is_one_line_and_status_1(folder, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert "gone" in error_of(capsys, "inspect", tmp_path / "gone")
    assert "There is no image" in error_of(capsys, "inspect", tmp_path / "empty")
    assert "1.jpg" in error_of(capsys, "inspect", folder / "cats" / "1.jpg")
    assert "`--labels` is the regular expression 'xyz'" in error_of(capsys, "inspect", folder, "--labels", "xyz")
    assert "`--workers`" in error_of(capsys, "inspect", folder, "--workers", 0)


@pytest.mark.parametrize("option", ["--out", "--report"])
def test_what_cannot_be_written_is_told_before_anything_is_read(folder, tmp_path, capsys, option):
    (tmp_path / "folder.png").mkdir()
    assert option in error_of(capsys, "inspect", tmp_path / "gone", option, tmp_path / "no-such-folder" / "chart.png")
    assert option in error_of(capsys, "inspect", tmp_path / "gone", option, tmp_path / "folder.png")


def test_a_folder_of_somebody_else_is_no_place_for_a_report():
    with tempfile.TemporaryDirectory() as locked:
        Path(locked).chmod(0o555)
        with pictures.as_a_user(), pytest.raises(ConfigurationError, match="--report"):
            check_target("--report", f"{locked}/broken.json", locked)


def test_an_ending_that_is_no_format_names_those_that_are(folder, capsys):
    for name in ("chart.xyz", "chart.eps"):
        error = error_of(capsys, "inspect", folder, "--out", name)
        assert name in error
        assert ".png, .svg, .pdf" in error


@pytest.mark.parametrize("option", ["--out", "--report"])
def test_no_image_of_the_folder_is_written_over(tmp_path, capsys, option):
    root = Path(write(tmp_path / "pets", {"1.png": b"as it was"}))
    (tmp_path / "link.png").symlink_to(root / "1.png")
    for target in (root / "1.png", root / ".." / "pets" / "1.png", tmp_path / "link.png"):
        assert "an image of" in error_of(capsys, "inspect", root, option, target)
    assert (root / "1.png").read_bytes() == b"as it was"


def test_what_is_no_image_of_the_folder_is_written_over(tmp_path, capsys):
    root = Path(write(tmp_path / "pets", {"1.jpg": jpeg(), "broken.json": b"old"}))
    for _ in range(2):
        options = ["--out", str(tmp_path / "chart.png"), "--report", str(root / "broken.json")]
        assert main(["inspect", str(root), *options]) == 0
    assert "samples" in json.loads((root / "broken.json").read_text())


def test_a_damaged_argument_of_the_survey_is_told(folder):
    with pytest.raises(ConfigurationError, match="workers"):
        survey(str(folder), workers=-1)


def test_columns_stand_below_each_other_in_any_script():
    assert aligned([["猫", "7"], ["cats", "1,200"]]) == ["猫        7", "cats  1,200"]


@given(st.text())
def test_any_name_is_one_line_that_can_be_printed(name):
    shown = printable(name.encode("utf-8", "surrogateescape" if name.isascii() else "replace").decode())
    assert shown.isprintable()
    assert len(shown) <= 41


def test_a_name_that_is_no_text_can_be_printed():
    assert printable("caf\udce9.jpg") == "caf\\xe9.jpg"


@given(st.integers(0, 10**15))
def test_bytes_are_told_to_three_digits(count):
    number, unit = as_bytes(count).split()
    value = float(number.replace(",", "")) * {"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12}[unit]
    assert value == pytest.approx(count, rel=0.006, abs=0.5)
