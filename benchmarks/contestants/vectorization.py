"""Texts into ids by Keras' `TextVectorization`, which is TensorFlow's."""

import keras
import tensorflow as tf


def batches(told):
    """As the guide has it: a `map` of tf.data."""
    layer = _layer(told)
    layer.adapt(_texts(told))
    texts = tf.data.Dataset.from_tensor_slices(told["texts"]).shuffle(10_000).batch(told["batch"])
    return texts.map(layer, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)


def whole(told, *, fit):
    """All texts; with a vocabulary that is ready, or to be found."""
    layer = _layer(told)
    if not fit:
        layer.adapt(_texts(told))

    def epoch(see):
        used = _layer(told) if fit else layer
        if fit:
            used.adapt(_texts(told))
        see(tf.concat([used(texts) for texts in _texts(told)], 0))

    return epoch


def _layer(told):
    return keras.layers.TextVectorization(told["vocab"], output_sequence_length=told["length"])


def _texts(told):
    return tf.data.Dataset.from_tensor_slices(told["texts"]).batch(1024)
