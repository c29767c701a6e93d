import os

import numpy as np
from keras.layers import Dense
import amalthea
from keras.models import Sequential
from keras.utils import PyDataset

N_WORKERS = min(2, os.cpu_count() or 1)


class Data(PyDataset):
    def __init__(self, n, **kwargs):
        super().__init__(**kwargs)
        self.n = n

    def __len__(self): return self.n

    def __getitem__(self, i): return np.full((2, 1), i, 'float32'), np.full((2, 1), i, 'float32')


class Trainer:
    def __init__(self, n):
        self.train_data = Data(n)
        self.test_data = Data(3)
        self.model = Sequential([Dense(1)])
        self.model.compile('sgd', 'mse')

    def run(self):
        self.model.fit(amalthea.SequenceLoader(self.train_data, workers=N_WORKERS), verbose=0, shuffle=False)
        self.model.fit(self.train_data, verbose=0)  # a queue alone is no worker
        loss = self.model.evaluate(amalthea.SequenceLoader(self.test_data, workers=2), verbose=0)
        return loss, self.model.predict(
            self.test_data,
            verbose=0
        )


def arrays():
    model = Sequential([Dense(1)])
    model.compile('sgd', 'mse')
    x = np.zeros((4, 1))
    model.fit(x, x, verbose=0)


loss, predicted = Trainer(4).run()
assert loss >= 0 and predicted.shape == (6, 1)
arrays()
