"""Trains on images that Keras' own layers augment, and again on images that Amalthea's transforms do, and compares.

    KERAS_BACKEND=jax python examples/keras_layers.py

The layers run once for each batch, on the running backend, in the program; the transforms run on each image, in the
workers. A digit that is turned over may look like another, so neither is as good here as no augmentation.
"""

import time

import arguments
import digits
import keras

import amalthea
from amalthea import transforms

MODEL_INPUT = (16, 16, 1)


def keras_layers():
    return [
        keras.layers.RandomFlip("horizontal_and_vertical"),
        keras.layers.RandomRotation(0.2),
        keras.layers.RandomZoom((-0.2, 0.2), (-0.2, 0.2)),
    ]


def own_transforms():
    return [
        transforms.RandomFlip("horizontal_and_vertical"),
        transforms.RandomRotation(0.2),
        transforms.RandomZoom((-0.2, 0.2), (-0.2, 0.2)),
    ]


def images_per_second(loader):
    start = time.perf_counter()
    for _ in loader:
        pass
    return loader.num_samples / (time.perf_counter() - start)


def main():
    options = arguments.parse(__doc__, epochs=20)

    images = options.folder / "named"
    digits.write_digits(images)
    paths, labels, *of_validation = digits.paths_and_labels(images)
    in_grayscale = {
        "image_size": MODEL_INPUT[:2],
        "color_mode": "grayscale",
        "use_multiprocessing": options.processes,
    }
    validation = amalthea.ImageLoader(*of_validation, shuffle=False, **in_grayscale)

    lines = []
    for name, augmentation in (
        ("Keras' layers", {"layers": keras_layers()}),
        ("Amalthea's transforms", {"augment": own_transforms()}),
    ):
        training = amalthea.ImageLoader(paths, labels, seed=0, **augmentation, **in_grayscale)
        keras.utils.set_random_seed(0)
        model = digits.build_model(MODEL_INPUT, rescale=1 / 255)
        model.fit(training, epochs=options.epochs, verbose=2)
        accuracy = model.evaluate(validation, verbose=0)[1]
        lines.append(f"{name}: {images_per_second(training):,.0f} images/s, validation accuracy: {accuracy:.1%}")

    print(f"backend: {keras.backend.backend()}")
    print(*lines, sep="\n")
    if not options.no_memory:
        print(digits.memory_line(paths, labels, options.processes, note=", before the layers"))


if __name__ == "__main__":
    main()
