# coding: utf-8
from __future__ import absolute_import, division, print_function

import numpy as np
import keras.utils
from keras.utils import PyDataset as KerasSequence


class Rows(KerasSequence):

    def __init__(self, x, y,
                 batch_size=2,
                 **kwargs,
                 ):
        super(Rows, self).__init__(**kwargs)
        self.x, self.y, self.batch_size = x, y, batch_size

    def __len__(self): return len(self.x) // self.batch_size

    def __getitem__(self, i):
        s = slice(i * self.batch_size, (i + 1) * self.batch_size)
        return self.x[s], self.y[s]


class Other(keras.utils.PyDataset, object):

    def __init__(self, x, **kwargs):
        keras.utils.PyDataset.__init__(self, **kwargs)
        self.x = x

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return self.x[i:i + 1], self.x[i:i + 1]


rows = Rows(np.arange(6), np.arange(6))
assert len(rows) == 3 and rows[1][0].tolist() == [2, 3]
assert Other(np.arange(3))[2][0].tolist() == [2]
assert isinstance(Other([1]), keras.utils.PyDataset)
