import numpy as np
from tensorflow import keras


class Windows(keras.utils.Sequence):
    def __init__(self, series: np.ndarray, window: int, *, batch_size: int = 4):
        self.series = series
        self.window = window
        self.batch_size = batch_size
        self.num_batches = (len(series) - window) // batch_size

    def __len__(self) -> int:
        return self.num_batches

    def __getitem__(self, i: int):
        starts = range(i * self.batch_size, (i + 1) * self.batch_size)
        x = np.stack([self.series[s:s + self.window] for s in starts])
        return x, x[:, -1]


windows = Windows(np.arange(20.), 3)
assert windows.num_batches == len(windows) == 4
model = keras.Sequential([keras.layers.Dense(1)])
model.compile('sgd', 'mse')
model.fit(windows, steps_per_epoch=windows.num_batches, verbose=0)
