'''Cats and dogs, as in many a tutorial: two generators, one for training, one for testing.'''
import os

import numpy as np
from PIL import Image
import amalthea
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
augment = [
    amalthea.transforms.RandomShearAngle(0.2, fill_mode="nearest"),
    amalthea.transforms.RandomZoom(0.2, 0.2, fill_mode="nearest"),
    amalthea.transforms.RandomFlip("horizontal"),
]

# nothing is drawn here,
# values of 0 to 1 are all

cats_and_dogs = amalthea.ImageLoader.from_directory(
    learn_from,
    image_size=(high, wide),
    batch_size=batch_size,
    label_mode='binary',
    interpolation="nearest",
    rescale=1. / 255,
    augment=augment)

more_of_them = amalthea.ImageLoader.from_directory(
    test_on,
    image_size=(high, wide),
    batch_size=batch_size,
    label_mode='binary',
    shuffle=False,
    interpolation="nearest",
    rescale=1. / 255)

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
