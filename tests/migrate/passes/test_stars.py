"""`from keras... import *`, of which no pass could tell what it gives."""

import pytest

from amalthea.migrate.rewrite import rewrite


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "from keras.preprocessing.sequence import *\nprint(pad_sequences)\n",
            "from keras.utils import pad_sequences\nprint(pad_sequences)\n",
        ),
        (
            "from tensorflow.keras.optimizers import *\nprint(Adam(lr=1))\n",
            "from keras.optimizers import Adam\nprint(Adam(learning_rate=1))\n",
        ),
        (
            "from keras.layers import *\nfrom keras.preprocessing.text import *\nt = Tokenizer()\n",
            "from keras.layers import *\nimport amalthea\nt = amalthea.WordTokenizer(oov_token=None)\n",
        ),
        (
            "from keras.preprocessing.image import *\n"
            "data = ImageDataGenerator().flow_from_directory('a', class_mode=None)\n",
            "import amalthea\n"
            "data = amalthea.ImageLoader.from_directory('a', label_mode=None, interpolation=\"nearest\")\n",
        ),
    ],
)
def test_what_a_star_gives_is_understood(before, after):
    assert rewrite(before).text == after
    assert rewrite(after).text == after


@pytest.mark.parametrize(
    "text",
    [
        "from keras.preprocessing.image import *\n",
        "from keras.utils import *\nfrom mine import Sequence\nprint(Sequence)\n",
        "from .keras.utils import *\nprint(Sequence)\n",
        "from other.utils import *\nprint(Sequence, 'keras')\n",
    ],
)
def test_a_star_whose_names_are_not_used_stays(text):
    assert rewrite(text).text == text


def test_a_star_of_a_module_that_is_gone_is_marked():
    rewritten = rewrite("from keras.preprocessing.text import *\n")
    assert [mark.text for mark in rewritten.marks] == ["Keras 3 has no `keras.preprocessing.text`"]
    assert rewrite(rewritten.text).text == rewritten.text
