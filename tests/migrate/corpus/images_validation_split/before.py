import os
import numpy as np
from PIL import Image
import tensorflow as tf

for label in 'ab':
    os.makedirs(f'photos/{label}', exist_ok=True)
    for i in range(10):
        Image.fromarray(np.full((8, 8, 3), 10 * i, dtype=np.uint8)).save(f'photos/{label}/{label}{i}.png')

IMG_SIZE = (8, 8)
BATCH_SIZE = 4

# Augment, and set 20% aside for validation
datagen = tf.keras.preprocessing.image.ImageDataGenerator(
    rescale=1/255.,
    rotation_range=40,      # degrees
    width_shift_range=0.2,  # of the width
    height_shift_range=0.1,
    shear_range=5.,
    # horizontally only
    horizontal_flip=True,
    validation_split=0.2,
)

train_gen = datagen.flow_from_directory('photos', target_size=IMG_SIZE, batch_size=BATCH_SIZE, subset='training')
val_gen = datagen.flow_from_directory('photos', target_size=IMG_SIZE, batch_size=BATCH_SIZE, subset='validation', shuffle=False)

assert train_gen.samples == 16 and val_gen.n == 4
assert [os.path.basename(name) for name in val_gen.filenames] == ['a0.png', 'a1.png', 'b0.png', 'b1.png']
x, y = val_gen[0]
assert x.shape == (4, 8, 8, 3) and x.max() <= 1
assert y.tolist() == [[1, 0], [1, 0], [0, 1], [0, 1]]
assert train_gen.samples // train_gen.batch_size == 4
