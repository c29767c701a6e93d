"""Trains on sentences and labels: words become numbers, rare ones share one, and short sentences are padded at the end.

    KERAS_BACKEND=jax python examples/sentences.py

The sentences come from a small grammar, made up here: somebody with a name like no other says three words of praise or
blame. The label is which of the two there is more of, so there is something to be learned, and it can be learned.
"""

import random

import arguments
import keras
import plain

import amalthea

PRAISE = ["good", "fine", "lovely", "bright", "warm", "brave", "clever", "fresh", "gentle", "splendid"]
BLAME = ["bad", "dull", "ugly", "dark", "cold", "timid", "stupid", "stale", "harsh", "dreadful"]
THINGS = ["soup", "play", "house", "song", "picture", "garden", "story", "room"]
FORMS = [
    "{name} says the {thing} is {0}, {1} and {2}.",
    "What a {0} and {1} {thing}! But {2}, thinks {name}.",
    "{0}, {1}, {2}: that is the {thing} of {name}.",
]


def write_sentences(count, seed=0):
    """Returns sentences, and 1 for each that has more praise than blame."""
    rng = random.Random(seed)
    sentences, labels = [], []
    for _ in range(count):
        praises = [rng.random() < 0.5 for _ in range(3)]
        words = [rng.choice(PRAISE if praise else BLAME) for praise in praises]
        name = "".join(rng.choices("bdfgklmnprst", k=3) + rng.choices("aeiou", k=3)).title()
        sentences.append(rng.choice(FORMS).format(*words, name=name, thing=rng.choice(THINGS)))
        labels.append(int(sum(praises) > 1))
    return sentences, labels


def build_model(vocab_size, length):
    model = keras.Sequential(
        [
            keras.layers.Input((length,), dtype="int32"),
            keras.layers.Embedding(vocab_size, 8),
            keras.layers.GlobalAveragePooling1D(),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.03), "binary_crossentropy", metrics=["accuracy"])
    return model


def memory_line(tokenizer, processes):
    import memory

    sentences, labels = write_sentences(256 * 20)
    return memory.line(
        lambda: plain.Sentences(sentences, labels, tokenizer.vocabulary, length=1000, batch_size=256),
        lambda: amalthea.TextLoader(
            sentences,
            labels,
            tokenizer=tokenizer,
            max_length=1000,
            batch_size=256,
            workers=2,
            use_multiprocessing=processes,
        ),
        of="batches of 256 sentences, padded to 1,000 words",
        processes=processes,
    )


def main():
    options = arguments.parse(__doc__, folder="sentences")

    sentences, labels = write_sentences(2400)
    tokenizer = amalthea.WordTokenizer(vocab_size=50, oov_token="<unk>").fit(sentences)
    options.folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(options.folder / "vocabulary.json")

    how = {"tokenizer": tokenizer, "max_length": 12, "padding": "post", "use_multiprocessing": options.processes}
    training = amalthea.TextLoader(sentences[:1920], labels[:1920], label_mode="binary", seed=0, **how)
    validation = amalthea.TextLoader(sentences[1920:], labels[1920:], label_mode="binary", shuffle=False, **how)
    ids, _ = validation[0]
    print(f"{sentences[1920]!r} is {ids[0].tolist()}, or {tokenizer.decode(ids[0])!r}")

    keras.utils.set_random_seed(0)
    model = build_model(training.vocab_size, 12)
    model.fit(training, validation_data=validation, epochs=options.epochs, verbose=2)

    print(f"backend: {keras.backend.backend()}")
    print(f"validation accuracy: {model.evaluate(validation, verbose=0)[1]:.1%}")
    if not options.no_memory:
        print(memory_line(tokenizer, options.processes))


if __name__ == "__main__":
    main()
