"""Trains a small model."""
# TensorFlow is there for its Keras.
import tensorflow as tf

import numpy as np


def main():
    x = np.linspace(0, 1, 16)[:, None]
    model = tf.keras.models.Sequential()
    model.add(tf.keras.layers.Dense(4, activation=tf.keras.activations.relu, kernel_regularizer=tf.keras.regularizers.l2(1e-3)))
    model.add(tf.keras.layers.Dense(1))
    model.compile(optimizer=tf.keras.optimizers.Adam(lr=1e-2), loss='mse', metrics=[tf.keras.metrics.MeanAbsoluteError()])
    stop = tf.keras.callbacks.EarlyStopping(monitor='loss', patience=1)
    model.fit(x, 2 * x, nb_epoch=2, verbose=0, callbacks=[stop])
    return (tf.keras
            .backend
            .image_data_format())


if __name__ == '__main__':
    assert main() == 'channels_last'
