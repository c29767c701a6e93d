import tensorflow as tf
import tensorflow.keras.backend as K
from tensorflow import data, keras
from tensorflow.python.keras.utils.data_utils import Sequence


def overlap(y_true, y_pred):
    both = K.sum(K.flatten(y_true) * K.flatten(y_pred))
    return (2. * both + K.epsilon()) / (K.sum(y_true) + K.sum(y_pred) + K.epsilon())


dataset = data.Dataset.from_tensors(tf.zeros((2, 1)))
model = tf.keras.Sequential([keras.layers.Dense(1)])
assert float(overlap(tf.ones(3), tf.ones(3))) == 1
assert K.argmax(tf.constant([0, 1, 0])) == 1
