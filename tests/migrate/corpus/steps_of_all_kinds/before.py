import math
import numpy as np
import tensorflow as tf
from tensorflow.keras.utils import Sequence


class Data(Sequence):
    def __init__(self, n, batch_size=2):
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
model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
model.compile('sgd', 'mse')
model.fit(train, steps_per_epoch=STEPS, validation_data=val, validation_steps=val_steps, epochs=1, verbose=0)
model.fit(train, steps_per_epoch=(len(train)), validation_data=(val), validation_steps=int(len(val)), verbose=0)
model.fit(train, steps_per_epoch=len(train) // 2, verbose=0)
model.fit(train, steps_per_epoch=len(val), verbose=0)
model.fit(train, steps_per_epoch=steps(train, .5), validation_data=val, validation_steps=1, verbose=0)
model.fit_generator(train, len(train), 1, 0)
assert model.evaluate(val, steps=len(val), verbose=0) >= 0
