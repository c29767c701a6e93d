"""Trains on images of a list of paths and a list of labels, in grayscale, by whole epochs and by shorter ones.

    KERAS_BACKEND=jax python examples/paths_and_labels.py

The batches hold bytes, an eighth of the memory of float64; the network brings them to [0, 1] by itself.
"""

import argparse
from pathlib import Path

import digits
import keras
import plain

import amalthea

MODEL_INPUT = (16, 16, 1)


def memory_line(paths, labels, processes):
    import memory

    return memory.line(
        lambda: plain.Images(paths, labels, 224, "L"),
        lambda: amalthea.ImageLoader(
            paths,
            labels,
            image_size=224,
            color_mode="grayscale",
            dtype="uint8",
            workers=2,
            use_multiprocessing=processes,
        ),
        of="batches of 32 images of 224 x 224 x 1",
        processes=processes,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path("digits"), help="where the images are, or are written to")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--processes", action="store_true", help="load with processes instead of threads")
    parser.add_argument("--no-memory", action="store_true", help="don't measure memory")
    options = parser.parse_args()

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
        print(memory_line(paths, labels, options.processes))


if __name__ == "__main__":
    main()
