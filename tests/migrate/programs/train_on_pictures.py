"""Trains on folders of pictures: first as they are, then augmented."""
import numpy as np
from tensorflow.keras.layers import Dense, GlobalAveragePooling2D, Input
from tensorflow.keras.models import Sequential
from tensorflow.keras.preprocessing.image import ImageDataGenerator
from tensorflow.keras.utils import set_random_seed

wide, high = 24, 16
batch_size = 6

set_random_seed(1)

# pictures that move, to learn from
moving = ImageDataGenerator(
    rescale=1. / 255,
    rotation_range=15,
    width_shift_range=0.1,
    height_shift_range=0.1,
    shear_range=10,
    zoom_range=0.2,
    horizontal_flip=True)

# and pictures that stay where they are
still = ImageDataGenerator(rescale=1. / 255)

moved = moving.flow_from_directory(
    'pictures/train',
    target_size=(high, wide),
    batch_size=batch_size,
    class_mode='categorical',
    seed=1)

plain = still.flow_from_directory(
    'pictures/train',
    target_size=(high, wide),
    batch_size=batch_size,
    class_mode='categorical',
    shuffle=False)

unseen = still.flow_from_directory(
    'pictures/validation',
    target_size=(high, wide),
    batch_size=batch_size,
    class_mode='categorical',
    shuffle=False)

model = Sequential()
model.add(Input((high, wide, 3)))
model.add(GlobalAveragePooling2D())
model.add(Dense(3, activation='softmax'))
model.compile(loss='categorical_crossentropy', optimizer='adam', metrics=['accuracy'])

# some epochs without augmentation
history = model.fit(plain, epochs=2, shuffle=False, verbose=0)
np.savez('result.npz', *model.get_weights())
np.savez('losses.npz', loss=history.history['loss'])

# and more with it
model.optimizer.learning_rate = 0.1
model.fit(moved, steps_per_epoch=len(moved), epochs=10,
          validation_data=unseen, verbose=0)
loss, accuracy = model.evaluate(unseen, verbose=0)

batches = {}
for number in range(len(unseen)):
    x, y = unseen[number]
    batches['%d_x' % number] = x
    batches['%d_y' % number] = y
x, y = moved[0]
np.savez('batches.npz',
         classes=unseen.classes,
         filenames=unseen.filenames,
         class_names=sorted(unseen.class_indices, key=unseen.class_indices.get),
         samples=[moved.samples, unseen.samples],
         shape=x.shape,
         **batches)
np.savez('augmented.npz', loss=loss, accuracy=accuracy)
