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

# dimensions of our images.
img_width, img_height = 15, 10
train_data_dir = 'data/train'
validation_data_dir = 'data/validation'
batch_size = 4

# this is the augmentation configuration we will use for training
train_datagen = ImageDataGenerator(
    rescale=1. / 255,
    shear_range=0.2,
    zoom_range=0.2,
    horizontal_flip=True)

# this is the augmentation configuration we will use for testing:
# only rescaling
test_datagen = ImageDataGenerator(rescale=1. / 255)

train_generator = train_datagen.flow_from_directory(
    train_data_dir,
    target_size=(img_height, img_width),
    batch_size=batch_size,
    class_mode='binary')

validation_generator = test_datagen.flow_from_directory(
    validation_data_dir,
    target_size=(img_height, img_width),
    batch_size=batch_size,
    class_mode='binary',
    shuffle=False)

model = Sequential()
model.add(Input((img_height, img_width, 3)))
model.add(Flatten())
model.add(Dense(1))
model.add(Activation('sigmoid'))
model.compile(loss='binary_crossentropy', optimizer='rmsprop', metrics=['accuracy'])
model.fit(train_generator, epochs=1, validation_data=validation_generator, verbose=0)

assert train_generator.class_indices == {'cats': 0, 'dogs': 1}
assert (train_generator.samples, validation_generator.samples) == (16, 8)
x, y = validation_generator[1]
assert x.shape == (4, 10, 15, 3) and x.dtype == 'float32'
assert np.allclose(x[:, 5, 5, 0] * 255, [100, 110, 120, 130])
assert np.ravel(y).tolist() == [1, 1, 1, 1]
