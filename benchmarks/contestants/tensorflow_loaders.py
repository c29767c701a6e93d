"""tf.data, as the guides of Keras and TensorFlow use it."""

import os
import tempfile

import keras
import tensorflow as tf

from benchmarks.data.photos import listed
from benchmarks.data.stores import IN_FLIGHT, paths_in_store, sign_in, store_of


def folder(told, *, cache=None):
    """`image_dataset_from_directory`, whose resize is not antialiased."""
    files = keras.utils.image_dataset_from_directory(
        told["folder"], image_size=(told["size"],) * 2, batch_size=told["batch"], seed=0, verbose=False
    )
    return files if cache is None else _cached(files, told, cache)


def antialiased(told):
    """The same by hand, with the antialiased resize of `tf.image`."""
    return _decoded(*listed(told["folder"]), told, tf.io.read_file, tf.data.AUTOTUNE)


def stored(told, *, client):
    """The same of an object store, whose files are read in Python, many at a time."""
    sign_in(told, client)
    store = store_of(client)

    def read(url):
        content = tf.numpy_function(lambda url: store.cat_file(url.decode()), [url], tf.string)
        return tf.ensure_shape(content, ())

    return _decoded(*paths_in_store(told), told, read, IN_FLIGHT)


def _decoded(paths, labels, told, read, parallel):
    size = (told["size"],) * 2

    def load(path, label):
        pixels = tf.io.decode_image(read(path), channels=3, expand_animations=False)
        return tf.ensure_shape(tf.image.resize(pixels, size, antialias=True), (*size, 3)), label

    files = tf.data.Dataset.from_tensor_slices((paths, labels)).shuffle(len(paths))
    return files.map(load, num_parallel_calls=parallel).batch(told["batch"]).prefetch(tf.data.AUTOTUNE)


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
