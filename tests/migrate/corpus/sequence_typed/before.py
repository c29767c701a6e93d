from typing import List, Optional, Tuple

import numpy as np
import tensorflow as tf
from tensorflow.keras.callbacks import History
from tensorflow.keras.models import Model
from tensorflow.keras.utils import Sequence

Batch = Tuple[np.ndarray, Optional[np.ndarray]]


class Typed(Sequence):
    def __init__(self, values: List[float], batch_size: int = 2) -> None:
        self.values = np.asarray(values)
        self.batch_size = batch_size

    def __len__(self) -> int:
        return len(self.values) // self.batch_size

    def __getitem__(self, index: int) -> Batch:
        x = self.values[index * self.batch_size:(index + 1) * self.batch_size, None]
        return x, x


def train(model: Model, data: Sequence, validation: Optional[Sequence] = None, epochs: int = 1) -> History:
    return model.fit(data, steps_per_epoch=len(data), validation_data=validation, epochs=epochs,
                     verbose=0, workers=2, max_queue_size=4)


def build() -> tf.keras.Model:
    model: tf.keras.Model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    model.compile(loss='mse', optimizer='sgd')
    return model


history = train(build(), Typed([1., 2., 3., 4.]), epochs=2)
assert len(history.history['loss']) == 2
