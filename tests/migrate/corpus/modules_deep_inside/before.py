import keras.layers.core
import keras.utils.np_utils as ku
from keras.engine import Layer, InputSpec
from keras.engine.topology import get_source_inputs
from keras.layers.advanced_activations import LeakyReLU, PReLU
from keras.layers.convolutional import (Conv2D,  # the usual one
                                        MaxPooling2D, UpSampling2D)
from keras.layers.core import Dense, Dropout, Activation, Flatten
from keras.layers.experimental.preprocessing import Rescaling
from keras.layers.merge import concatenate
from keras.layers.normalization import BatchNormalization
from keras.layers.recurrent import LSTM
from keras.layers.wrappers import TimeDistributed, Bidirectional
from keras.optimizers.legacy import Adam
from keras.preprocessing import image
from keras.utils import np_utils, generic_utils
from keras.utils.vis_utils import plot_model
from tensorflow.python.keras.callbacks import ModelCheckpoint
import numpy as np

assert issubclass(Dense, Layer) and keras.layers.core.Dense is Dense
assert np_utils.to_categorical([1], 2).tolist() == ku.to_categorical([1], 2).tolist()
assert image.img_to_array(image.array_to_img(np.zeros((2, 2, 3)))).shape == (2, 2, 3)
progress = generic_utils.Progbar(3, verbose=0)
used = [InputSpec, get_source_inputs, LeakyReLU, PReLU, Conv2D, MaxPooling2D, UpSampling2D, Dropout, Activation,
        Flatten, Rescaling, concatenate, BatchNormalization, LSTM, TimeDistributed, Bidirectional, Adam,
        plot_model, ModelCheckpoint]
assert all(used)
