"""Names and imports of Keras, one thing at a time."""

import pytest

from amalthea.migrate.rewrite import rewrite

SAME = [
    "import keras\nkeras.layers.Dense(1)\n",
    "from keras import layers, ops\nlayers.Dense(ops.max(1))\n",
    "from keras import backend as K\nK.epsilon()\n",
    "import keras.layers as L\nL.Dense(1)\n",
    "import numpy as np\nnp.keras.layers.core.Dense\n",
    "from .keras.layers.core import Dense\nDense(1)\n",
    "import keras\nkeras.applications.resnet50.ResNet50()\nkeras.datasets.mnist.load_data()\n",
]
BECOMES = {
    "import tensorflow as tf\ntf.keras.layers.Dense(1)\n": "import keras\nkeras.layers.Dense(1)\n",
    "import tensorflow as tf\ntf.keras.Model(tf.zeros(1))\n": (
        "import tensorflow as tf\nimport keras\nkeras.Model(tf.zeros(1))\n"
    ),
    "import tensorflow\ntensorflow.keras.Model()\n": "import keras\nkeras.Model()\n",
    "import tensorflow.keras\ntensorflow.keras.Model()\n": "import keras\nkeras.Model()\n",
    "import tensorflow.keras as keras\nkeras.Model()\n": "import keras\nkeras.Model()\n",
    "import tensorflow.keras as k\nk.Model()\n": "import keras as k\nk.Model()\n",
    "from tensorflow import keras\nkeras.Model()\n": "import keras\nkeras.Model()\n",
    "from tensorflow import keras as k\nk.Model()\n": "import keras as k\nk.Model()\n",
    "from tensorflow import data, keras\nkeras.Model(data)\n": (
        "from tensorflow import data\nimport keras\nkeras.Model(data)\n"
    ),
    "from tensorflow.keras.layers import (\n    Dense,  # one\n    Dropout,\n)\nDense(Dropout)\n": (
        "from keras.layers import (\n    Dense,  # one\n    Dropout,\n)\nDense(Dropout)\n"
    ),
    "from tensorflow.python.keras.layers.core import Dense as D\nD(1)\n": "from keras.layers import Dense as D\nD(1)\n",
    "from tensorflow.keras import backend as K\nK.epsilon()\n": "from keras import backend as K\nK.epsilon()\n",
    "from keras.layers.core import *\n": "from keras.layers import *\n",
    "import keras.utils.np_utils\nkeras.utils.np_utils.to_categorical(1)\n": (
        "import keras\nkeras.utils.to_categorical(1)\n"
    ),
    "from keras.preprocessing import image\nimage.load_img(1)\n": "import keras\nkeras.utils.load_img(1)\n",
    "from keras.preprocessing.image import load_img as l\nl(1)\n": "from keras.utils import load_img as l\nl(1)\n",
    "from keras.utils import Sequence\nSequence\n": "from keras.utils import PyDataset\nPyDataset\n",
    "from keras.utils import Sequence\n": "from keras.utils import PyDataset as Sequence\n",
    "from keras.utils import Sequence\n__all__ = ['Sequence']\n": (
        "from keras.utils import PyDataset as Sequence\n__all__ = ['Sequence']\n"
    ),
    "from keras.utils import Sequence\ndef f(x: 'Sequence'): Sequence\n": (
        "from keras.utils import PyDataset as Sequence\ndef f(x: 'Sequence'): Sequence\n"
    ),
    "from keras.utils import Sequence\nPyDataset = 1\nSequence\n": (
        "from keras.utils import PyDataset as Sequence\nPyDataset = 1\nSequence\n"
    ),
    "from keras.utils import Sequence\nx.Sequence = f(Sequence=Sequence)\n": (
        "from keras.utils import PyDataset\nx.Sequence = f(Sequence=PyDataset)\n"
    ),
    "import tensorflow as tf\nkeras = tf.keras\nK = keras.backend\nK.epsilon()\n": (
        "from keras import backend as K\nK.epsilon()\n"
    ),
    "try:\n    from tensorflow import keras\nexcept ImportError:\n    import keras\nkeras.Model()\n": (
        "import keras\nkeras.Model()\n"
    ),
    "import keras.backend as K\nK.sum(K.epsilon())\n": (
        "import keras.backend as K\nimport keras\nkeras.ops.sum(K.epsilon())\n"
    ),
    "from keras.optimizers import Adam\nAdam(lr=1)\n": "from keras.optimizers import Adam\nAdam(learning_rate=1)\n",
    "import keras\nf(lr=1)\n": "import keras\nf(lr=1)\n",
    "from keras.layers import Convolution2D\nConvolution2D(8, 3, 3, border_mode='same')\n": (
        "from keras.layers import Conv2D\nConv2D(8, (3, 3), padding='same')\n"
    ),
}
MARKED = {
    "from keras import backend as K\nK.int_shape(1)\n": "`keras.backend.int_shape`: see `keras.ops`",
    "from keras.utils import HDF5Matrix\nHDF5Matrix(1)\n": "ArrayLoader",
    "import tensorflow as tf\ntf.keras.layers.LocallyConnected1D(1)\n": "no `keras.layers.LocallyConnected1D`",
    "from keras.optimizers import SGD\nSGD(learning_rate=1., decay=.1)\n": "InverseTimeDecay(1., 1, .1)",
}


@pytest.mark.parametrize("text", SAME)
def test_a_program_of_keras_3_is_left_alone(text):
    assert rewrite(text).text == text


@pytest.mark.parametrize("before", sorted(BECOMES))
def test_names_and_imports_are_those_of_keras_3(before):
    assert rewrite(before).text == BECOMES[before]
    assert rewrite(BECOMES[before]).text == BECOMES[before]
    assert rewrite(before).marks == ()


@pytest.mark.parametrize("before", sorted(MARKED))
def test_what_is_gone_is_left_alone_and_marked_once(before):
    rewritten = rewrite(before)
    (mark,) = rewritten.marks
    assert MARKED[before] in mark.text
    unmarked = [line for line in rewritten.text.splitlines() if not line.startswith("# TODO(amalthea):")]
    assert unmarked == before.splitlines()
    assert rewrite(rewritten.text).text == rewritten.text


def test_a_mark_stays_above_what_is_gone():
    text = "from keras.preprocessing.image import load_img, apply_channel_shift as shift\nload_img(shift)\n"
    rewritten = rewrite(text)
    mark, gone, there, _ = rewritten.text.splitlines()
    assert mark.startswith("# TODO(amalthea): ")
    assert gone == "from keras.preprocessing.image import apply_channel_shift as shift"
    assert there == "from keras.utils import load_img"
    assert rewrite(rewritten.text).text == rewritten.text


def test_nothing_is_left_of_imports_that_were_tried_and_are_not_needed():
    before = (
        "# where it is\ntry:\n    from keras.preprocessing import image\nexcept ImportError:\n"
        "    from tensorflow.keras.preprocessing import image\nimport os\nprint(image.load_img(os.curdir))\n"
    )
    after = "# where it is\nimport keras\nimport os\nprint(keras.utils.load_img(os.curdir))\n"
    assert rewrite(before).text == after
