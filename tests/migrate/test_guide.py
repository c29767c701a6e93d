"""The guide tells the truth: the command makes what is shown, and every argument of the legacy is in the tables."""

import inspect
import operator
import re
from pathlib import Path

import keras
import pytest
from keras.src.legacy.preprocessing import image, sequence, text

import amalthea
from amalthea.migrate.rewrite import rewrite

PAGE = (Path(__file__).parents[2] / "docs" / "migration.md").read_text(encoding="utf-8")

# A block of the legacy, and the next one, which test_examples runs.
PAIRS = re.findall(r"^```python before\n(.*?)^```\n.*?^```python\n(.*?)^```\n", PAGE, re.MULTILINE | re.DOTALL)

LEGACY = {
    "ImageDataGenerator": image.ImageDataGenerator,
    "flow": image.ImageDataGenerator.flow,
    "flow_from_directory": image.ImageDataGenerator.flow_from_directory,
    "flow_from_dataframe": image.ImageDataGenerator.flow_from_dataframe,
    "TimeseriesGenerator": sequence.TimeseriesGenerator,
    "Tokenizer": text.Tokenizer,
    "pad_sequences": keras.utils.pad_sequences,
}

SEQUENCE = """
from keras.utils import Sequence
class Batches(Sequence):
    def __init__(self):
        self.on_epoch_end()
    def __getitem__(self, number):
        return number
data = Batches()
"""
IMAGES = "from keras.preprocessing.image import ImageDataGenerator\n"
# What the guide says is marked, by a word of the mark.
MARKED = {
    "samples_per_epoch": "model.fit_generator(batches(), samples_per_epoch=40, nb_epoch=2)",
    "workers=4": "def batches():\n    yield 1\nmodel.fit_generator(batches(), 5, workers=4)",
    "amalthea.SequenceLoader(data": "from other import data\nmodel.fit_generator(data, workers=4)",
    "sample_weight": f"{SEQUENCE}model.fit(data, sample_weight=weights)",
    "augmented": f"{IMAGES}both = ImageDataGenerator(rotation_range=9, validation_split=0.2)\n"
    "valid = both.flow_from_directory('pictures', subset='validation')",
    "left as it is": f"{IMAGES}train(ImageDataGenerator(rotation_range=9))",
    "random_transform": f"{IMAGES}one = ImageDataGenerator(rotation_range=9)\ny = one.random_transform(x)",
    "width_shift_range": f"{IMAGES}x = ImageDataGenerator(width_shift_range=[-2, 2]).flow(x)",
    "interpolation_order": f"{IMAGES}x = ImageDataGenerator(rotation_range=9, interpolation_order=3).flow(x)",
}


def rows():
    """The rows of the tables of arguments: the functions that they are about, the arguments, what takes their place."""
    for heading, body in re.findall(r"^### (`[^\n]*)\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL):
        for row in re.findall(r"^\| (`.*) \|$", body, re.MULTILINE):
            arguments, *of, place = row.split("|")
            functions = re.findall(r"`(\w+)`", "".join(of)) or re.findall(r"`(\w+)`", heading)
            yield functions, re.findall(r"`(\**\w+)`", arguments), place


def arguments_of(function):
    """The names of all arguments, those that are caught by `**kwargs` as `"**kwargs"`."""
    parameters = [each for name, each in inspect.signature(function).parameters.items() if name != "self"]
    return [f"**{each.name}" if each.kind is each.VAR_KEYWORD else each.name for each in parameters]


def test_there_are_pairs():
    assert len(PAIRS) == PAGE.count("```python before") >= 5


@pytest.mark.parametrize("before, after", PAIRS, ids=range(len(PAIRS)))
def test_the_command_makes_what_the_guide_shows(before, after):
    assert rewrite(before).text == after
    assert rewrite(after).text == after


@pytest.mark.parametrize("word", MARKED)
def test_what_the_guide_says_is_marked(word):
    assert [mark for mark in rewrite(MARKED[word]).marks if word in mark.text]


def test_on_epoch_end_stays_behind_the_call_that_is_added():
    made = rewrite(SEQUENCE).text
    assert 0 < made.index("super().__init__(**kwargs)") < made.index("self.on_epoch_end()")


@pytest.mark.parametrize("name", LEGACY)
def test_every_argument_is_in_the_tables_once(name):
    listed = [argument for functions, arguments, _ in rows() if name in functions for argument in arguments]
    assert sorted(listed) == sorted(arguments_of(LEGACY[name]))


def test_what_takes_their_place_exists():
    places = " ".join(place for _, _, place in rows())
    for path in re.findall(r"\b((?:transforms|amalthea|sources)\.[\w.]*\w)", places):
        assert operator.attrgetter(path.removeprefix("amalthea."))(amalthea)
    known = {parameter for part in _parts() for parameter in inspect.signature(part).parameters}
    assert set(re.findall(r"`(\w+)=", places)) <= known


def _parts():
    loaders = [getattr(amalthea, name) for name in amalthea.__all__ if name.endswith("Loader")]
    transforms = [getattr(amalthea.transforms, name) for name in amalthea.transforms.__all__]
    fits = [amalthea.transforms.Normalization.fit, amalthea.transforms.ZCAWhitening.fit]
    folders = [amalthea.ImageLoader.from_directory, amalthea.ImageLoader.from_dataframe]
    return [*loaders, *transforms, *fits, *folders, amalthea.WordTokenizer, amalthea.sources.Texts]
