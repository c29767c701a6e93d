# Scans on the disk, one file each; what they show is in a dict
import os
import numpy as np
import keras
from keras.models import Sequential
from keras.layers import Dense, Flatten


class ScanBatches(keras.utils.Sequence):
    '''Reads the scans of a batch when it is asked for them'''
    def __init__(self, names, diagnosis, folder='scans', size=16, voxels=(16,16,16),
                 kinds=4, mix=True):
        self.names, self.diagnosis = names, diagnosis
        self.folder = folder
        self.size = size          # scans of a batch
        self.voxels = voxels
        self.kinds = kinds
        self.mix = mix
        self.on_epoch_end()

    def __len__(self):
        return int(np.floor(len(self.names)/self.size))

    def __getitem__(self, batch):
        first = batch*self.size
        chosen = [self.names[k] for k in self.places[first:first+self.size]]
        return self.__read(chosen)

    def on_epoch_end(self):
        self.places = np.arange(len(self.names))
        # a new order for the next round
        if self.mix:
            np.random.shuffle(self.places)

    def __read(self, chosen):
        scans = np.zeros((len(chosen),) + self.voxels, dtype='float32')
        found = np.zeros(len(chosen), dtype=int)
        for row, name in enumerate(chosen):
            scans[row] = np.load(os.path.join(self.folder, '%s.npy' % name))
            found[row] = self.diagnosis[name]

        return scans, keras.utils.to_categorical(found, num_classes=self.kinds)


os.makedirs('scans', exist_ok=True)
diagnosis = {'patient%02d' % i: i % 2 for i in range(24)}
for name, kind in diagnosis.items():
    np.save('scans/%s.npy' % name, np.full((4, 4, 1), kind, 'float32'))
known = sorted(diagnosis)

options = {'voxels': (4,4,1),
           'size': 4,
           'kinds': 2}
to_learn = ScanBatches(known[:16], diagnosis, **options)
to_check = ScanBatches(known[16:], diagnosis, mix=False, **options)

net = Sequential()
net.add(Flatten(input_shape=(4, 4, 1)))
net.add(Dense(2, activation='softmax'))
net.compile(optimizer='adam', loss='categorical_crossentropy', metrics=['accuracy'])

# several threads, as the disk is slow
record = net.fit_generator(generator=to_learn,
                           validation_data=to_check,
                           epochs=2, verbose=0,
                           use_multiprocessing=False,
                           workers=2)
assert len(record.history['val_loss']) == 2
