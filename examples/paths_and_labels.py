"""Trains on images of a list of paths and a list of labels, in grayscale, by whole epochs and by shorter ones.

    KERAS_BACKEND=jax python examples/paths_and_labels.py

The batches hold bytes, an eighth of the memory of float64; the network brings them to [0, 1] by itself.
"""

import arguments
import digits
import keras

import amalthea

MODEL_INPUT = (16, 16, 1)


def main():
    options = arguments.parse(__doc__)

    images = options.folder / "named"
    digits.write_digits(images)
    paths, labels, *of_validation = digits.paths_and_labels(images)
    as_bytes = {
        "image_size": MODEL_INPUT[:2],
        "color_mode": "grayscale",
        "dtype": "uint8",
        "use_multiprocessing": options.processes,
    }
    validation = amalthea.ImageLoader(*of_validation, shuffle=False, **as_bytes)

    keras.utils.set_random_seed(0)
    model = digits.build_model(MODEL_INPUT, rescale=1 / 255)
    for steps_per_epoch in (None, 10):
        # With `steps_per_epoch` an epoch goes on through the data where the one before has stopped.
        training = amalthea.ImageLoader(paths, labels, seed=0, steps_per_epoch=steps_per_epoch, **as_bytes)
        before = int(model.optimizer.iterations)
        model.fit(training, epochs=options.epochs, verbose=2)
        steps = int(model.optimizer.iterations) - before
        print(f"steps_per_epoch={steps_per_epoch}: {options.epochs} epochs of {len(training)} batches, {steps} steps")

    print(f"backend: {keras.backend.backend()}")
    print(f"validation accuracy: {model.evaluate(validation, verbose=0)[1]:.1%}")
    if not options.no_memory:
        print(digits.memory_line(paths, labels, options.processes, dtype="uint8"))


if __name__ == "__main__":
    main()
