import os

import numpy as np
from PIL import Image
from keras.applications.vgg16 import preprocess_input
from keras.preprocessing.image import ImageDataGenerator

for part in ['train', 'valid']:
    for species in ['ant', 'bee']:
        os.makedirs(os.path.join('insects', part, species))
        for n in range(3):
            Image.fromarray(np.full((12, 9, 3), 30 * n, 'uint8')).save(os.path.join('insects', part, species, '%i.bmp' % n))


def scale(x):
    x /= 127.5
    x -= 1.
    return x


# data prep
train_datagen =  ImageDataGenerator(
    preprocessing_function=preprocess_input,
    rotation_range=30,
    width_shift_range=0.2,
    height_shift_range=0.2,
    shear_range=0.2,
    zoom_range=0.2,
    channel_shift_range=10,
    horizontal_flip=True
)
test_datagen = ImageDataGenerator(preprocessing_function=preprocess_input)
half_datagen = ImageDataGenerator(preprocessing_function=scale, rescale=0.5, samplewise_center=True)

train_generator = train_datagen.flow_from_directory('insects/train', target_size=(6, 6), batch_size=2)
validation_generator = test_datagen.flow_from_directory('insects/valid', target_size=(6, 6), batch_size=6, shuffle=False)
half_generator = half_datagen.flow_from_directory('insects/valid', target_size=(6, 6), batch_size=6, shuffle=False,
                                                  interpolation='bilinear')

x, y = validation_generator[0]
assert np.allclose(x[1, 2, 3], [30 - 103.939, 30 - 116.779, 30 - 123.68], atol=1e-3)
assert y.shape == (6, 2)
x, y = half_generator[0]
assert np.allclose(x, 0, atol=1e-6)
x, y = train_generator[0]
assert x.shape == (2, 6, 6, 3) and x.min() > -125
