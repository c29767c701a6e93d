"""The quarantine: samples known to be broken are not read again, and all else stays as it is."""

import json
import pathlib
import warnings

import numpy as np
import pytest

import amalthea
from amalthea import ConfigurationError, SampleError

SIZE, BROKEN = 20, (0, 4, 5, 13)


class Source:
    """Sample i is i; some cannot be read, and all that are read are written down."""

    def __init__(self, broken=BROKEN, names=None):
        self.broken, self.names, self.reads = set(broken), names, []
        if names is not None:
            self.name = names.__getitem__

    def __len__(self):
        return SIZE

    def __getitem__(self, index):
        self.reads.append(index)
        if index in self.broken:
            raise OSError(f"no {index}")
        return np.float32(index), np.int64(index)


def run(source, epochs=3, **options):
    """The stream of a loader as bytes, and the loader."""
    options = {"batch_size": 6, "seed": 2, "on_error": "skip", "max_errors": None, "workers": 2, **options}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with amalthea.Loader(source, **options) as loader:
            return [tuple(leaf.tobytes() for leaf in batch) for _ in range(epochs) for batch in loader], loader


def names(order=range(SIZE)):
    return [f"pictures/{number}.jpg" for number in order]


GIVEN = {
    "path": lambda errors, report: report,
    "string": lambda errors, report: str(report),
    "errors": lambda errors, report: errors,
    "list of errors": lambda errors, report: list(errors),
    "indices": lambda errors, report: [each.index for each in errors],
    "array": lambda errors, report: np.array(sorted(each.index for each in errors)),
    "set": lambda errors, report: {each.index for each in errors},
}


@pytest.mark.parametrize("on_error", ["skip", "substitute"])
@pytest.mark.parametrize("given", GIVEN)
def test_what_is_in_quarantine_is_never_read_and_the_stream_stays(given, on_error, tmp_path):
    expected, loader = run(Source(), on_error=on_error)
    loader.errors.save(tmp_path / "broken.json")
    quarantine = GIVEN[given](loader.errors, tmp_path / "broken.json")
    for workers in (0, 4):
        source = Source()
        options = {"quarantine": quarantine, "max_errors": 0, "workers": workers}
        stream, again = run(source, on_error=on_error, **options)
        assert stream == expected
        assert not set(source.reads) & set(BROKEN)
        assert len(again.errors) == 0


def test_processes_read_nothing_in_quarantine():
    source, options = Source(), {"quarantine": BROKEN, "max_errors": 0}
    expected, _ = run(source, **options)
    assert run(source, **options, workers=1, use_multiprocessing=True)[0] == expected


@pytest.mark.parametrize("given", ["paths", "objects", "report"])
def test_a_sample_with_a_path_is_known_by_it_wherever_it_is_now(given, tmp_path):
    _, loader = run(Source(names=names()))
    assert {each.path for each in loader.errors} == {f"pictures/{number}.jpg" for number in BROKEN}
    loader.errors.save(tmp_path / "broken.json")
    paths = [each.path for each in loader.errors]
    quarantine = {"paths": paths, "objects": [*map(pathlib.Path, paths)], "report": tmp_path / "broken.json"}[given]
    moved = [(number + 7) % SIZE for number in BROKEN]
    source = Source(moved, names(np.roll(np.arange(SIZE), 7)))
    _, again = run(source, quarantine=quarantine, max_errors=0)
    assert not set(source.reads) & set(moved)
    assert set(source.reads) == set(range(SIZE)) - set(moved)
    assert len(again.errors) == 0


def test_a_name_that_is_a_path_object_is_saved_and_known_again(tmp_path):
    def source():
        return Source(names=[*map(pathlib.Path, names())])

    _, loader = run(source())
    loader.errors.save(tmp_path / "broken.json")
    for quarantine in (tmp_path / "broken.json", loader.errors, names()[:14]):
        again = source()
        run(again, quarantine=quarantine, max_errors=0)
        assert not set(again.reads) & set(BROKEN)


@pytest.mark.parametrize("named", [None, names()])
def test_with_no_errors_allowed_a_new_broken_sample_is_one(named, tmp_path):
    _, loader = run(Source(names=named))
    loader.errors.save(tmp_path / "broken.json")
    with pytest.raises(SampleError, match=r"sample 8 .*no 8.* 1 samples are broken, and `max_errors` allows 0"):
        run(Source((*BROKEN, 8), named), quarantine=tmp_path / "broken.json", max_errors=0)


def test_what_is_in_quarantine_is_not_counted_and_saving_again_keeps_it(tmp_path):
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    run(Source())[1].errors.save(first)
    for report in (second, first):
        _, loader = run(Source((*BROKEN, 8, 9)), quarantine=first, max_errors=2)
        assert {each.index for each in loader.errors} == {8, 9}
        loader.errors.save(report)
        saved = [each["index"] for each in json.loads(report.read_text())["samples"]]
        assert sorted(saved) == [0, 4, 5, 8, 9, 13]
    _, loader = run(Source((*BROKEN, 8, 9)), quarantine=loader.errors, max_errors=0)
    loader.errors.save(first)
    assert sorted(each["index"] for each in json.loads(first.read_text())["samples"]) == sorted(saved)
    assert {path.name for path in tmp_path.iterdir()} == {"first.json", "second.json"}


def test_a_report_says_what_was_wrong_with_which_sample(tmp_path):
    run(Source([5], names()))[1].errors.save(tmp_path / "broken.json")
    (sample,) = json.loads((tmp_path / "broken.json").read_text())["samples"]
    assert sample == {"index": 5, "path": "pictures/5.jpg", "stage": "source", "reason": "OSError: no 5"}


def test_all_in_quarantine_leaves_nothing_to_load():
    with pytest.raises(SampleError, match="no sample is left"):
        run(Source([]), quarantine=range(SIZE))


def entry(**changes):
    return {"index": 0, "path": None, "stage": "source", "reason": "", **changes}


REPORTS = {
    "no JSON": "no JSON",
    "empty": "",
    "cut": '{"amalthea_errors": 1, "samples": [{"index": 0, "pa',
    "foreign": '{"errors": []}',
    "list": "[1, 2]",
    "text": '"report"',
    "number": "3",
    "binary": b"\xff\xfe\x00",
    "newer": '{"amalthea_errors": 2, "samples": []}',
    "without samples": '{"amalthea_errors": 1}',
    "samples that are none": '{"amalthea_errors": 1, "samples": [7]}',
    "an index that is text": json.dumps({"amalthea_errors": 1, "samples": [entry(index="0")]}),
    "no index": json.dumps({"amalthea_errors": 1, "samples": [entry(index=None)]}),
    "a path that is a list": json.dumps({"amalthea_errors": 1, "samples": [entry(path=["a"])]}),
}


@pytest.mark.parametrize("kind", REPORTS)
def test_a_report_that_is_none_is_refused(kind, tmp_path):
    content = REPORTS[kind]
    (tmp_path / "broken.json").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ConfigurationError, match=r"`quarantine` is .*broken\.json"):
        amalthea.Loader(Source([]), on_error="skip", quarantine=tmp_path / "broken.json")


def test_a_report_that_is_not_there_is_refused(tmp_path):
    for path in (tmp_path / "none.json", str(tmp_path)):
        with pytest.raises(ConfigurationError, match="`quarantine` is"):
            amalthea.Loader(Source([]), on_error="skip", quarantine=path)


@pytest.mark.parametrize("quarantine", [3, True, [None], [True], [1.5], [[1]], np.array([True, False])])
def test_a_quarantine_that_names_no_samples_is_refused(quarantine):
    with pytest.raises(ConfigurationError, match="`quarantine` holds"):
        amalthea.Loader(Source([]), on_error="skip", quarantine=quarantine)


def test_a_quarantine_needs_something_to_stand_in():
    with pytest.raises(ConfigurationError, match="`on_error='skip'`; with `max_errors=0`"):
        amalthea.Loader(Source([]), quarantine=[3])


@pytest.mark.parametrize("index", [-1, 3])
def test_a_sample_that_there_is_not_cannot_be_in_quarantine(index):
    with pytest.raises(ConfigurationError, match=rf"names sample {index}; the samples are those of 0 \.\. 2"):
        amalthea.Loader([1.0, 2.0, 3.0], on_error="skip", quarantine=[index])
