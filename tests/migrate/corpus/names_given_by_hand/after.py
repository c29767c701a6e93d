import numpy as np

import keras
layers, models = keras.layers, keras.models
from keras import backend as K
from keras import layers as L
from keras.utils import PyDataset


class Numbers(PyDataset):
    def __len__(self):
        return 1

    def __getitem__(self, _):
        return np.zeros((2, 3)), np.zeros((2, 1))


def build():
    from keras.layers import Dense
    return models.Sequential([keras.Input((3,)), Dense(4), L.Dropout(.5), layers.Dense(1)])


model = build()
model.compile(loss=keras.losses.mean_squared_error, optimizer=keras.optimizers.SGD(learning_rate=.01))
model.fit(Numbers(), verbose=0)
assert K.floatx() == 'float32'
