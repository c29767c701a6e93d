import numpy as np
# TODO(amalthea): Keras 3 has no `keras.preprocessing.image.ImageDataGenerator`: see `amalthea.ImageLoader` and `amalthea.transforms`
from keras.preprocessing.image import ImageDataGenerator


# TODO(amalthea): ImageDataGenerator is not in Keras 3: write what this class adds as a transform, (sample, rng) -> sample, and give it to `augment` or `transform` of amalthea.ImageLoader
class Noisy(ImageDataGenerator):
    def random_transform(self, x, seed=None):
        return super().random_transform(x, seed) + np.random.normal(size=x.shape)


def make_generator(kind):
    if kind == 'plain':
        # TODO(amalthea): ImageDataGenerator is left as it is: it is handed on, or not given a name in a line of its own; write amalthea.ImageLoader or amalthea.ArrayLoader, with augment=[...] of amalthea.transforms
        return ImageDataGenerator(rescale=1. / 255)
    # TODO(amalthea): ImageDataGenerator is left as it is: it is handed on; write amalthea.ImageLoader or amalthea.ArrayLoader, with augment=[...] of amalthea.transforms
    datagen = ImageDataGenerator(rotation_range=20)
    return datagen


def shifted(images, **options):
    # TODO(amalthea): ImageDataGenerator is left as it is: `width_shift_range` is in pixels; RandomTranslation takes a share of the height and of the width; write amalthea.ImageLoader or amalthea.ArrayLoader, with augment=[...] of amalthea.transforms
    pixels = ImageDataGenerator(width_shift_range=4, height_shift_range=[-2, 0, 2])
    # TODO(amalthea): ImageDataGenerator is left as it is: its arguments are not all known here; write amalthea.ImageLoader or amalthea.ArrayLoader, with augment=[...] of amalthea.transforms
    unknown = ImageDataGenerator(**options)
    return pixels.flow(images), unknown.flow(images)


# TODO(amalthea): ImageDataGenerator is left as it is: `random_transform` is called; write amalthea.ImageLoader or amalthea.ArrayLoader, with augment=[...] of amalthea.transforms
single = ImageDataGenerator(zoom_range=0.5)
picture = single.random_transform(np.zeros((8, 8, 3)))

if picture.any():
    # TODO(amalthea): ImageDataGenerator is left as it is: `datagen` is set in several places; write amalthea.ImageLoader or amalthea.ArrayLoader, with augment=[...] of amalthea.transforms
    datagen = ImageDataGenerator(horizontal_flip=True)
else:
    # TODO(amalthea): ImageDataGenerator is left as it is: `datagen` is set in several places; write amalthea.ImageLoader or amalthea.ArrayLoader, with augment=[...] of amalthea.transforms
    datagen = ImageDataGenerator()
batches = datagen.flow(picture[np.newaxis])
