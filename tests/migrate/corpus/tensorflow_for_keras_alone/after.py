"""Trains a small model."""
# TensorFlow is there for its Keras.
import keras

import numpy as np


def main():
    x = np.linspace(0, 1, 16)[:, None]
    model = keras.models.Sequential()
    model.add(keras.layers.Dense(4, activation=keras.activations.relu, kernel_regularizer=keras.regularizers.l2(1e-3)))
    model.add(keras.layers.Dense(1))
    model.compile(optimizer=keras.optimizers.Adam(learning_rate=1e-2), loss='mse', metrics=[keras.metrics.MeanAbsoluteError()])
    stop = keras.callbacks.EarlyStopping(monitor='loss', patience=1)
    model.fit(x, 2 * x, epochs=2, verbose=0, callbacks=[stop])
    return (keras.backend.image_data_format())


if __name__ == '__main__':
    assert main() == 'channels_last'
