"""Trains a small network on a folder of images: handwritten digits, as PNG files, one folder for each digit.

    KERAS_BACKEND=jax python examples/train_images.py

The digits are those that scikit-learn ships. The same program runs on TensorFlow, JAX and PyTorch, and sees the same
batches there. It ends with the validation accuracy, the loader's images/s, and a contact sheet of one augmented batch.
"""

import argparse
import sys
import time
from pathlib import Path

import keras
import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

import amalthea
from amalthea import transforms


def write_digits(folder):
    """Writes the digits, 8 x 8 pixels of 17 greys, as folder/<digit>/<number>.png."""
    digits = load_digits()
    for number, (image, label) in enumerate(zip(digits.images, digits.target, strict=True)):
        path = folder / str(label) / f"{number:04d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.rint(image * (255 / 16)).astype(np.uint8)).save(path)


def build_model():
    model = keras.Sequential(
        [
            keras.layers.Input((16, 16, 1)),
            keras.layers.Conv2D(32, 3, activation="relu", padding="same"),
            keras.layers.Conv2D(32, 3, activation="relu", padding="same"),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(64, 3, activation="relu", padding="same"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dropout(0.3),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def images_per_second(loader):
    start = time.perf_counter()
    for _ in loader:
        pass
    return loader.num_samples / (time.perf_counter() - start)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path("digits"), help="where the images are, or are written to")
    parser.add_argument("--epochs", type=int, default=20)
    options = parser.parse_args()

    images = options.folder / "images"
    if not images.exists():
        write_digits(images)

    training, validation = amalthea.ImageLoader.from_directory(
        images,
        image_size=(16, 16),
        color_mode="grayscale",
        rescale=1 / 255,
        validation_split=0.2,
        subset="both",
        seed=0,
        augment=[
            transforms.RandomRotation(0.03, fill_mode="constant"),
            transforms.RandomTranslation(0.08, 0.08, fill_mode="constant"),
            transforms.RandomZoom(0.1, 0.1, fill_mode="constant"),
        ],
    )
    sheet = options.folder / "sheet.png"
    amalthea.preview(training, sheet)

    keras.utils.set_random_seed(0)
    model = build_model()
    progress = "auto" if sys.stdout.isatty() else 2
    model.fit(training, validation_data=validation, epochs=options.epochs, verbose=progress)

    _, accuracy = model.evaluate(validation, verbose=0)
    print(f"backend: {keras.backend.backend()}")
    print(f"validation accuracy: {accuracy:.1%}")
    print(f"loader: {images_per_second(training):,.0f} images/s")
    print(f"contact sheet of an augmented batch: {sheet}")


if __name__ == "__main__":
    main()
