import numpy as np
from tensorflow.keras.utils import Sequence


class Configured(Sequence):
    def __init__(self, x, **kwargs):
        self.x = x
        self.batch_size = kwargs.get('batch_size', 2)
        self.scale = kwargs.pop('scale', 1.)

    def __len__(self):
        return len(self.x) // self.batch_size

    def __getitem__(self, idx):
        x = self.x[idx * self.batch_size:(idx + 1) * self.batch_size]
        return x * self.scale, x


class Forwarding(Sequence):
    def __init__(self, x, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.x = x

    def __len__(self):
        return 1

    def __getitem__(self, idx):
        return self.x, self.x


class Starred(Sequence):
    def __init__(self, *arrays):
        self.arrays = arrays

    def __len__(self):
        return 1

    def __getitem__(self, idx):
        return self.arrays[0], self.arrays[1]


assert Configured(np.arange(4.), scale=2.)[1][0].tolist() == [4, 6]
assert Forwarding([1], workers=2).workers == 2
assert Starred([1], [2])[0] == ([1], [2])
