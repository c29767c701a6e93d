# In one expression, by position, under another name
import os
import numpy as np
from PIL import Image
import tensorflow.keras.preprocessing.image as kpi

for c in ('no', 'yes'):
    os.makedirs('test/' + c, exist_ok=True)
    for i in range(3):
        Image.fromarray(np.full((6, 6, 3), 40 * i, 'uint8')).save('test/%s/%d.png' % (c, i))

test_batches = kpi.ImageDataGenerator(rescale=1/255).flow_from_directory('test', (6, 6), 'grayscale', ['yes', 'no'], 'binary', 2, False)
train_batches = (
    kpi.ImageDataGenerator(horizontal_flip=True, vertical_flip=True, brightness_range=[0.8, 1.2])
    .flow_from_directory(
        directory="test",
        target_size=(6, 6),  # small
        batch_size=6,
        class_mode="categorical",  # two outputs
    )
)

x, y = test_batches[0]
assert x.shape == (2, 6, 6, 1) and np.allclose(x[:, 0, 0, 0] * 255, [0, 40])
assert np.ravel(y).tolist() == [0, 0] and test_batches.class_indices == {'yes': 0, 'no': 1}
assert train_batches[0][0].shape == (6, 6, 6, 3) and train_batches[0][1].shape == (6, 2)
