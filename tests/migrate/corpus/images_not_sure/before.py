import numpy as np
from keras.preprocessing.image import ImageDataGenerator


class Noisy(ImageDataGenerator):
    def random_transform(self, x, seed=None):
        return super().random_transform(x, seed) + np.random.normal(size=x.shape)


def make_generator(kind):
    if kind == 'plain':
        return ImageDataGenerator(rescale=1. / 255)
    datagen = ImageDataGenerator(rotation_range=20)
    return datagen


def shifted(images, **options):
    pixels = ImageDataGenerator(width_shift_range=4, height_shift_range=[-2, 0, 2])
    unknown = ImageDataGenerator(**options)
    return pixels.flow(images), unknown.flow(images)


single = ImageDataGenerator(zoom_range=0.5)
picture = single.random_transform(np.zeros((8, 8, 3)))

if picture.any():
    datagen = ImageDataGenerator(horizontal_flip=True)
else:
    datagen = ImageDataGenerator()
batches = datagen.flow(picture[np.newaxis])
