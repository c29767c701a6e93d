import numpy as np
from keras.layers import Dense, Input, concatenate
from keras.models import Model, Sequential


def batches(x, y, batch_size=4):
    """Endless batches, in order."""
    while True:
        for start in range(0, len(x), batch_size):
            rows = slice(start, start + batch_size)
            yield (x[rows], x[rows] ** 2), y[rows]


def plain(x, y):
    while 1:
        yield x, y


def rows():
    yield [1, 2], 3  # nothing that a model gets to see


a, b = Input((1,)), Input((1,))
model = Model([a, b], Dense(1)(concatenate([a, b])))
model.compile(loss='mse', optimizer='sgd')
x = np.linspace(0, 1, 8)[:, None]
gen = batches(x, x)
first = next(gen)
# TODO(amalthea): `workers=4, use_multiprocessing=True` is gone, for a generator is read by one thread: `gen`, `batches(x, x)` could be a class with `__len__` and `__getitem__` that gives one sample, for `amalthea.Loader`
model.fit(gen, steps_per_epoch=2, epochs=2, verbose=0,
          validation_data=batches(x, x), validation_steps=2)

simple = Sequential([Dense(1)])
simple.compile('sgd', 'mse')
simple.fit(plain(x, x), steps_per_epoch=2, epochs=1, verbose=0)
simple.fit(((x, x) for _ in range(3)), steps_per_epoch=3, verbose=0)
assert simple.evaluate(plain(x, x), steps=1, verbose=0) >= 0
assert next(rows()) == ([1, 2], 3) and len(first) == 2
