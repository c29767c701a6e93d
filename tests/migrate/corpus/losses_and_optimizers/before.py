import numpy as np
import keras.backend as K
from keras import losses, metrics
from keras.callbacks import Callback
from keras.optimizers import SGD, rmsprop
from tensorflow.keras.optimizers.schedules import ExponentialDecay
from tensorflow.keras.mixed_precision import experimental as mixed_precision

smooth = 1.


def overlap(y_true, y_pred):
    a, b = K.flatten(y_true), K.flatten(y_pred)
    both = K.sum(a * b)
    return (smooth + 2 * both) / (smooth + K.sum(a) + K.sum(b))


def off_by(y_true, y_pred):
    return K.sqrt(K.mean(K.square(y_pred - y_true), axis=-1) + K.epsilon())


a = np.ones((2, 3), 'float32')
assert float(overlap(a, a)) == 1
assert float(losses.mse(a, a)[0]) == 0 == float(metrics.MAE(a, a)[0])
assert off_by(a, a).shape == (2,)
sgd = SGD(lr=0.1, momentum=0.9, decay=1e-6, nesterov=True)
assert rmsprop(lr=ExponentialDecay(.1, 10, .9)) and Callback()
mixed_precision.set_policy('float32')
K.clear_session()
