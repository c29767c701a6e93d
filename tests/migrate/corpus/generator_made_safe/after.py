import threading

import numpy as np
from keras.layers import Dense
from keras.models import Sequential


class threadsafe_iter(object):
    """Takes an iterator and makes it thread-safe."""

    def __init__(self, it):
        self.it = it
        self.lock = threading.Lock()

    def __iter__(self):
        return self

    def __next__(self):
        with self.lock:
            return next(self.it)


def threadsafe_generator(f):
    def g(*a, **kw):
        return threadsafe_iter(f(*a, **kw))
    return g


@threadsafe_generator
def batches(n):
    while True:
        yield (np.zeros((n, 2)), np.zeros((n, 1)))


model = Sequential()
model.add(Dense(1))
model.compile(loss='mse', optimizer='sgd')
train = batches(4)
model.fit(
    (batch for batch in train),
    steps_per_epoch=3,
    epochs=1,
    verbose=0,
    validation_data=(batch for batch in threadsafe_iter(iter([(np.zeros((2, 2)), np.zeros((2, 1)))]))),
    validation_steps=1,
)
