import numpy as np
from keras.utils import PyDataset


class Logging(object):
    def __init__(self, prefix):
        self.prefix = prefix
        self.lines = []

    def log(self, text):
        self.lines.append(self.prefix + text)


class Batches(Logging, PyDataset):
    def __init__(self, x, **kwargs):
        PyDataset.__init__(self, **kwargs)
        Logging.__init__(self, 'batches: ')
        self.x = x

    def __len__(self):
        return len(self.x)

    def __getitem__(self, idx):
        self.log(str(idx))
        return self.x[idx:idx + 1], self.x[idx:idx + 1]


batches = Batches(np.arange(4.))
batches[1]
assert batches.lines == ['batches: 1']
assert batches.workers == 1
