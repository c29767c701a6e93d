from keras.utils import PyDataset as Sequence
from keras import utils as np_utils
from keras.utils import load_img
from keras.callbacks import *
import numpy as np

assert np.zeros(1) == 0
assert EarlyStopping().patience == 0
