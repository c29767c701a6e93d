import numpy as np
from keras.layers import Dense
from keras.models import Sequential
from keras.utils import PyDataset


class Data(PyDataset):
    def __len__(self):
        return 2

    def __getitem__(self, i):
        return np.zeros((2, 1)), np.zeros((2, 1))


data = Data()
model = Sequential([Dense(1)])
model.compile('sgd', 'mse')
# TODO(amalthea): `sample_weight` cannot stand beside `data`: let it give batches `(x, y, sample_weight)`
model.fit(data, sample_weight=np.ones(4), class_weight={0: 1., 1: 2.})
