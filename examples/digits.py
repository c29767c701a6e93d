"""Handwritten digits as files, and a small network for them: what several of these programs share.

The digits are 1,600 of those that scikit-learn ships, 8 x 8 pixels of 17 greys, enlarged to 32 x 32 and saved as
`<digit>_<number>.jpg` in one folder.
"""

import keras
import numpy as np
from PIL import Image

import amalthea

COUNT = 1600  # four fifths and one fifth of it are whole batches of 32: a model is compiled anew for a shorter one


def write_digits(folder):
    """Writes the digits, if the folder is not there."""
    if folder.exists():
        return
    from sklearn.datasets import load_digits  # slow to import, and needed once

    digits = load_digits()
    folder.mkdir(parents=True)
    for number, (image, label) in enumerate(zip(digits.images[:COUNT], digits.target, strict=False)):
        picture = Image.fromarray(np.rint(image * (255 / 16)).astype(np.uint8))
        picture.resize((32, 32), Image.Resampling.BICUBIC).save(folder / f"{label}_{number}.jpg", quality=95)


def paths_and_labels(folder):
    """Returns a list of the files and a list of their labels for training, and two for validation: every fifth file."""
    paths = sorted(folder.glob("*.jpg"), key=lambda path: int(path.stem.split("_")[1]))
    labels = [int(path.stem.split("_")[0]) for path in paths]
    training = [place for place in range(len(paths)) if place % 5]
    validation = range(0, len(paths), 5)
    return tuple([column[place] for place in part] for part in (training, validation) for column in (paths, labels))


def build_model(shape, *, rescale=None):
    """Returns a compiled network that tells ten classes apart.

    Args:
        shape: Of an image.
        rescale: Factor for what the network is given, or `None`.
    """
    model = keras.Sequential(
        [
            keras.layers.Input(shape),
            *([] if rescale is None else [keras.layers.Rescaling(rescale)]),
            keras.layers.Conv2D(32, 3, activation="relu", padding="same"),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(64, 3, activation="relu", padding="same"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def memory_line(paths, labels, processes, *, note="", **options):
    """Returns the line that says what grayscale images of 224 x 224 hold, in a plain Sequence and in a loader.

    Args:
        paths: Of the images.
        labels: One for each.
        processes: Whether the loader has processes.
        note: What is to be added.
        **options: Of the loader.
    """
    import memory
    import plain

    return memory.line(
        lambda: plain.Images(paths, labels, 224, "L"),
        lambda: amalthea.ImageLoader(
            paths,
            labels,
            image_size=224,
            color_mode="grayscale",
            workers=2,
            use_multiprocessing=processes,
            **options,
        ),
        of=f"batches of 32 images of 224 x 224 x 1{note}",
        processes=processes,
    )
