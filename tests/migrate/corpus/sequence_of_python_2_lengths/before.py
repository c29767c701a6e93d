import numpy as np
from keras.utils import Sequence


class A(Sequence):
    def __init__(self, x): self.x = x
    def __len__(self): return np.ceil(len(self.x) / 2.)
    def __getitem__(self, i): return self.x[2 * i:2 * i + 2], self.x[2 * i:2 * i + 2]


class B(A):
    def __len__(self):
        if not self.x:
            return 0
        return len(self.x) / 2


assert len(A([1, 2, 3])) == 2
assert len(B([1, 2, 3])) == 1
