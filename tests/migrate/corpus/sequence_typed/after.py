from typing import List, Optional, Tuple

import numpy as np
import amalthea
import keras
from keras.callbacks import History
from keras.models import Model
from keras.utils import PyDataset

Batch = Tuple[np.ndarray, Optional[np.ndarray]]


class Typed(PyDataset):
    def __init__(self, values: List[float], batch_size: int = 2, **kwargs) -> None:
        super().__init__(**kwargs)
        self.values = np.asarray(values)
        self.batch_size = batch_size

    def __len__(self) -> int:
        return len(self.values) // self.batch_size

    def __getitem__(self, index: int) -> Batch:
        x = self.values[index * self.batch_size:(index + 1) * self.batch_size, None]
        return x, x


def train(model: Model, data: PyDataset, validation: Optional[PyDataset] = None, epochs: int = 1) -> History:
    # TODO(amalthea): `workers=2, max_queue_size=4` is gone from `fit`; if it is given a Sequence, write `amalthea.SequenceLoader(validation, workers=2, max_queue_size=4)`
    return model.fit(amalthea.SequenceLoader(data, shuffle=True, workers=2, max_queue_size=4), validation_data=validation, epochs=epochs,
                     verbose=0)


def build() -> keras.Model:
    model: keras.Model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(loss='mse', optimizer='sgd')
    return model


history = train(build(), Typed([1., 2., 3., 4.]), epochs=2)
assert len(history.history['loss']) == 2
