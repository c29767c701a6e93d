# %% training
import numpy as np
import amalthea
x = np.zeros((8, 6, 6, 3), dtype='float32')
y = np.zeros((8, 1))

augment = [amalthea.transforms.RandomFlip("vertical")]
train = amalthea.ArrayLoader(x, y, batch_size=4, augment=augment)
train_batch = train[0]

# %% testing
# no augmentation
test = amalthea.ArrayLoader(
    x + 1,
    y,
    batch_size=4,
    shuffle=False,
    transform=amalthea.transforms.Rescaling(2.),
)
test_batch = test[0]

assert train_batch[0].max() == 0 and (test_batch[0] == 2).all()

# %% two inputs
augment = [amalthea.transforms.RandomChannelShift(0.5)]
both = amalthea.ArrayLoader((x, np.arange(8)), y, batch_size=4, shuffle=False, augment=augment)
(images, numbers), targets = both[1]
assert images.shape == (4, 6, 6, 3) and numbers.tolist() == [4, 5, 6, 7]
