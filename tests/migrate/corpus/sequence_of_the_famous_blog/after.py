import numpy as np
import keras
import amalthea
from keras.models import Sequential
from keras.layers import Dense, Flatten


class DataGenerator(keras.utils.PyDataset):
    'Generates data for Keras'
    def __init__(self, list_IDs, labels, batch_size=32, dim=(32,32,32), n_channels=1,
                 n_classes=10, shuffle=True, **kwargs):
        'Initialization'
        super().__init__(**kwargs)
        self.dim = dim
        self.batch_size = batch_size
        self.labels = labels
        self.list_IDs = list_IDs
        self.n_channels = n_channels
        self.n_classes = n_classes
        self.shuffle = shuffle
        self.on_epoch_end()

    def __len__(self):
        'Denotes the number of batches per epoch'
        return int(np.floor(len(self.list_IDs) / self.batch_size))

    def __getitem__(self, index):
        'Generate one batch of data'
        # Generate indexes of the batch
        indexes = self.indexes[index*self.batch_size:(index+1)*self.batch_size]

        # Find list of IDs
        list_IDs_temp = [self.list_IDs[k] for k in indexes]

        # Generate data
        X, y = self.__data_generation(list_IDs_temp)

        return X, y

    def on_epoch_end(self):
        'Updates indexes after each epoch'
        self.indexes = np.arange(len(self.list_IDs))
        if self.shuffle == True:
            # TODO(amalthea): all else that draws changes the global random state: make `self.rng = np.random.default_rng(seed)` in `__init__`, and draw from that
            np.random.shuffle(self.indexes)

    def __data_generation(self, list_IDs_temp):
        'Generates data containing batch_size samples' # X : (n_samples, *dim, n_channels)
        X = np.empty((self.batch_size, *self.dim, self.n_channels))
        y = np.empty((self.batch_size), dtype=int)
        for i, ID in enumerate(list_IDs_temp):
            X[i,] = np.load('data/' + ID + '.npy')
            y[i] = self.labels[ID]

        return X, keras.utils.to_categorical(y, num_classes=self.n_classes)


# A few files, in the place of the real ones
import os
os.makedirs('data', exist_ok=True)
labels = {'id-%d' % i: i % 2 for i in range(24)}
for ID, label in labels.items():
    np.save('data/' + ID + '.npy', np.full((4, 4, 1), label, dtype='float32'))
partition = {'train': list(labels)[:16], 'validation': list(labels)[16:]}

# Parameters
params = {'dim': (4,4),
          'batch_size': 4,
          'n_classes': 2,
          'n_channels': 1,
          'shuffle': True}

# Generators
training_generator = DataGenerator(partition['train'], labels, **params)
validation_generator = DataGenerator(partition['validation'], labels, **params)

# Design model
model = Sequential()
model.add(Flatten(input_shape=(4, 4, 1)))
model.add(Dense(2, activation='softmax'))
model.compile(optimizer='adam', loss='categorical_crossentropy', metrics=['accuracy'])

# Train model on dataset
history = model.fit(x=amalthea.SequenceLoader(training_generator, shuffle=True, workers=2),
                    validation_data=amalthea.SequenceLoader(validation_generator, workers=2),
                    epochs=2, verbose=0)
assert len(history.history['val_loss']) == 2
