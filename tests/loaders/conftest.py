"""Comparisons with tf.data are collected where TensorFlow is installed, and are unknown elsewhere."""

import importlib.util

collect_ignore_glob = [] if importlib.util.find_spec("tensorflow") else ["test_tensorflow_*.py"]
