"""Trains on small images in arrays, with or without data augmentation."""
from __future__ import print_function

import keras
import numpy as np
from keras.preprocessing.image import ImageDataGenerator

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
    datagen = ImageDataGenerator(
        featurewise_center=False,  # by the mean of all
        samplewise_center=False,  # by its own mean
        featurewise_std_normalization=False,  # and deviation
        samplewise_std_normalization=False,
        zca_whitening=False,
        zca_epsilon=1e-06,
        rotation_range=0,  # in degrees
        width_shift_range=0.1,  # a tenth of the width, to the left or right
        height_shift_range=0.1,  # up or down
        shear_range=0.,
        zoom_range=0.,
        channel_shift_range=0.,
        fill_mode='nearest',
        cval=0.,
        horizontal_flip=True,  # half of them
        vertical_flip=False,
        rescale=None,
        preprocessing_function=None,
        data_format=None,
        validation_split=0.0)

    # nothing to be learnt with these options, but it does no harm
    datagen.fit(x_train)

    # what the batches are like
    train_flow = datagen.flow(x_train, y_train, batch_size=batch_size)

    x, y = train_flow[0]
    assert x.shape == (8, 8, 8, 3) and x.dtype == np.float32 and 0 <= x.min() and x.max() <= 1
    assert y.shape == (8, 4) and (y.sum(axis=1) == 1).all()
    assert len(train_flow) == 4
