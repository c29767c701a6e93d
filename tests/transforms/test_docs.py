"""The page on transforms: its example runs and prints what it says."""

import inspect
import re
from pathlib import Path

from keras.src.legacy.preprocessing.image import ImageDataGenerator

from amalthea import transforms

PAGE = (Path(__file__).parents[2] / "docs" / "transforms.md").read_text(encoding="utf-8")


def test_the_examples_print_what_the_page_shows(capsys):
    examples, printed = (re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL) for kind in ("python", "text"))
    names = {}
    for example, out in zip(examples, printed, strict=True):
        exec(compile(example, "docs/transforms.md", "exec"), names)
        assert capsys.readouterr().out == out


def test_the_table_has_every_transform():
    section = re.search(r"^## All of them$(.*?)^## ", PAGE, re.DOTALL | re.MULTILINE).group(1)
    assert set(re.findall(r"^\| `(\w+)", section, re.MULTILINE)) == set(transforms.__all__)


def test_the_table_of_the_legacy_names_all_its_arguments_but_those_of_the_format():
    section = PAGE.partition("## In place of `ImageDataGenerator`")[2].partition("\n## ")[0]
    arguments = set(inspect.signature(ImageDataGenerator).parameters)
    elsewhere = {"data_format", "dtype", "validation_split"}  # of the loaders
    assert not arguments - set(re.findall(r"\w+", section)) - elsewhere
