import math
import numpy as np
from tensorflow.keras.utils import Sequence


class Squares(Sequence):
    x = np.arange(10.)

    def __len__(self):
        return math.ceil(len(self.x) / 4)

    def __getitem__(self, idx):
        batch = self.x[idx * 4:(idx + 1) * 4]
        return batch, batch ** 2


squares = Squares()
assert len(squares) == 3 and squares.workers == 1
assert squares[2][1].tolist() == [64, 81]
