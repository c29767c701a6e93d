"""Looks at some batches."""
import os
import numpy as np
from PIL import Image
import amalthea
from keras.utils import img_to_array

os.makedirs('preview/a')
for i in range(4):
    Image.fromarray(np.full((4, 4, 3), 60 * i, 'uint8')).save('preview/a/%d.png' % i)

augment = [amalthea.transforms.RandomRotation(180 / 360, fill_mode='nearest')]
generator = amalthea.ImageLoader.from_directory(
    'preview',
    image_size=(4, 4),
    label_mode=None,
    shuffle=False,
    batch_size=4,
    interpolation="nearest",
    augment=augment,
)
images = generator[0]
assert np.allclose(images[:, 1, 1, 0], [0, 60, 120, 180])

picture = img_to_array(Image.fromarray(np.zeros((4, 4, 3), 'uint8')))
picture = picture.reshape((1,) + picture.shape)
first = amalthea.ArrayLoader(picture, batch_size=1, augment=[amalthea.transforms.RandomFlip("horizontal")])[0]
assert first.shape == (1, 4, 4, 3)
generator.reset()
for i in range(len(generator)):
    assert generator[i].shape == (4, 4, 4, 3)
