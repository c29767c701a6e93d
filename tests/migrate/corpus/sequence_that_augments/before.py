import random

import numpy as np
from numpy.random import RandomState
from keras.utils import Sequence


class Augmented(Sequence):
    def __init__(self, x, y, batch_size, augment=True, seed=0):
        self.x, self.y = x, y
        self.batch_size = batch_size
        self.augment = augment
        self.own = RandomState(seed)
        self.on_epoch_end()

    def __len__(self):
        return len(self.x) // self.batch_size

    def on_epoch_end(self):
        self.order = list(range(len(self.x)))
        random.shuffle(self.order)

    def _flip(self, image):
        if np.random.rand() < .5:
            return image[:, ::-1]
        return image

    def _noise(self, image):
        return image + self.own.normal(size=image.shape)

    def __getitem__(self, index):
        rows = self.order[index * self.batch_size:(index + 1) * self.batch_size]
        images = self.x[rows]
        if self.augment:
            images = np.stack([self._noise(self._flip(image)) for image in images])
        for _ in range(random.randint(0, 1)):
            images = images * 1.
        return images, self.y[rows]


batches = Augmented(np.zeros((8, 2, 2)), np.arange(8), 4)
assert batches[0][0].shape == (4, 2, 2)
assert sorted(batches.order) == list(range(8))
