"""Trains on small images in arrays, with or without data augmentation."""
from __future__ import print_function

import keras
import amalthea
import numpy as np

batch_size = 8
num_classes = 4
data_augmentation = True

rng = np.random.RandomState(0)
x_train = rng.randint(0, 256, (32, 8, 8, 3))
y_train = keras.utils.to_categorical(np.arange(32) % 4, num_classes)
x_train = x_train.astype('float32')
x_train /= 255

if not data_augmentation:
    print('as they are')
else:
    print('moved about')
    # all that there is, most of it off:
    augment = [
        # up or down
        # a tenth of the width, to the left or right
        amalthea.transforms.RandomTranslation(0.1, 0.1, fill_mode='nearest'),
        amalthea.transforms.RandomFlip("horizontal"),  # half of them
    ]

    # nothing to be learnt with these options, but it does no harm

    # what the batches are like
    train_flow = amalthea.ArrayLoader(x_train, y_train, batch_size=batch_size, augment=augment)

    x, y = train_flow[0]
    assert x.shape == (8, 8, 8, 3) and x.dtype == np.float32 and 0 <= x.min() and x.max() <= 1
    assert y.shape == (8, 4) and (y.sum(axis=1) == 1).all()
    assert len(train_flow) == 4
