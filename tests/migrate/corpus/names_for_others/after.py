"""What the other modules of this project import."""
from keras.utils import PyDataset as Sequence
from keras.models import Model, load_model
from keras.utils import pad_sequences
from keras.utils import load_img, img_to_array as to_array
import keras.callbacks as cb

__all__ = ['Sequence', 'Model', 'load_model', 'pad_sequences', 'load_img', 'to_array', 'cb', 'Base']


class Base(Sequence):
    pass


assert issubclass(Base, Sequence)
assert pad_sequences([[1], [2, 3]]).tolist() == [[0, 1], [2, 3]]
