"""Trains on grayscale images of a list of paths, augmented by Keras' layers, with values of [0, 1].

    KERAS_BACKEND=jax python examples/normalised.py

The workers write each value into its place in the batch times 1 / 255; there is no second array.
"""

import argparse
from pathlib import Path

import digits
import keras
import plain

import amalthea

MODEL_INPUT = (16, 16, 1)


def augmentation():
    return [
        keras.layers.RandomFlip("horizontal_and_vertical"),
        keras.layers.RandomRotation(0.2),
        keras.layers.RandomZoom((-0.2, 0.2), (-0.2, 0.2)),
    ]


def memory_line(paths, labels, processes):
    import memory

    return memory.line(
        lambda: plain.Images(paths, labels, 224, "L"),
        lambda: amalthea.ImageLoader(
            paths,
            labels,
            image_size=224,
            color_mode="grayscale",
            rescale=1 / 255,
            workers=2,
            use_multiprocessing=processes,
        ),
        of="batches of 32 images of 224 x 224 x 1, before the layers",
        processes=processes,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path("digits"), help="where the images are, or are written to")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--processes", action="store_true", help="load with processes instead of threads")
    parser.add_argument("--no-memory", action="store_true", help="don't measure memory")
    options = parser.parse_args()

    images = options.folder / "named"
    digits.write_digits(images)
    paths, labels, *of_validation = digits.paths_and_labels(images)
    normalised = {
        "image_size": MODEL_INPUT[:2],
        "color_mode": "grayscale",
        "rescale": 1 / 255,
        "use_multiprocessing": options.processes,
    }
    training = amalthea.ImageLoader(paths, labels, seed=0, layers=augmentation(), **normalised)
    validation = amalthea.ImageLoader(*of_validation, shuffle=False, **normalised)
    batch, _ = training.peek()
    print(f"a batch holds {batch.dtype} values of {batch.min():.3f} to {batch.max():.3f}")

    keras.utils.set_random_seed(0)
    model = digits.build_model(MODEL_INPUT)
    model.fit(training, epochs=options.epochs, verbose=2)

    print(f"backend: {keras.backend.backend()}")
    print(f"validation accuracy: {model.evaluate(validation, verbose=0)[1]:.1%}")
    if not options.no_memory:
        print(memory_line(paths, labels, options.processes))


if __name__ == "__main__":
    main()
