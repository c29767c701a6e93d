import numpy as np
from keras.utils import PyDataset


class Shuffled(PyDataset):
    def __init__(self, x, batch_size=2, **kwargs):
        super().__init__(**kwargs)
        self.x = x
        self.batch_size = batch_size
        self.rng = np.random.default_rng(0)
        self.on_epoch_end()

    def __len__(self):
        return len(self.x) // self.batch_size

    def __getitem__(self, i):
        rows = self.order[i * self.batch_size:(i + 1) * self.batch_size]
        return self.x[rows], self.x[rows]

    def on_epoch_end(self):
        self.order = self.rng.permutation(len(self.x))


shuffled = Shuffled(np.arange(6.))
assert sorted(np.concatenate([shuffled[i][0] for i in range(3)])) == list(range(6))
