"""What the other modules of this project import."""
from keras.utils.data_utils import Sequence
from tensorflow.keras.models import Model, load_model
from tensorflow.keras.preprocessing.sequence import pad_sequences
from tensorflow.keras.preprocessing.image import load_img, img_to_array as to_array
import tensorflow.keras.callbacks as cb

__all__ = ['Sequence', 'Model', 'load_model', 'pad_sequences', 'load_img', 'to_array', 'cb', 'Base']


class Base(Sequence):
    pass


assert issubclass(Base, Sequence)
assert pad_sequences([[1], [2, 3]]).tolist() == [[0, 1], [2, 3]]
