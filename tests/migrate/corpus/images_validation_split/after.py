import os
import numpy as np
from PIL import Image
import amalthea

for label in 'ab':
    os.makedirs(f'photos/{label}', exist_ok=True)
    for i in range(10):
        Image.fromarray(np.full((8, 8, 3), 10 * i, dtype=np.uint8)).save(f'photos/{label}/{label}{i}.png')

IMG_SIZE = (8, 8)
BATCH_SIZE = 4

# Augment, and set 20% aside for validation
# horizontally only
augment = [
    amalthea.transforms.RandomRotation(40 / 360, fill_mode="nearest"),  # degrees
    amalthea.transforms.RandomTranslation(0.1, 0.2, fill_mode="nearest"),  # of the width
    amalthea.transforms.RandomShearAngle(5., fill_mode="nearest"),
    amalthea.transforms.RandomFlip("horizontal"),
]

train_gen = amalthea.ImageLoader.from_directory(
    'photos',
    image_size=IMG_SIZE,
    batch_size=BATCH_SIZE,
    subset='training',
    label_mode="categorical",
    interpolation="nearest",
    rescale=1/255.,
    augment=augment,
    validation_split=0.2,
    split_from="front",
)
# TODO(amalthea): images for validation are augmented here, as the legacy did; if that was not meant, leave out *augment
val_gen = amalthea.ImageLoader.from_directory(
    'photos',
    image_size=IMG_SIZE,
    batch_size=BATCH_SIZE,
    subset='validation',
    shuffle=False,
    label_mode="categorical",
    interpolation="nearest",
    transform=[*augment, amalthea.transforms.Rescaling(1/255.)],
    validation_split=0.2,
    split_from="front",
)

assert train_gen.samples == 16 and val_gen.n == 4
assert [os.path.basename(name) for name in val_gen.filenames] == ['a0.png', 'a1.png', 'b0.png', 'b1.png']
x, y = val_gen[0]
assert x.shape == (4, 8, 8, 3) and x.max() <= 1
assert y.tolist() == [[1, 0], [1, 0], [0, 1], [0, 1]]
assert train_gen.samples // train_gen.batch_size == 4
