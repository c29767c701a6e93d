"""With `decoder="pillow"` the pixels are those of `keras.utils.load_img`, bit for bit."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pictures
from amalthea.sources import ImageFiles

INTERPOLATIONS = ("nearest", "bilinear", "bicubic", "lanczos", "box", "hamming")
KINDS = (
    ("PNG", "RGB"), ("PNG", "L"), ("PNG", "RGBA"), ("PNG", "LA"), ("PNG", "P"), ("PNG", "1"),
    ("JPEG", "RGB"), ("JPEG", "L"), ("JPEG", "CMYK"), ("GIF", "P"), ("BMP", "RGB"), ("TIFF", "CMYK"), ("WEBP", "RGBA"),
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("parity")


def by_keras(path, color_mode, size, interpolation, crop):
    picture = keras.utils.load_img(
        path, color_mode=color_mode, target_size=size, interpolation=interpolation, keep_aspect_ratio=crop
    )
    return keras.utils.img_to_array(picture, data_format="channels_last")


def assert_parity(path, color_mode, size, interpolation, crop):
    source = ImageFiles(
        [path], size, color_mode=color_mode, interpolation=interpolation, crop_to_aspect_ratio=crop, decoder="pillow"
    )
    np.testing.assert_array_equal(source[0], by_keras(path, color_mode, size, interpolation, crop))


@settings(max_examples=150)
@given(
    kind=st.sampled_from(KINDS),
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    color_mode=st.sampled_from(("grayscale", "rgb", "rgba")),
    interpolation=st.sampled_from(INTERPOLATIONS),
    seed=st.integers(0, 3),
)
def test_pixels_are_those_of_load_img(folder, kind, height, width, size, color_mode, interpolation, seed):
    form, mode = kind
    picture = pictures.noise_picture(height, width, "RGB" if mode == "P" else mode, seed)
    path = folder / "picture"
    path.write_bytes(pictures.encoded(picture.quantize(16) if mode == "P" else picture, form))
    assert_parity(path, color_mode, size, interpolation, crop=False)


@settings(max_examples=100)
@given(
    height=st.integers(1, 60),
    width=st.integers(1, 60),
    size=st.tuples(st.integers(1, 30), st.integers(1, 30)),
    interpolation=st.sampled_from(INTERPOLATIONS),
)
def test_cropped_pixels_are_those_of_load_img(folder, height, width, size, interpolation):
    # Where a side of the crop would be below one pixel, Pillow refuses what Keras asks of it.
    height = max(height, -(-size[0] // size[1]))
    width = max(width, -(-size[1] // size[0]))
    if width * size[0] // size[1] and height * size[1] // size[0]:
        path = folder / "cropped"
        path.write_bytes(pictures.encoded(pictures.noise_picture(height, width), "PNG"))
        assert_parity(path, "rgb", size, interpolation, crop=True)


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
@pytest.mark.parametrize("crop", [False, True])
def test_photographs_are_those_of_load_img(folder, interpolation, crop):
    path = folder / f"photo-{interpolation}-{crop}"
    path.write_bytes(pictures.encoded(next(pictures.crops()), "JPEG", quality=90))
    for color_mode in ("grayscale", "rgb", "rgba"):
        assert_parity(path, color_mode, (224, 224), interpolation, crop)


@pytest.mark.parametrize(("ours", "theirs"), [("area", "box"), ("lanczos3", "lanczos")])
def test_other_names_mean_the_same_filter(folder, ours, theirs):
    path = folder / "names.png"
    path.write_bytes(pictures.encoded(pictures.noise_picture(30, 41), "PNG"))
    image = ImageFiles([path], (12, 13), interpolation=ours, decoder="pillow")[0]
    np.testing.assert_array_equal(image, by_keras(path, "rgb", (12, 13), theirs, crop=False))


@pytest.mark.parametrize("color_mode", ["grayscale", "rgb", "rgba"])
@pytest.mark.parametrize("transparency", [3, bytes(range(0, 160, 10))])
def test_transparent_palettes_are_those_of_load_img(folder, color_mode, transparency):
    path = folder / "palette.png"
    picture = pictures.noise_picture(9, 11).quantize(16)
    path.write_bytes(pictures.encoded(picture, "PNG", transparency=transparency))
    if color_mode != "rgba" and isinstance(transparency, bytes):  # Pillow warns Keras, so ask for what it would give
        expected = np.asarray(picture.convert("RGB").convert("L" if color_mode == "grayscale" else "RGB"))
        image = ImageFiles([path], (9, 11), color_mode=color_mode, decoder="pillow", dtype="uint8")[0]
        np.testing.assert_array_equal(image.reshape(expected.shape), expected)
    else:
        assert_parity(path, color_mode, (9, 11), "nearest", crop=False)
