import os
from typing import Tuple

import numpy as np
from PIL import Image
from tensorflow.keras.preprocessing.image import ImageDataGenerator, img_to_array, load_img

RESCALE = 1. / 255


def make_pictures(folder: str) -> None:
    for name in ("0", "1", "2"):
        os.makedirs(os.path.join(folder, name))
        for i in range(2):
            Image.fromarray(np.full((4, 4, 3), 50, dtype="uint8")).save(os.path.join(folder, name, f"{i}.jpg"))


def get_data(folder: str, size: Tuple[int, int] = (4, 4), batch_size: int = 3, augment: bool = True):
    """Returns the iterators for training and testing."""
    rotation = 15
    train_datagen = ImageDataGenerator(rescale=RESCALE, rotation_range=rotation, horizontal_flip=augment,
                                       fill_mode="constant", cval=50)
    test_datagen = ImageDataGenerator(rescale=RESCALE)
    return (
        train_datagen.flow_from_directory(folder, target_size=size, batch_size=batch_size, class_mode="sparse", seed=3),
        test_datagen.flow_from_directory(folder, target_size=size, batch_size=batch_size, class_mode="sparse", shuffle=False),
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
