"""`ImageLoader` and `ArrayLoader` in the place of the legacy `ImageDataGenerator`."""

import inspect

import numpy as np
import pytest
from keras.src.legacy.preprocessing import image
from PIL import Image

import amalthea
from amalthea.migrate.passes.image_generators import ImageGenerators
from amalthea.migrate.passes.image_generators_loaders import FLOWS
from amalthea.migrate.passes.image_generators_recipe import ARGUMENTS
from one_pass import marks_in, ran, rewritten

IMPORT = "from keras.src.legacy.preprocessing.image import ImageDataGenerator\n"


def migrated(text):
    return rewritten(ImageGenerators, IMPORT + text).removeprefix(IMPORT)


def augment_of(arguments):
    """Returns the code of the transforms for training that these arguments become."""
    line = migrated(f"g = ImageDataGenerator({arguments})\nf = g.flow_from_directory('d')\n")
    inside = line[line.index("augment = [") + len("augment = [") : line.index("]\nf = ")]
    return " ".join(inside.replace("amalthea.transforms.", "").split()).removesuffix(",")


def loader_of(arguments, flow):
    """Returns the code of the arguments of the loader that a generator and its `flow*` become."""
    line = " ".join(migrated(f"f = ImageDataGenerator({arguments}).{flow}\n").split())
    inside = line[line.index("(") + 1 : line.rindex(")")].strip().removesuffix(",")
    return inside.replace("amalthea.transforms.", "")


def test_all_arguments_of_the_legacy_are_known():
    assert tuple(inspect.signature(image.ImageDataGenerator).parameters) == ARGUMENTS
    for name, arguments in FLOWS.items():
        legacy = list(inspect.signature(getattr(image.ImageDataGenerator, name)).parameters)[1:]
        assert list(arguments)[: len(legacy) - 1] == legacy[: len(legacy) - 1]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("rotation_range=40", 'RandomRotation(40 / 360, fill_mode="nearest")'),
        ("rotation_range=a + b", 'RandomRotation((a + b) / 360, fill_mode="nearest")'),
        ("width_shift_range=0.2", 'RandomTranslation(0.0, 0.2, fill_mode="nearest")'),
        ("width_shift_range=.2, height_shift_range=.1", 'RandomTranslation(.1, .2, fill_mode="nearest")'),
        ("shear_range=15", 'RandomShearAngle(15, fill_mode="nearest")'),
        ("zoom_range=0.2", 'RandomZoom(0.2, 0.2, fill_mode="nearest")'),
        ("zoom_range=[0.8, 1.2]", 'RandomZoom(0.2, 0.2, fill_mode="nearest")'),
        ("zoom_range=(0.5, 1.1)", 'RandomZoom((-0.5, 0.1), (-0.5, 0.1), fill_mode="nearest")'),
        ("zoom_range=0.1, fill_mode='reflect', cval=9", "RandomZoom(0.1, 0.1, fill_mode='reflect')"),
        (
            "zoom_range=0.1, fill_mode='constant', cval=9",
            "RandomZoom(0.1, 0.1, fill_mode='constant', fill_value=9)",
        ),
        (
            "zoom_range=0.1, interpolation_order=0",
            'RandomZoom(0.1, 0.1, fill_mode="nearest", interpolation="nearest")',
        ),
        ("channel_shift_range=20.", "RandomChannelShift(20.)"),
        ("brightness_range=[0.5, 1.5]", "RandomGain([0.5, 1.5])"),
        ("horizontal_flip=True", 'RandomFlip("horizontal")'),
        ("vertical_flip=flip", '*([RandomFlip("vertical")] if flip else [])'),
    ],
)
def test_units_are_turned_and_old_defaults_kept(arguments, expected):
    assert augment_of(arguments) == expected


def test_transforms_come_in_the_order_in_which_the_legacy_applied_them():
    arguments = (
        "brightness_range=(1, 2), vertical_flip=True, channel_shift_range=1, zoom_range=.1, horizontal_flip=True, "
        "shear_range=1, width_shift_range=.1, rotation_range=1"
    )
    names = [part.split("(")[0] for part in augment_of(arguments).split(", Random")]
    assert names == [
        *("RandomRotation", "Translation", "ShearAngle", "Zoom", "ChannelShift", "Flip", "Flip", "Gain"),
    ]


@pytest.mark.parametrize(
    ("arguments", "flow", "expected"),
    [
        ("", "flow_from_directory('d')", '\'d\', label_mode="categorical", interpolation="nearest"'),
        (
            "rescale=1./255, dtype='float16'",
            "flow_from_directory('d', (9, 9), class_mode='sparse', interpolation='box')",
            "'d', image_size=(9, 9), label_mode='int', interpolation='box', rescale=1./255, dtype='float16'",
        ),
        (
            "preprocessing_function=f, rescale=2",
            "flow_from_directory('d', class_mode=None, interpolation='box')",
            "'d', label_mode=None, interpolation='box', transform=[Lambda(f), Rescaling(2)]",
        ),
        (
            "samplewise_std_normalization=True, rescale=2",
            "flow_from_directory('d', class_mode=mode, interpolation='box')",
            '\'d\', label_mode={"sparse": "int", "other": "raw"}.get(mode, mode), interpolation=\'box\', rescale=2, '
            "transform=SampleNormalization()",
        ),
        (
            "validation_split=0.1, horizontal_flip=True",
            "flow_from_dataframe(df, y_col=['a', 'b'], class_mode='multi_output', subset='training', "
            "interpolation='box', validate_filenames=False)",
            "df, y_col=['a', 'b'], label_mode='multi_output', subset='training', interpolation='box', "
            'augment=[RandomFlip("horizontal")], validation_split=0.1, split_from="front"',
        ),
        (
            "",
            "flow_from_dataframe(df, y_col='a', class_mode='raw', classes=['a'], interpolation='box')",
            "df, y_col='a', label_mode='raw', interpolation='box'",
        ),
        ("validation_split=0.1", "flow(x, y, 8, False)", 'x.astype("float32"), y, batch_size=8, shuffle=False'),
        ("rescale=2", "flow(x, y, sample_weight=w)", "x, y, sample_weight=w, transform=Rescaling(2)"),
        ("", "flow((x, [a, b]), y)", '(x.astype("float32"), a, b), y'),
    ],
)
def test_a_flow_becomes_a_loader(arguments, flow, expected):
    assert loader_of(arguments, flow) == expected


@pytest.mark.parametrize(
    "program",
    [
        "g = ImageDataGenerator(width_shift_range=3)\nf = g.flow(x)\n",
        "g = ImageDataGenerator(height_shift_range=[-1, 1])\nf = g.flow(x)\n",
        "g = ImageDataGenerator(zoom_range=zoom)\nf = g.flow(x)\n",
        "g = ImageDataGenerator(zoom_range=(1, 4))\nf = g.flow(x)\n",
        "g = ImageDataGenerator(featurewise_center=center)\nf = g.flow(x)\n",
        "g = ImageDataGenerator(interpolation_order=3, shear_range=1)\nf = g.flow(x)\n",
        "g = ImageDataGenerator(data_format='channels_first')\nf = g.flow(x)\n",
        "g = ImageDataGenerator(**options)\nf = g.flow(x)\n",
        "g = ImageDataGenerator(unheard_of=1)\nf = g.flow(x)\n",
        "g = ImageDataGenerator()\nf = g.flow(x, **options)\n",
        "g = ImageDataGenerator()\nf = g.flow()\n",
        "g = ImageDataGenerator()\nf = g.flow(x)\nuse(g)\n",
        "g = ImageDataGenerator(); f = g.flow(x)\n",
        "g = ImageDataGenerator()\nf = g.flow(x)\ny = g.standardize(x)\n",
        "g = ImageDataGenerator(featurewise_center=True)\nf = g.flow(x)\ng.fit(x)\n",
        "g = ImageDataGenerator(featurewise_center=True)\ng.fit(x)\ng.fit(y)\nf = g.flow(x)\n",
        "def make():\n    return ImageDataGenerator()\n",
        "def make(scale):\n    global g\n    g = ImageDataGenerator(rescale=scale)\ndef use():\n    return g.flow(x)\n",
        "class Own(ImageDataGenerator):\n    pass\n",
    ],
)
def test_what_is_not_sure_is_left_alone_and_marked_once(program):
    once = migrated(program)
    assert len(marks_in(once)) == 1
    assert [line for line in once.splitlines() if "TODO" not in line] == program.splitlines()
    assert migrated(once) == once


def test_images_and_masks_side_by_side_are_marked_where_they_are_zipped():
    program = "a = ImageDataGenerator()\nb = ImageDataGenerator()\nf = zip(a.flow(x), b.flow(y))\n"
    once = migrated(program)
    assert once.splitlines()[2].startswith("# TODO") and "Masks(" in marks_in(once)[0] and len(marks_in(once)) == 1


def test_what_a_function_does_with_an_iterator_is_seen():
    program = (
        "def pairs(images, masks):\n    for pair in zip(images, masks):\n        yield pair\n\n\n"
        "def singles(batches):\n    for x, y in batches:\n        yield x\n\n\n"
        "a = ImageDataGenerator()\nf = pairs(a.flow(x), masks=a.flow(y))\n"
        "b = ImageDataGenerator(rescale=2)\ng = singles(batches=b.flow(x))\n"
    )
    once = migrated(program)
    lines = once.splitlines()
    assert "Masks(" in lines[1] and "zip(" in lines[2]
    assert "ends after one epoch" in lines[7] and "in batches" in lines[8]
    assert "a.flow(x)" in once and "Rescaling(2)" in once and len(marks_in(once)) == 2
    assert migrated(once) == once


def test_each_name_stands_for_what_it_was_given_last():
    program = (
        "g = ImageDataGenerator(horizontal_flip=True)\na = g.flow_from_directory('a')\n"
        "g = ImageDataGenerator(rescale=2)\nb = g.flow_from_directory('b')\n"
    )
    first, second = migrated(program).split("b = ")
    assert "augment=augment" in first and "rescale" not in first
    assert "rescale=2" in second and "augment" not in second


def test_no_comment_is_lost():
    program = (
        "# one\n"
        "g = ImageDataGenerator(  # two\n"
        "    # three\n"
        "    rotation_range=10,  # four\n"
        "    width_shift_range=.1, # five\n"
        "    height_shift_range=.1) # six\n"
        "# seven\n"
        "h = ImageDataGenerator(rescale=2)  # eight\n"
        "# nine\n"
        "a = g.flow_from_directory('a',  # ten\n"
        "                          batch_size=2)  # eleven\n"
        "b = h.flow_from_directory('b')\n"
    )
    once = migrated(program)
    words = ["one", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"]
    missing = [word for word in words if f"# {word}" not in once]
    assert not missing


def test_what_a_fitted_generator_counts_is_rescaled_first():
    program = "g = ImageDataGenerator(featurewise_center=True, rescale=2)\ng.fit(x)\nf = g.flow_from_directory('d')\n"
    once = migrated(program).replace("amalthea.transforms.", "")
    assert "normalization = Normalization.fit(x, scale=False, transform=Rescaling(2))\n" in once
    assert "rescale=2" in once and "transform=normalization" in once


def test_a_fit_to_augmented_images_is_one():
    program = (
        "g = ImageDataGenerator(featurewise_std_normalization=True, vertical_flip=True)\n"
        "g.fit(x, augment=True, rounds=3, seed=1)\nf = g.flow(x)\n"
    )
    once = migrated(program).replace("amalthea.transforms.", "")
    assert "normalization = Normalization.fit(x, transform=Compose(augment), rounds=3, seed=1)\n" in once


def test_a_normalization_that_was_never_fitted_is_marked():
    once = migrated("g = ImageDataGenerator(featurewise_center=True)\nf = g.flow_from_directory('d')\n")
    assert "Normalization" in marks_in(once)[0] and "transform" not in once.splitlines()[-1]


def test_a_generator_of_another_library_is_none():
    text = "from elsewhere import ImageDataGenerator\nf = ImageDataGenerator().flow(x)\n"
    assert rewritten(ImageGenerators, text) == text


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    rng = np.random.default_rng(0)
    root = tmp_path_factory.mktemp("pictures")
    for name, count in (("ant", 5), ("bee", 4)):
        (root / name).mkdir()
        for number in range(count):
            pixels = rng.integers(0, 256, (9, 12, 3), "uint8")
            Image.fromarray(pixels).save(root / name / f"{number}.png")
    return root


@pytest.mark.parametrize(
    ("arguments", "flow"),
    [
        ("rescale=1/255", "flow_from_directory(folder, class_mode='sparse', shuffle=False, batch_size=4)"),
        ("", "flow_from_directory(folder, (6, 8), 'grayscale', ['bee', 'ant'], shuffle=False, batch_size=3)"),
        ("rescale=2", "flow_from_directory(folder, target_size=(5, 6), shuffle=False)"),
        ("", "flow_from_directory(folder, class_mode='input', target_size=(9, 12), shuffle=False)"),
        ("", "flow_from_directory(folder, class_mode=None, target_size=(9, 12), shuffle=False)"),
        ("validation_split=.4", "flow_from_directory(folder, (9, 12), subset='training', shuffle=False)"),
        ("validation_split=.4", "flow_from_directory(folder, (9, 12), subset='validation', shuffle=False)"),
        ("samplewise_center=True", "flow_from_directory(folder, (9, 12), shuffle=False)"),
        (
            "samplewise_center=True, samplewise_std_normalization=True, rescale=.5",
            "flow(x, y, shuffle=False, batch_size=4)",
        ),
        ("preprocessing_function=np.sqrt, rescale=3", "flow(x, y, sample_weight=y, shuffle=False, batch_size=4)"),
        ("validation_split=.3", "flow(x, y, shuffle=False, subset='validation', ignore_class_split=True)"),
        ("brightness_range=(.5, .5), rescale=1/255", "flow_from_directory(folder, (9, 12), shuffle=False)"),
        ("channel_shift_range=0.0, rotation_range=0", "flow((x, [y, y + 1]), y, shuffle=False, batch_size=4)"),
    ],
)
def test_the_batches_are_the_same(arguments, flow, folder):
    text = f"made = ImageDataGenerator({arguments}).{flow}\n"
    x = np.random.default_rng(1).integers(0, 256, (10, 4, 5, 1), "uint8")
    names = {"folder": folder, "x": x, "y": np.arange(10), "np": np}
    before = ran(IMPORT + text, **names)["made"]
    after = ran(migrated(text), amalthea=amalthea, **names)["made"]
    assert len(after) == len(before)
    for number in range(len(before)):
        made, expected = leaves(after[number]), leaves(before[number])
        assert [each.shape for each in made] == [each.shape for each in expected]
        assert made[0].dtype == expected[0].dtype
        for one, other in zip(made, expected, strict=True):
            # With a brightness both round to whole numbers, each in its own way.
            np.testing.assert_allclose(one, other, rtol=1e-4, atol=1.01 / 255 if "brightness" in arguments else 1e-5)


def leaves(batch):
    if isinstance(batch, list | tuple):
        return [leaf for part in batch for leaf in leaves(part)]
    return [np.asarray(batch)]
