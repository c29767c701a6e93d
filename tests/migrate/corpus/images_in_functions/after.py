import os
from typing import Tuple

import numpy as np
from PIL import Image
import amalthea
from keras.utils import img_to_array, load_img

RESCALE = 1. / 255


def make_pictures(folder: str) -> None:
    for name in ("0", "1", "2"):
        os.makedirs(os.path.join(folder, name))
        for i in range(2):
            Image.fromarray(np.full((4, 4, 3), 50, dtype="uint8")).save(os.path.join(folder, name, f"{i}.jpg"))


def get_data(folder: str, size: Tuple[int, int] = (4, 4), batch_size: int = 3, augment: bool = True):
    """Returns the iterators for training and testing."""
    rotation = 15
    train_augment = [
        amalthea.transforms.RandomRotation(rotation / 360, fill_mode="constant", fill_value=50),
        *([amalthea.transforms.RandomFlip("horizontal")] if augment else []),
    ]
    return (
        amalthea.ImageLoader.from_directory(
            folder,
            image_size=size,
            batch_size=batch_size,
            label_mode="int",
            seed=3,
            interpolation="nearest",
            rescale=RESCALE,
            augment=train_augment,
        ),
        amalthea.ImageLoader.from_directory(
            folder,
            image_size=size,
            batch_size=batch_size,
            label_mode="int",
            shuffle=False,
            interpolation="nearest",
            rescale=RESCALE,
        ),
    )


if __name__ == "__main__":
    make_pictures("digits")
    train, test = get_data("digits", batch_size=2)
    assert len(train) == len(test) == 3
    x, y = test[1]
    assert np.allclose(x, 50 / 255, atol=0.01) and y.tolist() == [1, 1]
    x, y = train[0]
    assert np.allclose(x, 50 / 255, atol=0.01) and y.shape == (2,)
    picture = img_to_array(load_img("digits/0/0.jpg"))
    assert picture.shape == (4, 4, 3)
