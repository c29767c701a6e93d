'''Cats and dogs, as in many a tutorial: two generators, one for training, one for testing.'''
import os

import numpy as np
from PIL import Image
from keras.preprocessing.image import ImageDataGenerator
from keras.models import Sequential
from keras.layers import Activation, Dense, Flatten, Input

# a handful of tiny pictures
for folder, count in (('data/train', 8), ('data/validation', 4)):
    for label, name in enumerate(['cats', 'dogs']):
        os.makedirs(os.path.join(folder, name))
        for i in range(count):
            pixels = np.full((20, 30, 3), 100 * label + 10 * i, 'uint8')
            Image.fromarray(pixels).save(os.path.join(folder, name, '%s.%d.png' % (name, i)))

# all pictures are made as large as this
wide, high = 15, 10
learn_from, test_on = 'data/train', 'data/validation'
batch_size = 4

# what is drawn anew for each picture:
moving = ImageDataGenerator(
    rescale=1. / 255,
    shear_range=0.2,
    zoom_range=0.2,
    horizontal_flip=True)

# nothing is drawn here,
# values of 0 to 1 are all
still = ImageDataGenerator(rescale=1. / 255)

cats_and_dogs = moving.flow_from_directory(
    learn_from,
    target_size=(high, wide),
    batch_size=batch_size,
    class_mode='binary')

more_of_them = still.flow_from_directory(
    test_on,
    target_size=(high, wide),
    batch_size=batch_size,
    class_mode='binary',
    shuffle=False)

model = Sequential()
model.add(Input((high, wide, 3)))
model.add(Flatten())
model.add(Dense(1))
model.add(Activation('sigmoid'))
model.compile(loss='binary_crossentropy', optimizer='rmsprop', metrics=['accuracy'])
model.fit(cats_and_dogs, epochs=1, validation_data=more_of_them, verbose=0)

assert cats_and_dogs.class_indices == {'cats': 0, 'dogs': 1}
assert (cats_and_dogs.samples, more_of_them.samples) == (16, 8)
x, y = more_of_them[1]
assert x.shape == (4, 10, 15, 3) and x.dtype == 'float32'
assert np.allclose(x[:, 5, 5, 0] * 255, [100, 110, 120, 130])
assert np.ravel(y).tolist() == [1, 1, 1, 1]
