"""Trains on folders of pictures: first as they are, then augmented."""
import numpy as np
from tensorflow.keras.layers import Dense, GlobalAveragePooling2D, Input
from tensorflow.keras.models import Sequential
from tensorflow.keras.preprocessing.image import ImageDataGenerator
from tensorflow.keras.utils import set_random_seed

img_width, img_height = 24, 16
batch_size = 6

set_random_seed(1)

# this is the augmentation configuration we will use for training
train_datagen = ImageDataGenerator(
    rescale=1. / 255,
    rotation_range=15,
    width_shift_range=0.1,
    height_shift_range=0.1,
    shear_range=10,
    zoom_range=0.2,
    horizontal_flip=True)

# this is the augmentation configuration we will use for testing: only rescaling
test_datagen = ImageDataGenerator(rescale=1. / 255)

train_generator = train_datagen.flow_from_directory(
    'pictures/train',
    target_size=(img_height, img_width),
    batch_size=batch_size,
    class_mode='categorical',
    seed=1)

plain_generator = test_datagen.flow_from_directory(
    'pictures/train',
    target_size=(img_height, img_width),
    batch_size=batch_size,
    class_mode='categorical',
    shuffle=False)

validation_generator = test_datagen.flow_from_directory(
    'pictures/validation',
    target_size=(img_height, img_width),
    batch_size=batch_size,
    class_mode='categorical',
    shuffle=False)

model = Sequential()
model.add(Input((img_height, img_width, 3)))
model.add(GlobalAveragePooling2D())
model.add(Dense(3, activation='softmax'))
model.compile(loss='categorical_crossentropy', optimizer='adam', metrics=['accuracy'])

# some epochs without augmentation
history = model.fit(plain_generator, epochs=2, shuffle=False, verbose=0)
np.savez('result.npz', *model.get_weights())
np.savez('losses.npz', loss=history.history['loss'])

# and more with it
model.optimizer.learning_rate = 0.1
model.fit(train_generator, steps_per_epoch=len(train_generator), epochs=10,
          validation_data=validation_generator, verbose=0)
loss, accuracy = model.evaluate(validation_generator, verbose=0)

batches = {}
for number in range(len(validation_generator)):
    x, y = validation_generator[number]
    batches['%d_x' % number] = x
    batches['%d_y' % number] = y
x, y = train_generator[0]
np.savez('batches.npz',
         classes=validation_generator.classes,
         filenames=validation_generator.filenames,
         class_names=sorted(validation_generator.class_indices, key=validation_generator.class_indices.get),
         samples=[train_generator.samples, validation_generator.samples],
         shape=x.shape,
         **batches)
np.savez('augmented.npz', loss=loss, accuracy=accuracy)
