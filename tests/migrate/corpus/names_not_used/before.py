from keras.utils import Sequence, np_utils
from keras.preprocessing.image import load_img
from keras.callbacks import *
import numpy as np

assert np.zeros(1) == 0
assert EarlyStopping().patience == 0
