"""The page on transforms: its example runs and prints what it says."""

import re
from pathlib import Path

from amalthea import transforms

PAGE = (Path(__file__).parents[2] / "docs" / "transforms.md").read_text(encoding="utf-8")


def test_the_example_prints_what_the_page_shows(capsys):
    (example,), (printed,) = (re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL) for kind in ("python", "text"))
    exec(compile(example, "docs/transforms.md", "exec"), {})
    assert capsys.readouterr().out == printed


def test_the_table_has_every_transform():
    assert set(re.findall(r"^\| `(\w+)", PAGE, re.MULTILINE)) == set(transforms.__all__)
