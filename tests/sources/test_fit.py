"""The part that is taken and where it goes, against the formulae of Keras and of TensorFlow."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import pictures
from amalthea.sources import ImageFiles
from amalthea.sources.fit import Fit

sizes = st.tuples(st.integers(1, 5000), st.integers(1, 5000))


@given(size=sizes, target=sizes)
def test_cropped_takes_the_box_of_smart_resize(size, target):
    (height, width), (target_height, target_width) = size, target
    crop_height = max(min(height, int(float(width * target_height) / target_width)), 1)
    crop_width = max(min(width, int(float(height * target_width) / target_height)), 1)
    top, left = int(float(height - crop_height) / 2), int(float(width - crop_width) / 2)
    assert Fit.cropped(size, target) == Fit((top, left, crop_height, crop_width), (0, 0, *target))


@given(size=sizes, target=sizes)
def test_padded_puts_all_where_resize_with_pad_puts_it(size, target):
    """`tf.image.resize_with_pad`: resized by the smaller ratio, rounded down, the spare pixel at the end."""
    (height, width), (target_height, target_width) = size, target
    ratio = max(width / target_width, height / target_height)
    exact = height / ratio, width / ratio
    inner = [max(1, int(np.floor(part))) for part in exact]
    offset = [max(0, int(np.floor((full - part) / 2))) for full, part in zip(target, exact, strict=True)]
    fit = Fit.padded(size, target)
    assert fit == Fit((0, 0, *size), (*offset, *inner))
    assert target_height - fit.place[2] <= 1 or target_width - fit.place[3] <= 1  # TensorFlow's own rounding


@given(size=sizes, target=sizes)
def test_every_fit_lies_inside(size, target):
    for fit in (Fit.stretched(size, target), Fit.cropped(size, target), Fit.padded(size, target)):
        for (top, left, height, width), whole in ((fit.box, size), (fit.place, target)):
            assert top >= 0 <= left
            assert 1 <= height <= whole[0] - top
            assert 1 <= width <= whole[1] - left


@pytest.mark.parametrize("decoder", ["auto", "pillow"])
@pytest.mark.parametrize("color_mode", ["rgb", "rgba", "grayscale"])
@pytest.mark.parametrize(("size", "target"), [((20, 40), (30, 30)), ((40, 20), (30, 30)), ((37, 91), (64, 31))])
def test_padded_pictures_have_black_borders(tmp_path, decoder, color_mode, size, target):
    path = pictures.write(tmp_path / "white.png", 255, size)
    image = ImageFiles([path], target, color_mode=color_mode, pad_to_aspect_ratio=True, decoder=decoder)[0]
    top, left, height, width = Fit.padded(size, target).place
    assert (image[top : top + height, left : left + width] == 255).all()
    image[top : top + height, left : left + width] = 0
    assert not image.any()


@pytest.mark.parametrize(("size", "target"), [((40, 60), (12, 12)), ((61, 33), (10, 24)), ((500, 375), (64, 64))])
def test_cropped_pictures_are_near_smart_resize(tmp_path, size, target):
    path = tmp_path / "photo.png"
    photo = next(pictures.crops()).resize(size[::-1])
    photo.save(path)
    image = ImageFiles([path], target, crop_to_aspect_ratio=True, antialias=False)[0]
    smart = keras.utils.array_to_img(
        keras.preprocessing.image.smart_resize(np.asarray(photo, np.float32), target, data_format="channels_last"),
        scale=False,
        data_format="channels_last",
    )
    assert pictures.psnr(image, np.asarray(smart)) >= (40 if keras.backend.backend() == "tensorflow" else 20)
