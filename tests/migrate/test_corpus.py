"""Legacy programs in the manner of what is out there, and what a careful engineer makes of them."""

import runpy
import warnings
from pathlib import Path

import pytest

from amalthea.migrate.rewrite import UnparsableError, rewrite

CORPUS = Path(__file__).parent / "corpus"
CASES = sorted(path.name for path in CORPUS.iterdir() if (path / "after.py").exists())
UNPARSABLE = sorted(path.name for path in CORPUS.iterdir() if not (path / "after.py").exists())

# What cannot be run as it comes out, and why.
ONLY_COMPARED = {
    "another_library": "it is no program of Keras",
    "images_and_masks": "its pictures are not there, and what is marked is gone from Keras 3",
    "images_endless": "its pictures are not there, and a loader is no endless iterator, as the marks say",
    "images_not_sure": "what is gone from Keras 3 is marked, and not there",
    "keras_1_unsure": "its data and its model are in other files",
    "mixed_removed_things": "what is gone from Keras 3 is marked, and not there",
    "tensorflow_for_more": "it needs TensorFlow for more than Keras",
    "texts_as_matrix": "what a WordTokenizer does not have is marked",
    "texts_not_sure": "what is gone from Keras 3 is marked, and not there",
    "weights_beside_a_sequence": "Keras refuses what is marked",
    "windows_not_sure": "what is gone from Keras 3 is marked, and not there",
    "workers_of_the_unknown": "its data and its model are in other files",
}


def text_of(case, name):
    return (CORPUS / case / name).read_bytes().decode("utf-8")


@pytest.mark.parametrize("case", CASES)
def test_a_program_becomes_what_is_expected_and_stays_so(case):
    rewritten, expected = rewrite(text_of(case, "before.py")), text_of(case, "after.py")
    assert rewritten.text == expected
    assert rewritten.changes or rewritten.marks or text_of(case, "before.py") == expected
    assert rewrite(expected).text == expected, "a second time changes it again"
    compile(expected, case, "exec", dont_inherit=True)


# What Keras says of programs that are right, though of an older style.
@pytest.mark.filterwarnings(
    "ignore:`shuffle=True` was passed, but will be ignored since the data `x` was provided as a gen"
)
@pytest.mark.filterwarnings("ignore:Do not pass an `input_shape`")
@pytest.mark.filterwarnings("ignore:Argument `decay` is no longer supported")
@pytest.mark.parametrize("case", [case for case in CASES if case not in ONLY_COMPARED])
def test_the_result_runs(case, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(CORPUS / case / "after.py"), run_name="__main__")


@pytest.mark.parametrize("case", UNPARSABLE)
def test_what_does_not_parse_is_said_to_be_so(case):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UnparsableError, match="line"):
            rewrite(text_of(case, "before.py"))


def test_there_are_programs_enough_and_all_reasons_are_of_one():
    assert len(CASES) + len(UNPARSABLE) >= 40
    assert set(ONLY_COMPARED) <= set(CASES)
