import numpy as np
from keras.utils import PyDataset


class BaseGenerator(PyDataset):
    """What all generators have."""

    def __init__(self, paths, batch_size, **kwargs):
        super().__init__(**kwargs)
        self.paths = paths
        self.batch_size = batch_size

    def __len__(self):
        return int(np.ceil(len(self.paths) / float(self.batch_size)))

    def batch(self, idx):
        return np.asarray(self.paths[idx * self.batch_size:(idx + 1) * self.batch_size])


class TrainGenerator(BaseGenerator):
    def __init__(self, paths, batch_size, flip, **kwargs):
        super().__init__(paths, batch_size, **kwargs)
        self.flip = flip

    def __getitem__(self, idx):
        x = self.batch(idx)
        return x[::-1] if self.flip else x, x


class TestGenerator(BaseGenerator):
    def __init__(self, paths, **kwargs):
        BaseGenerator.__init__(self, paths, 1, **kwargs)

    def __getitem__(self, idx):
        return (self.batch(idx),)


class Named(TrainGenerator):
    name = 'named'


class Alone(BaseGenerator):
    def __init__(self, paths, **kwargs):
        PyDataset.__init__(self, **kwargs)
        # has always done all by itself
        self.paths, self.batch_size = paths, 2

    def __getitem__(self, idx):
        return self.batch(idx), self.batch(idx)


train = TrainGenerator([1, 2, 3], 2, flip=True)
assert train[0][0].tolist() == [2, 1]
assert [len(TestGenerator([1, 2])[1]), TestGenerator([1, 2])[1][0].tolist()] == [1, [2]]
assert Named([1, 2, 3], 2, flip=False).workers == 1
assert len(Alone([1, 2, 3])) == 2
