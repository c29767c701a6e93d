"""Every measurement runs, small, with all contestants whose packages are there; and what is said of them is right."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.__main__ import _merged
from benchmarks.case import Case, Contestant
from benchmarks.cases import ALL, named
from benchmarks.charts import draw
from benchmarks.report import machines, table
from benchmarks.runner import measure
from benchmarks.summary import ratio
from matplotlib.text import Text

pytestmark = pytest.mark.timeout(900)  # the first of them waits for all the measurements

ROOT = Path(__file__).parent.parent

# These show something else than the others of their case.
OTHER_SHAPES = ("TextVectorization (TensorFlow)", "Amalthea, a whole loader (JAX)")


@pytest.fixture(scope="module")
def smoke(tmp_path_factory):
    out = tmp_path_factory.mktemp("benchmarks")
    command = [sys.executable, "-m", "benchmarks", "--smoke", "--out", str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=800)
    assert done.returncode == 0, done.stderr[-4000:]
    return out


@pytest.fixture(scope="module")
def results(smoke):
    return json.loads((smoke / "smoke.json").read_text(encoding="utf-8"))["cases"]


def test_all_contestants_that_are_installed_run(results):
    assert [case["name"] for case in results] == list(ALL)
    for case in results:
        known = {each.name: each.missing for each in ALL[case["name"]].contestants}
        assert set(case["runs"]) == {name for name, missing in known.items() if not missing}
        assert case["left_out"] == {name: missing for name, missing in known.items() if missing}
        for runs in case["runs"].values():
            assert [run["samples_s"] > 0 and run["first_s"] > 0 and run["peak_mb"] > 1 for run in runs] == [True]


def test_amalthea_runs_in_every_environment_and_in_nearly_every_case(results):
    assert sum(any(name.startswith("Amalthea") for name in case["runs"]) for case in results) >= len(ALL) // 3


def test_the_contestants_of_a_case_give_the_same(results):
    for case in results:
        given = {run["gives"] for name, runs in case["runs"].items() if name not in OTHER_SHAPES for run in runs}
        assert len(given - {""}) <= 1, case["name"]


def test_the_pixels_are_nearly_the_best_that_can_be_had(results):
    for case in results:
        for name, (run,) in case["runs"].items():
            if name.startswith("Amalthea") and case["name"] in ("jpegs", "photographs", "png"):
                assert run["dB"] > 32, (case["name"], name)


def test_the_page_has_a_table_for_each_case_and_a_chart_for_each_group(smoke):
    page = (smoke / "benchmarks.md").read_text(encoding="utf-8")
    for name, case in ALL.items():
        assert f"## {case.title}\n" in page
        picture = f"benchmarks-{name.partition('-')[0]}.png"
        assert f"]({picture})" in page and (smoke / picture).stat().st_size > 5000
    missing = {each.name for case in ALL.values() for each in case.contestants if each.missing}
    assert all(f"{name} (needs " in page for name in missing)


def test_what_was_measured_is_drawn_again(smoke, tmp_path):
    command = [sys.executable, "-m", "benchmarks", "--draw", str(smoke / "smoke.json"), "--out", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=120)
    assert (tmp_path / "benchmarks.md").read_bytes() == (smoke / "benchmarks.md").read_bytes()
    assert not (tmp_path / "results.json").exists()


def test_smoke_leaves_what_was_measured_as_it_is(tmp_path):
    kept = tmp_path / "results.json"
    kept.write_text("figures")
    done = _benchmarks("growth-1000", "--smoke", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr[-4000:]
    assert kept.read_text() == "figures" and (tmp_path / "smoke.json").exists()


def test_smoke_alone_leaves_nothing(tmp_path):
    done = _benchmarks("index-paths", "--smoke", cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-4000:]
    assert "An index of ten million paths" in done.stdout and not list(tmp_path.iterdir())


def test_a_case_takes_its_place_beside_those_of_the_file(tmp_path):
    for name in ("index-paths", "order", "index-paths"):
        kept = _merged(tmp_path / "results.json", {"name": name, "runs": {}})
    assert [case["name"] for case in kept["cases"]] == ["index-paths", "order"]
    assert json.loads((tmp_path / "results.json").read_text(encoding="utf-8")) == kept


@pytest.mark.parametrize("arguments", [("--rounds", "0"), ("--count", "0"), ("--count", "-5"), ("--rounds", "two")])
def test_a_number_that_cannot_be_is_an_error_of_the_command_line(arguments):
    done = _benchmarks(*arguments)
    assert done.returncode == 2 and f"{arguments[0]}: {arguments[1]!r} is not an integer of 1 or more" in done.stderr


def test_a_file_that_cannot_be_drawn_is_said_in_a_line(tmp_path):
    (tmp_path / "none.json").write_text("no JSON")
    for name in ("nope.json", "none.json"):
        done = _benchmarks("--draw", str(tmp_path / name), "--out", str(tmp_path / "out"))
        assert done.returncode == 1 and done.stderr.startswith("--draw: ") and done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_the_page_tells_what_each_case_was_measured_on():
    first = {"cores": 2, "system": "Linux", "python": "3.12.1", "versions": {"keras": "3.15", "jax": "0.10"}}
    cases = [{"name": name, "machine": first} for name in ("jpegs", "png", "tiny")]
    assert machines(cases) == "2 cores, Linux, Python 3.12.1; jax 0.10, keras 3.15."
    cases[1]["machine"] = first | {"cores": 8}
    assert machines(cases).splitlines() == [
        "- `jpegs`, `tiny`: 2 cores, Linux, Python 3.12.1; jax 0.10, keras 3.15.",
        "- `png`: 8 cores, Linux, Python 3.12.1; jax 0.10, keras 3.15.",
    ]


def test_a_chart_says_where_there_are_no_figures(tmp_path):
    contestant = {"name": "Amalthea", "backend": None, "floor": False, "against": None}
    case = {"title": "Few", "unit": "paths", "contestants": [contestant], "runs": {"Amalthea": [{"failed": "it did"}]}}
    assert _words(draw([case], tmp_path / "chart.png")) == {"Few: paths/s", "MB above the idle program", "no figures"}
    case["runs"]["Amalthea"] = [{"samples_s": 7, "peak_mb": 1.0, "idle_mb": 1.4}]
    words = _words(draw([case], tmp_path / "chart.png"))
    assert {"7", "0"} < words and not {"no figures", "-0"} & words


def test_contestants_run_in_turns_each_in_a_process_of_its_own(tmp_path):
    case = _case(Contestant("Amalthea", "orders:paths"), Contestant("a list", "orders:paths", options={"into": "list"}))
    told = []
    result = measure(case, tmp_path, rounds=2, seconds=0, tell=told.append)
    assert [text.partition(": ")[2] for text in told] == ["Amalthea", "a list"] * 2
    # Each run starts from the memory of a program that has just begun.
    idle = [run["idle_mb"] for runs in result["runs"].values() for run in runs]
    assert len(idle) == 4 and max(idle) < 1.3 * min(idle)


def test_who_fails_is_said_and_the_others_run_on(tmp_path):
    case = _case(Contestant("Amalthea", "orders:paths"), Contestant("broken", "orders:paths", options={"into": "?"}))
    result = measure(case, tmp_path, rounds=1, seconds=0)
    assert result["runs"]["Amalthea"][0]["samples_s"] > 0
    assert "KeyError" in result["runs"]["broken"][0]["failed"]
    assert "KeyError" in table(result)


def test_a_ratio_is_the_median_of_those_of_each_round():
    runs = {"A": [10, 30, 50], "B": [10, 10, 100]}
    case = {"runs": {name: [{"samples_s": rate} for rate in rates] for name, rates in runs.items()}}
    assert ratio(case, "A", "B") == (1.0, 0.5, 3.0)
    case["runs"]["B"][1] = {"failed": "it did"}
    assert ratio(case, "A", "B") == (0.75, 0.5, 1.0)


def test_a_word_names_a_case_or_a_group_of_cases():
    assert [case.name for case in named(["texts-20", "growth"])] == [
        "texts-20",
        "growth-1000",
        "growth-30000",
        "growth-1000000",
    ]
    assert [case.name for case in named([])] == list(ALL)
    with pytest.raises(SystemExit, match="There is no case 'textes'"):
        named(["textes"])


def _benchmarks(*arguments, cwd=ROOT):
    command = [sys.executable, "-m", "benchmarks", *arguments]
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "PYTHONPATH": path}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=300)


def _words(sheet):
    return {text.get_text() for text in sheet.findobj(Text) if text.get_text() and text.get_visible()}


def _case(*contestants):
    return Case("few", "Few", "Little.", "paths", contestants, options={"count": 1000}, through="itself", warm=False)
