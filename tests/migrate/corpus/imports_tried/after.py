import keras
from keras import backend as K
from keras.utils import PyDataset, to_categorical
try:
    # since Keras 2.1
    from keras.utils import get_file
except ImportError:
    get_file = None


class Zeros(PyDataset):
    def __len__(self):
        return 2

    def __getitem__(self, idx):
        return to_categorical([idx], 2), to_categorical([idx], 2)


assert isinstance(Zeros(), keras.utils.PyDataset)
assert Zeros()[1][0].tolist() == [[0, 1]] and K.epsilon() > 0 and get_file
