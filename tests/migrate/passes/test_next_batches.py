"""The next batch of what has none any more."""

import pytest

from amalthea.migrate.rewrite import rewrite

LOADER = "import amalthea, keras\ndata = amalthea.ArrayLoader(x)\n"
GENERATOR = "import keras\ndef batches():\n    yield 1\ndata = batches()\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x, y = data.next()\n", "x, y = data[0]\n"),
        ("x, y = next(data)\n", "x, y = data[0]\n"),
        ("x = data.__next__()[0]\n", "x = data[0][0]\n"),
        ("x = next(iter(data))\n", "x = next(iter(data))\n"),
        ("x = data.next(1)\n", "x = data.next(1)\n"),
    ],
)
def test_a_batch_of_a_loader_is_had_by_its_number(before, after):
    assert rewrite(LOADER + before).text == LOADER + after


@pytest.mark.parametrize(
    "code",
    [
        "for i in range(3):\n    x = next(data)\n",
        "x = [data.next() for _ in range(3)]\n",
        "x = next(data)\ny = next(data)\n",
        "def f():\n    return next(data)\n",
    ],
)
def test_batches_one_after_the_other_are_marked(code):
    rewritten = rewrite(LOADER + code)
    assert {mark.text for mark in rewritten.marks} == {
        "`data` has no next batch: write `for batch in data`, or `data[i]` for batch i"
    }
    lines = [line for line in rewritten.text.splitlines() if "TODO" not in line]
    assert lines == (LOADER + code).splitlines()


def test_a_generator_is_asked_as_python_3_has_it():
    assert rewrite(GENERATOR + "x = data.next()\n").text == GENERATOR + "x = next(data)\n"


@pytest.mark.parametrize("code", ["x = rows.next()\n", "x = next(rows)\n"])
def test_what_is_not_known_is_left_alone(code):
    assert rewrite(LOADER + code).text == LOADER + code


def test_a_loader_that_is_made_for_one_batch_gives_that_anywhere():
    text = "import amalthea, keras\nfor i in range(3):\n    b = {}\n"
    made = "amalthea.ArrayLoader(x, batch_size=2)"
    rewritten = rewrite(text.format(f"next({made})"))
    assert rewritten.text == text.format(f"{made}[0]")
    assert not rewritten.marks


@pytest.mark.parametrize("call", ["both(data, data)", "both(second=data, first=data)"])
def test_what_asks_a_loader_that_it_is_given_is_marked(call):
    text = (
        "import amalthea, keras\ndata = amalthea.ArrayLoader(x)\ndef both(first, second):\n    while True:\n"
        f"        yield next(first), second.next()\nbatches = {call}\n"
    )
    marks = [mark.text for mark in rewrite(text).marks]
    assert [mark.partition(":")[0] for mark in marks] == ["`first` has no next batch", "`second` has no next batch"]
