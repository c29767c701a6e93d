"""Programs that call something of their own as the packages are called that the new code needs."""

import pytest

from amalthea.migrate.rewrite import UnparsableError, rewrite

IMAGE = "from keras.preprocessing import image\n"
TRIED = "try:\n    import keras\nexcept ImportError:\n    keras = None\n"
GENERATOR = "from keras.preprocessing.image import ImageDataGenerator\n"


@pytest.mark.parametrize(
    "text",
    [
        IMAGE + "def f(keras):\n    return image.load_img(keras)\n",
        IMAGE + "def f():\n    keras = 3\n    return image.load_img(keras)\n",
        GENERATOR + "amalthea = 'a goat'\ndata = ImageDataGenerator().flow_from_directory(amalthea)\n",
    ],
)
def test_a_program_is_left_alone_where_the_new_code_would_mean_something_else(text):
    with pytest.raises(UnparsableError, match="is a name of its own here"):
        rewrite(text)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            f"{TRIED}{IMAGE}image.load_img(keras)\n",
            f"{TRIED}import keras\nkeras.utils.load_img(keras)\n",
        ),
        (
            f"{IMAGE}def f(keras):\n    return keras.x\nimage.load_img('a')\n",
            "import keras\ndef f(keras):\n    return keras.x\nkeras.utils.load_img('a')\n",
        ),
        (
            "import tensorflow as tf\nkeras = tf.keras\nkeras.utils.Sequence\n",
            "import keras\nkeras.utils.PyDataset\n",
        ),
    ],
)
def test_a_name_that_is_taken_elsewhere_or_sometimes_is_no_hindrance(before, after):
    assert rewrite(before).text == after
