import numpy as np
from keras.preprocessing.image import ImageDataGenerator

# all of it in one place
moves = dict(rotation_range=90.,
                     width_shift_range=0.1,
                     height_shift_range=0.1,
                     zoom_range=[0.8, 1.2])
common = {'fill_mode': 'reflect', 'horizontal_flip': True}

left_datagen = ImageDataGenerator(**moves)
right_datagen = ImageDataGenerator(vertical_flip=True, **common)

images = np.ones((6, 5, 5, 3))
left = left_datagen.flow(images, batch_size=2, shuffle=False)
right = right_datagen.flow(images, np.arange(6), batch_size=2, shuffle=False)

assert left[2].shape == (2, 5, 5, 3) and left[0].dtype == np.float32
x, y = right[2]
assert np.allclose(x, 1) and y.tolist() == [4, 5]
