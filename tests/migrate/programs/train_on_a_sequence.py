"""Trains on files of rows, which worker processes read."""
import numpy as np
from tensorflow.keras.layers import Dense, Input
from tensorflow.keras.models import Sequential
from tensorflow.keras.utils import Sequence, set_random_seed


class DataGenerator(Sequence):
    'Generates data for Keras'
    def __init__(self, list_IDs, labels, batch_size=8, dim=6, shuffle=True):
        'Initialization'
        self.dim = dim
        self.batch_size = batch_size
        self.labels = labels
        self.list_IDs = list_IDs
        self.shuffle = shuffle
        self.indexes = np.arange(len(self.list_IDs))

    def __len__(self):
        'Denotes the number of batches per epoch'
        return int(np.floor(len(self.list_IDs) / self.batch_size))

    def __getitem__(self, index):
        'Generate one batch of data'
        indexes = self.indexes[index*self.batch_size:(index+1)*self.batch_size]
        list_IDs_temp = [self.list_IDs[k] for k in indexes]
        X, y = self.__data_generation(list_IDs_temp)
        return X, y

    def on_epoch_end(self):
        'Updates indexes after each epoch'
        if self.shuffle == True:
            np.random.shuffle(self.indexes)

    def __data_generation(self, list_IDs_temp):
        'Generates data containing batch_size samples'
        X = np.empty((self.batch_size, self.dim), dtype='float32')
        y = np.empty((self.batch_size, 1), dtype='float32')
        for i, ID in enumerate(list_IDs_temp):
            X[i,] = np.load('rows/' + ID + '.npy')
            y[i] = self.labels[ID]
        return X, y


def main():
    set_random_seed(1)
    ids = ['id-%d' % i for i in range(50)]
    labels = {ID: float(np.load('rows/' + ID + '.npy').sum()) for ID in ids}

    training_generator = DataGenerator(ids[:40], labels)
    validation_generator = DataGenerator(ids[40:], labels, batch_size=5, shuffle=False)

    model = Sequential()
    model.add(Input((6,)))
    model.add(Dense(4, activation='relu'))
    model.add(Dense(1))
    model.compile(optimizer='sgd', loss='mse')

    history = model.fit(training_generator,
                        validation_data=validation_generator,
                        epochs=3,
                        shuffle=False,
                        verbose=0,
                        use_multiprocessing=True,
                        workers=2)

    batches = {}
    for name, generator in (('training', training_generator), ('validation', validation_generator)):
        for number in range(len(generator)):
            X, y = generator[number]
            batches['%s_%d_x' % (name, number)] = X
            batches['%s_%d_y' % (name, number)] = y
    np.savez('batches.npz', **batches)
    np.savez('result.npz', *model.get_weights())
    np.savez('losses.npz', loss=history.history['loss'], val_loss=history.history['val_loss'])


if __name__ == '__main__':
    main()
