import os

import numpy as np
from PIL import Image
from keras.applications.vgg16 import preprocess_input
import amalthea

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
augment = [
    amalthea.transforms.RandomRotation(30 / 360, fill_mode="nearest"),
    amalthea.transforms.RandomTranslation(0.2, 0.2, fill_mode="nearest"),
    amalthea.transforms.RandomShearAngle(0.2, fill_mode="nearest"),
    amalthea.transforms.RandomZoom(0.2, 0.2, fill_mode="nearest"),
    amalthea.transforms.RandomChannelShift(10),
    amalthea.transforms.RandomFlip("horizontal"),
]

train_generator = amalthea.ImageLoader.from_directory(
    'insects/train',
    image_size=(6, 6),
    batch_size=2,
    label_mode="categorical",
    interpolation="nearest",
    augment=augment,
    transform=amalthea.transforms.Lambda(preprocess_input),
)
validation_generator = amalthea.ImageLoader.from_directory(
    'insects/valid',
    image_size=(6, 6),
    batch_size=6,
    shuffle=False,
    label_mode="categorical",
    interpolation="nearest",
    transform=amalthea.transforms.Lambda(preprocess_input),
)
half_generator = amalthea.ImageLoader.from_directory('insects/valid', image_size=(6, 6), batch_size=6, shuffle=False,
                                                     interpolation='bilinear',
                                                     label_mode="categorical",
                                                     transform=[
                                                         amalthea.transforms.Lambda(scale),
                                                         amalthea.transforms.Rescaling(0.5),
                                                         amalthea.transforms.SampleNormalization(scale=False),
                                                     ])

x, y = validation_generator[0]
assert np.allclose(x[1, 2, 3], [30 - 103.939, 30 - 116.779, 30 - 123.68], atol=1e-3)
assert y.shape == (6, 2)
x, y = half_generator[0]
assert np.allclose(x, 0, atol=1e-6)
x, y = train_generator[0]
assert x.shape == (2, 6, 6, 3) and x.min() > -125
