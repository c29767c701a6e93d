import keras
import keras.utils as ku
from keras.layers import Layer, InputSpec
from keras.utils import get_source_inputs
from keras.layers import LeakyReLU, PReLU
from keras.layers import (Conv2D,  # the usual one
                                        MaxPooling2D, UpSampling2D)
from keras.layers import Dense, Dropout, Activation, Flatten
from keras.layers import Rescaling
from keras.layers import concatenate
from keras.layers import BatchNormalization
from keras.layers import LSTM
from keras.layers import TimeDistributed, Bidirectional
from keras.optimizers import Adam
from keras import utils
from keras.utils import plot_model
from keras.callbacks import ModelCheckpoint
import numpy as np

assert issubclass(Dense, Layer) and keras.layers.Dense is Dense
assert utils.to_categorical([1], 2).tolist() == ku.to_categorical([1], 2).tolist()
assert keras.utils.img_to_array(keras.utils.array_to_img(np.zeros((2, 2, 3)))).shape == (2, 2, 3)
progress = utils.Progbar(3, verbose=0)
used = [InputSpec, get_source_inputs, LeakyReLU, PReLU, Conv2D, MaxPooling2D, UpSampling2D, Dropout, Activation,
        Flatten, Rescaling, concatenate, BatchNormalization, LSTM, TimeDistributed, Bidirectional, Adam,
        plot_model, ModelCheckpoint]
assert all(used)
