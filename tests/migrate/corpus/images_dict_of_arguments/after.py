import numpy as np
import amalthea

# all of it in one place

left_augment = [
    amalthea.transforms.RandomRotation(90. / 360, fill_mode="nearest"),
    amalthea.transforms.RandomTranslation(0.1, 0.1, fill_mode="nearest"),
    amalthea.transforms.RandomZoom(0.2, 0.2, fill_mode="nearest"),
]
right_augment = [
    amalthea.transforms.RandomFlip("horizontal"),
    amalthea.transforms.RandomFlip("vertical"),
]

images = np.ones((6, 5, 5, 3))
left = amalthea.ArrayLoader(images.astype("float32"), batch_size=2, shuffle=False, augment=left_augment)
right = amalthea.ArrayLoader(
    images.astype("float32"),
    np.arange(6),
    batch_size=2,
    shuffle=False,
    augment=right_augment,
)

assert left[2].shape == (2, 5, 5, 3) and left[0].dtype == np.float32
x, y = right[2]
assert np.allclose(x, 1) and y.tolist() == [4, 5]
