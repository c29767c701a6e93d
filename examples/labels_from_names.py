"""Trains on images of one folder whose names tell their labels: `7_0042.jpg` is a seven.

    KERAS_BACKEND=jax python examples/labels_from_names.py

The images are resized, normalised to [0, 1], and in another order in each epoch.
"""

import arguments
import digits
import keras
import plain

import amalthea

LABEL = r"^(\d+)_"


def memory_line(folder, processes):
    import memory

    paths = sorted(folder.glob("*.jpg"))
    labels = [int(path.stem.split("_")[0]) for path in paths]
    return memory.line(
        lambda: plain.Images(paths, labels, 224, "RGB"),
        lambda: amalthea.ImageLoader.from_directory(
            folder,
            labels=LABEL,
            image_size=224,
            rescale=1 / 255,
            workers=2,
            use_multiprocessing=processes,
            verbose=False,
        ),
        of="batches of 32 images of 224 x 224 x 3",
        processes=processes,
    )


def main():
    options = arguments.parse(__doc__)

    images = options.folder / "named"
    digits.write_digits(images)
    training, validation = amalthea.ImageLoader.from_directory(
        images,
        labels=LABEL,  # searched for in the name of the file; its group is the label
        image_size=(16, 16),
        rescale=1 / 255,
        validation_split=0.2,
        subset="both",
        seed=0,
        use_multiprocessing=options.processes,
    )
    for epoch in range(2):
        training.set_epoch(epoch)
        _, labels = training.peek()
        print(f"epoch {epoch} begins with the labels {labels[:10].tolist()}")
    training.set_epoch(0)

    keras.utils.set_random_seed(0)
    model = digits.build_model((16, 16, 3))
    model.fit(training, validation_data=validation, epochs=options.epochs, verbose=2)

    print(f"backend: {keras.backend.backend()}")
    print(f"validation accuracy: {model.evaluate(validation, verbose=0)[1]:.1%}")
    if not options.no_memory:
        print(memory_line(images, options.processes))


if __name__ == "__main__":
    main()
