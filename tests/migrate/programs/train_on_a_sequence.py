"""Trains on files of rows, which worker processes read."""
import numpy as np
from tensorflow.keras.layers import Dense, Input
from tensorflow.keras.models import Sequential
from tensorflow.keras.utils import Sequence, set_random_seed


class Rows(Sequence):
    'Batches of rows that lie in files of their own'
    def __init__(self, names, targets, batch_size=8, width=6, mix=True):
        self.names = names
        self.targets = targets
        self.batch_size, self.width = batch_size, width
        self.mix = mix
        self.places = np.arange(len(names))

    def __len__(self):
        return len(self.names) // self.batch_size

    def __getitem__(self, number):
        first = number*self.batch_size
        return self.__read([self.names[k] for k in self.places[first:first+self.batch_size]])

    def on_epoch_end(self):
        'A new order for the next epoch'
        if self.mix:
            np.random.shuffle(self.places)

    def __read(self, names):
        x = np.zeros((len(names), self.width), dtype='float32')
        y = np.zeros((len(names), 1), dtype='float32')
        for row, name in enumerate(names):
            x[row] = np.load('rows/' + name + '.npy')
            y[row] = self.targets[name]
        return x, y


def main():
    set_random_seed(1)
    names = ['id-%d' % i for i in range(50)]
    targets = {name: float(np.load('rows/' + name + '.npy').sum()) for name in names}

    train = Rows(names[:40], targets)
    test = Rows(names[40:], targets, batch_size=5, mix=False)

    model = Sequential()
    model.add(Input((6,)))
    model.add(Dense(4, activation='relu'))
    model.add(Dense(1))
    model.compile(optimizer='sgd', loss='mse')

    history = model.fit(train,
                        validation_data=test,
                        epochs=3,
                        shuffle=False,
                        verbose=0,
                        use_multiprocessing=True,
                        workers=2)

    batches = {}
    for name, rows in (('training', train), ('validation', test)):
        for number in range(len(rows)):
            x, y = rows[number]
            batches['%s_%d_x' % (name, number)] = x
            batches['%s_%d_y' % (name, number)] = y
    np.savez('batches.npz', **batches)
    np.savez('result.npz', *model.get_weights())
    np.savez('losses.npz', loss=history.history['loss'], val_loss=history.history['val_loss'])


if __name__ == '__main__':
    main()
