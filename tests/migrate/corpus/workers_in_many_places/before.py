import os

import numpy as np
from keras.layers import Dense
from keras.models import Sequential
from keras.utils import Sequence

N_WORKERS = min(2, os.cpu_count() or 1)


class Data(Sequence):
    def __init__(self, n): self.n = n

    def __len__(self): return self.n

    def __getitem__(self, i): return np.full((2, 1), i, 'float32'), np.full((2, 1), i, 'float32')


class Trainer:
    def __init__(self, n):
        self.train_data = Data(n)
        self.test_data = Data(3)
        self.model = Sequential([Dense(1)])
        self.model.compile('sgd', 'mse')

    def run(self):
        self.model.fit(self.train_data, steps_per_epoch=len(self.train_data), verbose=0, workers=N_WORKERS,
                       shuffle=False)
        self.model.fit(self.train_data, verbose=0, max_queue_size=20)  # a queue alone is no worker
        loss = self.model.evaluate_generator(self.test_data, len(self.test_data), workers=2)
        return loss, self.model.predict_generator(
            self.test_data,
            steps=len(self.test_data),
            verbose=0,
            workers=1, use_multiprocessing=False
        )


def arrays():
    model = Sequential([Dense(1)])
    model.compile('sgd', 'mse')
    x = np.zeros((4, 1))
    model.fit(x, x, verbose=0, workers=4, use_multiprocessing=True)


loss, predicted = Trainer(4).run()
assert loss >= 0 and predicted.shape == (6, 1)
arrays()
