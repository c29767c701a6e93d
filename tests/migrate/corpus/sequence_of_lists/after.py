import numpy as np
import keras
from keras.layers import Input, Dense, concatenate
from keras.models import Model
from keras.utils import PyDataset


class Pairs(PyDataset):
    """Two inputs and two outputs."""

    def __init__(self, left, right, targets, **kwargs):
        super().__init__(**kwargs)
        self.left, self.right, self.targets = left, right, targets

    def __len__(self):
        return len(self.left) // 4

    def __getitem__(self, index):
        rows = slice(4 * index, 4 * index + 4)
        outputs = [self.targets[rows], -self.targets[rows]]
        return (
            self.left[rows],
            self.right[rows],  # the other one
        ), tuple(outputs)


class Unlabelled(Pairs):
    def __getitem__(self, index):
        rows = slice(4 * index, 4 * index + 4)
        return (tuple(array[rows] for array in (self.left, self.right)),)


class Weighted(Pairs):
    def __getitem__(self, index):
        inputs, outputs = self._inputs(index), self.targets[4 * index:4 * index + 4]
        if len(outputs) == 4:
            return inputs, (outputs, outputs)
        return ((inputs[0], inputs[1]), (outputs, outputs))

    def _inputs(self, index):
        return (self.left[4 * index:4 * index + 4], self.right[4 * index:4 * index + 4])


a, b = Input((1,)), Input((1,))
merged = concatenate([a, b])
model = Model([a, b], [Dense(1)(merged), Dense(1)(merged)])
model.compile('sgd', ['mse', 'mse'])
left, right = np.arange(8.)[:, None], np.ones((8, 1))
model.fit(Pairs(left, right, left), verbose=0)
assert len(model.predict(Unlabelled(left, right, left), verbose=0)) == 2
assert isinstance(Weighted(left, right, left)[0][1], tuple)
