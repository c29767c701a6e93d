"""Keras' own epoch iterator: what `fit` draws its batches from, without a model behind it."""

import time

import keras


def epoch_iterator(dataset):
    """Returns the iterator that `fit` makes on the running backend."""
    backend = keras.backend.backend()
    if backend == "jax":
        from keras.src.backend.jax.trainer import JAXEpochIterator

        return JAXEpochIterator(x=dataset, shuffle=True)
    if backend == "torch":
        from keras.src.backend.torch.trainer import TorchEpochIterator

        return TorchEpochIterator(x=dataset, shuffle=True)
    import tensorflow as tf
    from keras.src.backend.tensorflow.trainer import TFEpochIterator

    return TFEpochIterator(x=dataset, distribute_strategy=tf.distribute.get_strategy(), shuffle=True)


def batch_times(iterator):
    """Runs one epoch; returns when it began and when each batch was there, in seconds."""
    times = [time.perf_counter()]
    with iterator.catch_stop_iteration():
        for _, _, batches in iterator.enumerate_epoch():
            if not isinstance(batches, list):  # TensorFlow hands its iterator on; the others the batches themselves
                next(batches)
            times.append(time.perf_counter())
    return times
