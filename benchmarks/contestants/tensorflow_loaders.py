"""tf.data, as the guides of Keras and TensorFlow use it."""

import os
import tempfile

import keras
import tensorflow as tf

from benchmarks.data.photos import listed


def folder(told, *, cache=None):
    """`image_dataset_from_directory`, whose resize is not antialiased."""
    files = keras.utils.image_dataset_from_directory(
        told["folder"], image_size=(told["size"],) * 2, batch_size=told["batch"], seed=0, verbose=False
    )
    return files if cache is None else _cached(files, told, cache)


def antialiased(told):
    """The same by hand, with the antialiased resize of `tf.image`."""
    paths, labels = listed(told["folder"])
    size = (told["size"],) * 2

    def load(path, label):
        pixels = tf.io.decode_image(tf.io.read_file(path), channels=3, expand_animations=False)
        return tf.ensure_shape(tf.image.resize(pixels, size, antialias=True), (*size, 3)), label

    files = tf.data.Dataset.from_tensor_slices((paths, labels)).shuffle(len(paths))
    return files.map(load, num_parallel_calls=tf.data.AUTOTUNE).batch(told["batch"]).prefetch(tf.data.AUTOTUNE)


def arrays(told):
    rows = tf.data.Dataset.from_tensor_slices((told["x"], told["y"])).shuffle(told["count"])
    return rows.batch(told["batch"]).prefetch(tf.data.AUTOTUNE)


def _cached(files, told, cache):
    """As the guide has it: the finished samples, then what is random."""
    name = "" if cache == "memory" else os.path.join(tempfile.mkdtemp(dir=os.path.dirname(told["folder"])), "cache")
    samples = files.unbatch().cache(name).shuffle(1000)
    return samples.batch(told["batch"]).prefetch(tf.data.AUTOTUNE)


def scan(told):
    """Finds the files of a folder."""

    def epoch(see):
        files = keras.utils.image_dataset_from_directory(told["folder"], seed=0, verbose=False)
        assert len(files.file_paths) == told["count"]
        see(None)

    return epoch
