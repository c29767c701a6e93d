import numpy as np
from keras.layers import Dense
from keras.models import Sequential
from keras.utils import Sequence


class Data(Sequence):
    def __len__(self):
        return 2

    def __getitem__(self, i):
        return np.zeros((2, 1)), np.zeros((2, 1))


class Net(object):
    def __init__(self):
        self.model = Sequential([Dense(1)])
        self.model.compile('sgd', 'mse')

    def fit_generator(self, data, nb_epoch):
        return self.model.fit_generator(data, nb_epoch=nb_epoch, verbose=0)

    def run(self):
        return self.fit_generator(Data(), nb_epoch=1)


net = Net()
assert len(net.run().history['loss']) == 1
assert len(net.fit_generator(Data(), nb_epoch=2).history['loss']) == 2
