from keras.utils import Sequence

class Data(Sequence):
    def __getitem__(self, i):
        print "batch", i
        return self.x[i], self.y[i]

model.fit_generator(Data(), nb_epoch=3)
