"""Trains a model of three inputs: an image, the first words of a text, and a random vector.

    KERAS_BACKEND=jax python examples/three_inputs.py

The image is a digit; the text, made up here, asks for ten to be added to it or not; the vector means nothing. To name
the sum, one of 20 classes, a model must look at image and text. Image and text belong together by their names.
"""

import random

import arguments
import digits
import keras
import plain

import amalthea
from amalthea import sources

WORDS, CHARACTERS = 3, 20
ASKS = ["please add ten", "plus ten here", "ten more now", "it is ten", "with ten added"]
ASKS_NOT = ["please change nothing", "just as shown", "leave it so", "no more here", "it stays small"]
REST = ["and be quick", "for the record", "as said before", "if you can", "which is all"]


def with_texts(folder, images, labels):
    """Writes a text for each image; returns the images, the texts in the order of their names, and the targets."""
    rng = random.Random(0)
    folder.mkdir(exist_ok=True)
    targets = []
    for image, label in zip(images, labels, strict=True):
        asks = rng.random() < 0.5
        text = f"{rng.choice(ASKS if asks else ASKS_NOT)} {rng.choice(REST)}"
        (folder / f"{image.stem}.txt").write_text(text, encoding="utf-8")
        targets.append(label + 10 * asks)
    return images, sources.files(folder, ".txt"), targets


def build_model():
    image = keras.Input((16, 16, 3), name="image")
    text = keras.Input((CHARACTERS,), name="text")
    noise = keras.Input((100,), name="noise")
    seen = keras.layers.MaxPooling2D()(keras.layers.Conv2D(32, 3, activation="relu")(image))
    seen = keras.layers.Dense(64, activation="relu")(keras.layers.Flatten()(seen))
    read = keras.layers.Flatten()(keras.layers.Embedding(128, 8)(text))
    read = keras.layers.Dense(16, activation="relu")(read)
    drawn = keras.layers.Dense(2)(noise)
    joined = keras.layers.Dense(128, activation="relu")(keras.layers.Concatenate()([seen, read, drawn]))
    model = keras.Model([image, text, noise], keras.layers.Dense(20, activation="softmax")(joined))
    model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def make_loader(images, texts, targets, size, **options):
    return amalthea.MultiInputLoader(
        {
            "image": sources.ImageFiles(images, size, rescale=1 / 255),
            "text": sources.CharacterCodes.of_files(sources.paired(images, texts), WORDS, CHARACTERS),
            "noise": sources.Noise(len(images), 100),
        },
        targets,
        **options,
    )


def memory_line(images, texts, targets, processes):
    import memory

    return memory.line(
        lambda: plain.ThreeInputs(images, sources.paired(images, texts), targets, 224, WORDS, CHARACTERS),
        lambda: make_loader(images, texts, targets, 224, workers=2, use_multiprocessing=processes),
        of="batches of 32 images of 224 x 224 x 3, texts and vectors",
        processes=processes,
    )


def main():
    options = arguments.parse(__doc__)

    digits.write_digits(options.folder / "named")
    columns = digits.paths_and_labels(options.folder / "named")
    parts = {"training": with_texts(options.folder / "texts", *columns[:2])}
    parts["validation"] = with_texts(options.folder / "texts_of_validation", *columns[2:])
    training, validation = (
        make_loader(*part, 16, shuffle=name == "training", seed=0, use_multiprocessing=options.processes)
        for name, part in parts.items()
    )
    inputs, targets = training.peek()
    text = "".join(map(chr, inputs["text"][0])).rstrip("\0")
    print(f"inputs: {', '.join(f'{name} {array.shape}' for name, array in inputs.items())}")
    print(f"the first text is {text!r}, its target {targets[0]}")

    keras.utils.set_random_seed(0)
    model = build_model()
    model.fit(training, validation_data=validation, epochs=options.epochs, verbose=2)

    print(f"backend: {keras.backend.backend()}")
    print(f"validation accuracy: {model.evaluate(validation, verbose=0)[1]:.1%}")
    if not options.no_memory:
        print(memory_line(*parts["training"], options.processes))


if __name__ == "__main__":
    main()
