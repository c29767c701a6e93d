import math
import numpy as np
import keras
from keras.utils import PyDataset


class Data(PyDataset):
    def __init__(self, n, batch_size=2, **kwargs):
        super().__init__(**kwargs)
        self.n = n
        self.batch_size = batch_size

    def __len__(self):
        return math.ceil(self.n / self.batch_size)

    def __getitem__(self, i):
        return np.zeros((self.batch_size, 1)), np.zeros((self.batch_size, 1))


def steps(data, part=1.):
    return int(len(data) * part)


train, val = Data(8), Data(4)
STEPS = len(train)
val_steps = len(val)
model = keras.Sequential([keras.layers.Dense(1)])
model.compile('sgd', 'mse')
model.fit(train, validation_data=val, epochs=1, verbose=0)
model.fit(train, validation_data=(val), verbose=0)
model.fit(train, steps_per_epoch=len(train) // 2, verbose=0)
model.fit(train, steps_per_epoch=len(val), verbose=0)
model.fit(train, steps_per_epoch=steps(train, .5), validation_data=val, validation_steps=1, verbose=0)
model.fit(train, epochs=1, verbose=0)
assert model.evaluate(val, verbose=0) >= 0
