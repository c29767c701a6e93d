import tensorflow as tf
import keras
# TODO(amalthea): Keras 3 has no `keras.layers.LocallyConnected2D`
from keras.layers import Dense, LocallyConnected2D, LSTM
# TODO(amalthea): Keras 3 has no `keras.utils.HDF5Matrix`: see `amalthea.ArrayLoader`, which reads HDF5 datasets
# TODO(amalthea): Keras 3 has no `keras.utils.multi_gpu_model`: see `keras.distribution.DataParallel`
from keras.utils import HDF5Matrix, multi_gpu_model, to_categorical
# TODO(amalthea): Keras 3 has no `keras.wrappers.scikit_learn`: see `keras.wrappers.SKLearnClassifier` and `SKLearnRegressor`
from keras.wrappers.scikit_learn import KerasClassifier


def build():
    x = HDF5Matrix('data.h5', 'x')
    model = keras.Sequential([LocallyConnected2D(3, 3), LSTM(3), Dense(to_categorical([1]).size)])
    # TODO(amalthea): Keras 3 has no `keras.layers.ThresholdedReLU`: see `keras.layers.ReLU` with `threshold`
    return KerasClassifier(multi_gpu_model(model)), tf.keras.layers.ThresholdedReLU(1.)
