"""The loaders of the programs beside this one as they are often written: a Sequence of one's own.

Pillow, lists, an array of float64 for each batch, and a queue of ten batches. These are here to be measured against.
"""

import keras
import numpy as np
from PIL import Image


class Plain(keras.utils.PyDataset):
    """What they share: a list of samples, cut into batches."""

    def __init__(self, samples, batch_size=32):
        super().__init__(workers=2, max_queue_size=10)
        self.samples, self.batch_size = list(samples), batch_size

    def __len__(self):
        return len(self.samples) // self.batch_size

    def __getitem__(self, number):
        start = number * self.batch_size
        return self.batch(self.samples[start : start + self.batch_size])


class Images(Plain):
    """Files and their labels."""

    def __init__(self, paths, labels, size, mode):
        super().__init__(zip(paths, labels, strict=True))
        self.size, self.mode = (size, size), mode

    def batch(self, samples):
        x = np.array([pixels(path, self.size, self.mode) for path, _ in samples]) / 255
        return x, np.array([label for _, label in samples])


class Sentences(Plain):
    """Sentences, looked up word by word, and labels."""

    def __init__(self, sentences, labels, vocabulary, length, batch_size):
        super().__init__(zip(sentences, labels, strict=True), batch_size)
        self.ids, self.length = {word: number for number, word in enumerate(vocabulary)}, length

    def batch(self, samples):
        return np.array([self.padded(text) for text, _ in samples]), np.array([label for _, label in samples])

    def padded(self, text):
        words = "".join(character if character.isalnum() else " " for character in text.lower()).split()
        ids = [self.ids.get(word, self.ids["<unk>"]) for word in words][: self.length]
        return ids + [0] * (self.length - len(ids))


class ThreeInputs(Plain):
    """Files of images, files of texts, random vectors, and labels."""

    def __init__(self, images, texts, labels, size, words, length):
        super().__init__(zip(images, texts, labels, strict=True))
        self.size, self.words, self.length = (size, size), words, length

    def batch(self, samples):
        x = {
            "image": np.array([pixels(image, self.size, "RGB") for image, _, _ in samples]) / 255,
            "text": np.array([self.codes(text) for _, text, _ in samples]),
            "noise": np.array([np.random.normal(size=100) for _ in samples]),
        }
        return x, np.array([label for _, _, label in samples])

    def codes(self, path):
        with open(path, encoding="utf-8") as file:
            characters = " ".join(file.read().split()[: self.words])[: self.length]
        return [ord(character) for character in characters] + [0] * (self.length - len(characters))


def pixels(path, size, mode):
    with Image.open(path) as picture:
        return np.array(picture.convert(mode).resize(size)).reshape(*size, -1)
