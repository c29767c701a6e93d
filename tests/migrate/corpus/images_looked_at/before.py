"""Looks at some batches."""
import os
import numpy as np
from PIL import Image
from keras.preprocessing.image import ImageDataGenerator, img_to_array

os.makedirs('preview/a')
for i in range(4):
    Image.fromarray(np.full((4, 4, 3), 60 * i, 'uint8')).save('preview/a/%d.png' % i)

datagen = ImageDataGenerator(rotation_range=180, fill_mode='nearest')
generator = datagen.flow_from_directory('preview', target_size=(4, 4), class_mode=None, shuffle=False, batch_size=4)
images = next(generator)
assert np.allclose(images[:, 1, 1, 0], [0, 60, 120, 180])

picture = img_to_array(Image.fromarray(np.zeros((4, 4, 3), 'uint8')))
picture = picture.reshape((1,) + picture.shape)
first = ImageDataGenerator(horizontal_flip=True).flow(picture, batch_size=1).next()
assert first.shape == (1, 4, 4, 3)
generator.reset()
for i in range(len(generator)):
    assert generator[i].shape == (4, 4, 4, 3)
