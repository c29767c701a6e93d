import os

import numpy as np
import pandas as pd
from PIL import Image
import amalthea

os.makedirs('images', exist_ok=True)
rows = []
for i in range(12):
    Image.fromarray(np.full((10, 10), 20 * i, 'uint8')).save('images/img_%02d.png' % i)
    rows.append(('img_%02d.png' % i, ['circle', 'square', 'triangle'][i % 3], 0.5 * i, 1.0 * i, 1 + i % 2))
df = pd.DataFrame(rows, columns=['id', 'label', 'cx', 'cy', 'weight'])

train_generator = amalthea.ImageLoader.from_dataframe(
    dataframe=df,
    directory="./images/",
    x_col="id",
    y_col="label",
    subset="training",
    batch_size=3,
    seed=42,
    shuffle=True,
    label_mode="categorical",
    image_size=(5, 5),
    interpolation="nearest",
    rescale=1./255.,
    validation_split=0.25,
    split_from="front")

valid_generator = amalthea.ImageLoader.from_dataframe(dataframe=df, directory="./images/", x_col="id", y_col="label",
                                                      subset="validation", batch_size=3, shuffle=False,
                                                      label_mode="int", image_size=(5, 5),
                                                      interpolation="nearest",
                                                      rescale=1./255.,
                                                      validation_split=0.25,
                                                      split_from="front")

# where the shape is, from the same pictures
centres = amalthea.ImageLoader.from_dataframe(
    df,
    './images/',
    x_col='id',
    y_col=['cx', 'cy'],
    weight_col='weight',
    image_size=(5, 5),
    color_mode='grayscale',
    label_mode='raw',
    shuffle=False,
    batch_size=4,
    interpolation="nearest",
)
test_generator = amalthea.ImageLoader.from_dataframe(dataframe=df, directory="./images/", x_col="id", y_col=None,
                                                     label_mode=None, shuffle=False, batch_size=6, image_size=(5, 5),
                                                     interpolation="nearest",
                                                     rescale=1./255.)

assert train_generator.n == 9 and valid_generator.n == 3
assert train_generator.class_indices == {'circle': 0, 'square': 1, 'triangle': 2}
x, y = valid_generator[0]
assert np.allclose(x[:, 0, 0, 0] * 255, [0, 20, 40]) and y.tolist() == [0, 1, 2]
x, y, w = centres[0]
assert x.shape == (4, 5, 5, 1) and y.tolist() == [[0, 0], [0.5, 1], [1, 2], [1.5, 3]] and w.tolist() == [1, 2, 1, 2]
assert test_generator[1].shape == (6, 5, 5, 3)
STEP_SIZE_TRAIN = train_generator.n // train_generator.batch_size
assert STEP_SIZE_TRAIN == 3
