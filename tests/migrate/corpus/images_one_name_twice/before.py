# %% training
import numpy as np
from tensorflow.keras.preprocessing.image import ImageDataGenerator
x = np.zeros((8, 6, 6, 3), dtype='float32')
y = np.zeros((8, 1))

datagen = ImageDataGenerator(vertical_flip=True)
train = datagen.flow(x, y, batch_size=4)
train_batch = train.next()

# %% testing
datagen = ImageDataGenerator(rescale=2.)  # no augmentation
test = datagen.flow(x + 1, y, batch_size=4, shuffle=False)
test_batch = next(test)

assert train_batch[0].max() == 0 and (test_batch[0] == 2).all()

# %% two inputs
datagen = ImageDataGenerator(channel_shift_range=0.5)
both = datagen.flow([x, np.arange(8)], y, batch_size=4, shuffle=False)
(images, numbers), targets = both[1]
assert images.shape == (4, 6, 6, 3) and numbers.tolist() == [4, 5, 6, 7]
