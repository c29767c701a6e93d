"""`python -m amalthea bench`: what it measures, and what it makes of that."""

import dataclasses
import math
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import pictures
from amalthea.__main__ import main
from amalthea.errors import SampleError
from amalthea.sources.images import ImageFiles
from amalthea.speed.bench import Bench, bench, fewest, worker_counts
from amalthea.speed.crew import Done, each
from amalthea.speed.feeds import Feed, images_per_second, measured
from amalthea.speed.sample import Sample, sample_of, spread
from amalthea.speed.steps import STEPS, step_seconds
from amalthea.speed.text import as_text
from commands import error_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two classes of small JPEGs, and two broken files."""
    root = tmp_path_factory.mktemp("speed") / "pets"
    for name in ("cats", "dogs"):
        (root / name).mkdir(parents=True)
        for number in range(12):
            data = pictures.encoded(pictures.noise_picture(60, 80, seed=number), "JPEG")
            (root / name / f"{number}.jpg").write_bytes(data if number else data[:-900])
    return root


@pytest.fixture(scope="module")
def source(folder):
    return ImageFiles([str(folder / "cats" / f"{number}.jpg") for number in range(1, 12)], 16, dtype="uint8")


@given(size=st.integers(1, 5000), count=st.integers(1, 600), seed=st.integers(0, 9))
def test_files_are_drawn_one_from_each_part_of_the_folder(size, count, seed):
    drawn = spread(size, count, seed)
    count = min(size, count)
    edges = np.arange(count + 1) * size // count
    assert (np.searchsorted(edges, np.sort(drawn), side="right") - 1 == np.arange(count)).all()
    assert (drawn == spread(size, count, seed)).all()


def test_another_seed_draws_other_files():
    assert not np.array_equal(np.sort(spread(5000, 100, 0)), np.sort(spread(5000, 100, 1)))


@given(count=st.integers(1, 50), threads=st.integers(1, 5))
def test_all_of_the_work_is_done_once(count, threads):
    seen = []
    assert each(seen.append, count, threads=threads, seconds=60).count == count
    assert sorted(seen) == list(range(count))


def test_when_the_time_is_over_the_first_is_done_all_the_same():
    seen = []
    assert each(seen.append, 50, threads=3, seconds=0).count == len(seen) == 1


def test_an_error_of_the_work_ends_it_and_is_raised():
    seen = []

    def work(number):
        seen.append(number)
        if number == 3:
            raise ValueError("three")

    with pytest.raises(ValueError, match="three"):
        each(work, 10**6, threads=2, seconds=60)
    assert len(seen) < 10**6


def test_a_sample_leaves_out_what_is_broken(folder):
    paths = sorted(str(path) for path in folder.rglob("*.jpg"))
    sample = sample_of(paths, 16, threads=2, seconds=60)
    assert (sample.broken, len(sample.source)) == (2, 22)
    assert sample.first.count == sample.again.count == 24
    assert sample.file_bytes == np.mean([(folder / path).stat().st_size for path in paths])


def test_a_sample_that_is_broken_as_a_whole_is_the_error_of_a_file(folder):
    with pytest.raises(SampleError, match=r"0\.jpg"):
        sample_of([str(folder / "cats" / "0.jpg")], 16, threads=1, seconds=60)


def test_each_step_is_measured_with_each_number_of_threads(source):
    steps = step_seconds(source, lambda image, rng: image, threads=(1, 2), seconds=0.2)
    assert list(steps) == [1, 2]
    for times in steps.values():
        assert tuple(times) == STEPS
        assert times["decoding"] > 0
        assert all(0 <= seconds < 60 for seconds in times.values())


@pytest.mark.parametrize(("workers", "processes"), [(0, False), (2, False), (1, True)])
def test_a_loader_is_measured_with_any_workers(source, workers, processes):
    rate = images_per_second(Feed(source, None, workers, processes), batch_size=4, seconds=0.05)
    assert 0 < rate < math.inf


class Watched:
    """Says which thread has made each of its samples."""

    def __init__(self):
        self.makers = []

    def __len__(self):
        return 64

    def __getitem__(self, index):
        self.makers.append(threading.current_thread())
        return np.zeros(3, np.float32)


def test_each_way_has_a_rate_of_its_own(source):
    watched = Watched()
    rates = measured({"files": Feed(source, None, 0), "watched": Feed(watched, None, 0)}, batch_size=2, seconds=0.06)
    assert set(rates) == {"files", "watched"}
    assert len(watched.makers) > 4


def test_who_asks_for_batches_leaves_the_work_to_the_workers():
    """As in a training that is busy with its step; but for the sample that tells the shapes."""
    watched = Watched()
    images_per_second(Feed(watched, None, 2), batch_size=8, seconds=0.05)
    assert watched.makers.count(threading.main_thread()) == 1
    assert len(watched.makers) > 16


def test_a_bench_measures_the_folder(folder):
    result = bench(str(folder), image_size=16, batch_size=4, seconds=0.6, workers=2, show=False)
    assert result.files == 24
    assert 1 <= len(result.sample.source) <= 22  # as many as were read in time
    assert list(result.threads) == [0, 1, 2]
    assert list(result.steps) == [1, 2]
    assert result.workers in (1, 2)
    assert result.cache_bytes == 24 * 16 * 16 * 3
    assert min(*result.threads.values(), result.processes, result.plain, result.cached) > 0


def test_one_image_and_one_worker_are_enough(tmp_path, capsys):
    pictures.write(tmp_path / "1.png")
    assert main(["bench", str(tmp_path), "--seconds", "0.3", "--workers", "1", "--image-size", "8"]) == 0
    printed = capsys.readouterr()
    assert "1 image; 1 of them" in printed.out
    assert "`workers=1`" in printed.out
    assert printed.err == ""


@given(st.dictionaries(st.integers(0, 64), st.floats(1, 1e6), min_size=1))
def test_the_fewest_workers_are_chosen_that_are_nearly_the_best(rates):
    chosen = fewest(rates)
    assert rates[chosen] >= 0.95 * max(rates.values())
    assert all(rate < 0.95 * max(rates.values()) for count, rate in rates.items() if count < chosen)


@given(st.integers(1, 300))
def test_no_one_and_all_workers_are_tried_and_few_between(cores):
    counts = worker_counts(cores)
    assert counts == sorted(set(counts))
    assert {0, 1, cores} <= set(counts) <= set(range(cores + 1))
    assert len(counts) <= 11


STEP_SECONDS = {"reading": 1e-5, "decoding": 6e-4, "resizing": 2e-4, "augmenting": 1.8e-4, "writing": 1e-5}


def made_up(**changes):
    """A bench of 10,000 images on four cores, each of which makes 1,000 images/s."""
    source = ImageFiles(["1.jpg"] * 512, 224, dtype="uint8")
    result = Bench(
        directory="pets",
        files=10_000,
        sample=Sample(source, 0, Done(512, 0.02), Done(512, 0.015), 50_000.0),
        image_size=224,
        batch_size=32,
        cores=4,
        steps={1: STEP_SECONDS, 4: STEP_SECONDS},
        threads={0: 990.0, 1: 1000.0, 2: 2000.0, 4: 3900.0},
        processes=3500.0,
        plain=4500.0,
        cached=9000.0,
    )
    return dataclasses.replace(result, **changes)


def lines_of(**changes):
    return as_text(made_up(**changes)).splitlines()


def test_the_report_tells_what_was_measured():
    lines = lines_of()
    assert lines[0] == (
        "pets: 10,000 images; 512 of them measured, 50.0 kB each on average, as 224 x 224 pixels, in batches of 32, "
        "on 4 cores"
    )
    for line in (
        "  first time            25,600  1,280",
        "  decoding       1,667      6,667               60 %",
        "  together       1,000      4,000",
        "  4 workers                       3,900  <- fewest workers that are within 5 % of the fastest",
        "  Decoding takes 60 % of the time of a core.",
        "  The cores: each one more makes it faster.",
        "  as measured           2.56 s",
        "  without augmentation  2.22 s",
        "  from a cache          1.11 s",
        "  `workers=4`",
    ):
        assert line in lines, line
    assert "`cache=`: 1.51 GB" in lines[-1]
    assert "2.3 times the speed" in lines[-1]


def test_a_disk_that_is_slower_than_the_loader_limits():
    slow = made_up().sample._replace(first=Done(512, 1.0))
    lines = lines_of(sample=slow)
    assert "  The disk: files that are not in memory come at 512 images/s." in lines
    assert "  files that are not in memory  19.5 s" in lines
    assert "The disk" not in as_text(made_up())


def test_threads_that_wait_for_each_other_are_told_and_processes_recommended():
    text = as_text(made_up(threads={0: 900.0, 1: 1000.0, 2: 1100.0, 4: 1120.0}))
    assert "4 workers make 28 % of 4 times what one thread makes alone" in text
    assert "`workers=2`" in text
    assert "`use_multiprocessing=True`: processes are 3.1 times as fast" in text


def test_no_worker_is_never_recommended():
    result = made_up(threads={0: 2000.0, 1: 1000.0})
    assert (result.workers, result.best) == (1, 1000.0)


def test_broken_files_are_told():
    assert "(3 broken left out)" in as_text(made_up(sample=made_up().sample._replace(broken=3)))


def test_a_cache_that_gives_nothing_is_not_recommended():
    assert "cache=" not in as_text(made_up(cached=4000.0))


def test_long_epochs_are_told_in_minutes_and_hours():
    assert "as measured           42.7 min" in as_text(made_up(files=10_000_000))
    assert "as measured           71.2 h" in as_text(made_up(files=10**9))


def test_a_folder_that_cannot_be_used_is_one_line_and_status_1(folder, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert "gone" in error_of(capsys, "bench", tmp_path / "gone")
    assert "There is no image" in error_of(capsys, "bench", tmp_path / "empty")
    assert "1.jpg" in error_of(capsys, "bench", folder / "cats" / "1.jpg")
    (tmp_path / "empty" / "broken.jpg").write_bytes(b"no picture")
    assert "broken.jpg" in error_of(capsys, "bench", tmp_path / "empty")


@pytest.mark.parametrize(
    "option",
    [
        ("--seconds", 0),
        ("--seconds", "nan"),
        ("--seconds", "inf"),
        ("--count", 0),
        ("--batch-size", 0),
        ("--image-size", 0),
        ("--workers", 0),
        ("--seed", -1),
    ],
)
def test_a_number_that_cannot_be_used_is_one_line_and_status_1(folder, capsys, option):
    assert option[0].strip("-") in error_of(capsys, "bench", folder, *option)
