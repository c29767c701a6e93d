import numpy as np

try:
    from keras.utils import PyDataset as Sequence
except ImportError:
    Sequence = object

USE_KERAS = True
if USE_KERAS:
    from keras.layers import Dense
else:
    Dense = None


class Ones(Sequence):
    def __init__(self, n, **kwargs):
        super().__init__(**kwargs)
        self.n = n

    def __len__(self):
        return self.n

    def __getitem__(self, index):
        return np.ones((1, 1)), np.ones((1, 1))


assert len(Ones(3)) == 3
assert Dense is not None and Dense(2).units == 2
