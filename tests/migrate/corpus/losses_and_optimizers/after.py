import numpy as np
import keras.backend as K
import keras
from keras import losses, metrics
from keras.callbacks import Callback
from keras.optimizers import SGD, RMSprop
from keras.optimizers.schedules import ExponentialDecay
from keras import mixed_precision

smooth = 1.


def overlap(y_true, y_pred):
    a, b = keras.ops.ravel(y_true), keras.ops.ravel(y_pred)
    both = keras.ops.sum(a * b)
    return (smooth + 2 * both) / (smooth + keras.ops.sum(a) + keras.ops.sum(b))


def off_by(y_true, y_pred):
    return keras.ops.sqrt(keras.ops.mean(keras.ops.square(y_pred - y_true), axis=-1) + K.epsilon())


a = np.ones((2, 3), 'float32')
assert float(overlap(a, a)) == 1
assert float(losses.mean_squared_error(a, a)[0]) == 0 == float(metrics.mean_absolute_error(a, a)[0])
assert off_by(a, a).shape == (2,)
# TODO(amalthea): `decay` is ignored by Keras 3: give `learning_rate=keras.optimizers.schedules.InverseTimeDecay(0.1, 1, 1e-6)`
sgd = SGD(learning_rate=0.1, momentum=0.9, decay=1e-6, nesterov=True)
assert RMSprop(learning_rate=ExponentialDecay(.1, 10, .9)) and Callback()
mixed_precision.set_global_policy('float32')
K.clear_session()
