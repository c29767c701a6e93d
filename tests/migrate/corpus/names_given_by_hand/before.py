import numpy as np
import tensorflow as tf

keras = tf.keras
layers, models = tf.keras.layers, tf.keras.models
K = keras.backend
L = tf.keras.layers
Sequence = tf.keras.utils.Sequence


class Numbers(Sequence):
    def __len__(self):
        return 1

    def __getitem__(self, _):
        return np.zeros((2, 3)), np.zeros((2, 1))


def build():
    Dense = tf.keras.layers.Dense
    return models.Sequential([keras.Input((3,)), Dense(4), L.Dropout(.5), layers.Dense(1)])


model = build()
model.compile(loss=tf.keras.losses.mean_squared_error, optimizer=keras.optimizers.SGD(lr=.01))
model.fit(Numbers(), verbose=0)
assert K.floatx() == 'float32'
