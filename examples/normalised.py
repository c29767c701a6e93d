"""Trains on grayscale images of a list of paths, augmented by Keras' layers, with values of [0, 1].

    KERAS_BACKEND=jax python examples/normalised.py

The workers write each value into its place in the batch times 1 / 255; there is no second array.
"""

import arguments
import digits
import keras

import amalthea

MODEL_INPUT = (16, 16, 1)


def augmentation():
    return [
        keras.layers.RandomFlip("horizontal_and_vertical"),
        keras.layers.RandomRotation(0.2),
        keras.layers.RandomZoom((-0.2, 0.2), (-0.2, 0.2)),
    ]


def main():
    options = arguments.parse(__doc__, epochs=20)

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
        print(digits.memory_line(paths, labels, options.processes, rescale=1 / 255, note=", before the layers"))


if __name__ == "__main__":
    main()
