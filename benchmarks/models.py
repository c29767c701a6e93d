"""The models that the loaders are tried with."""

import keras
from keras import layers


def model_of(name, size):
    """Returns `"light"`, which costs next to nothing beside the loading, or `"heavy"`, which takes longer than it."""
    body = [layers.GlobalAveragePooling2D()]
    if name == "heavy":
        body = [
            layers.Conv2D(32, 5, strides=4, activation="relu"),
            layers.Conv2D(64, 3, activation="relu"),
            layers.Conv2D(64, 3, activation="relu"),
            *body,
        ]
    model = keras.Sequential([layers.Input((size, size, 3)), layers.Rescaling(1 / 255), *body, layers.Dense(8)])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model
