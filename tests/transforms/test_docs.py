"""The page on transforms: its example runs and prints what it says."""

import re
from pathlib import Path

from amalthea import transforms

PAGE = (Path(__file__).parents[2] / "docs" / "transforms.md").read_text(encoding="utf-8")


def test_the_examples_print_what_the_page_shows(capsys):
    examples, printed = (re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL) for kind in ("python", "text"))
    names = {}
    for example, out in zip(examples, printed, strict=True):
        exec(compile(example, "docs/transforms.md", "exec"), names)
        assert capsys.readouterr().out == out


def test_the_table_has_every_transform():
    assert set(re.findall(r"^\| `(\w+)", PAGE, re.MULTILINE)) == set(transforms.__all__)
