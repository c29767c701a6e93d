"""ImageFiles: options, shapes, dtypes."""

import numpy as np
import pytest

import pictures
from amalthea.errors import ConfigurationError
from amalthea.sources import ImageFiles
from amalthea.sources.pixelwise import Pixelwise


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.jpg"
    next(pictures.crops()).save(path, quality=90)
    return path


@pytest.mark.parametrize("dtype", ["uint8", "float16", "float32", "float64"])
@pytest.mark.parametrize(("color_mode", "channels"), [("grayscale", 1), ("rgb", 3), ("rgba", 4)])
@pytest.mark.parametrize("decoder", ["auto", "pillow"])
def test_shape_and_dtype_are_what_was_asked_for(photo, dtype, color_mode, channels, decoder):
    image = ImageFiles([photo], (20, 30), color_mode=color_mode, dtype=dtype, decoder=decoder)[0]
    assert (image.shape, image.dtype) == ((20, 30, channels), np.dtype(dtype))
    reference = ImageFiles([photo], (20, 30), color_mode=color_mode, dtype="uint8", decoder=decoder)[0]
    np.testing.assert_array_equal(image.astype(np.uint8), reference)


def test_one_integer_is_height_and_width(photo):
    assert ImageFiles([photo], 17)[0].shape == (17, 17, 3)
    assert ImageFiles([photo], [17, 18])[0].shape == (17, 18, 3)
    assert ImageFiles([photo], (np.int64(17), np.int32(18)))[0].shape == (17, 18, 3)


def test_channels_first_is_the_same_image_transposed(photo):
    first, last = (
        ImageFiles([photo], (20, 30), data_format=name, rescale=0.5)[0] for name in ("channels_first", "channels_last")
    )
    assert first.shape == (3, 20, 30)
    np.testing.assert_array_equal(first.transpose(1, 2, 0), last)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_rescale_multiplies_in_the_dtype(photo, dtype):
    plain = ImageFiles([photo], 30, dtype="uint8")[0]
    scaled = ImageFiles([photo], 30, dtype=dtype, rescale=1 / 255)[0]
    np.testing.assert_allclose(scaled, plain.astype(np.float64) / 255, rtol=2 * np.finfo(dtype).eps)
    assert scaled.max() <= 1


def test_a_row_of_a_batch_is_the_sample(photo):
    for options in ({}, {"dtype": "uint8"}, {"data_format": "channels_first"}, {"pad_to_aspect_ratio": True}):
        source = ImageFiles([photo, photo], (20, 30), **options)
        batch = np.full((3, *source[1].shape), 77, source[1].dtype)
        source.read_into(1, batch[1])
        np.testing.assert_array_equal(batch[1], source[1])
        assert (batch[[0, 2]] == 77).all()


def test_length_and_names_are_those_of_the_paths(photo):
    source = ImageFiles([photo, str(photo)], 8)
    assert len(source) == 2
    assert source.name(0) == source.name(1) == str(photo)


def test_the_last_image_is_not_seen_in_the_borders_of_the_next(tmp_path, photo):
    """Memory that is used again is blackened."""
    white = pictures.write(tmp_path / "white.png", 255, (10, 10))
    black = pictures.write(tmp_path / "black.png", 0, (40, 10))
    source = ImageFiles([white, black], (20, 20), pad_to_aspect_ratio=True, dtype="uint8")
    row = np.empty((20, 20, 3), np.uint8)
    source.read_into(0, row)
    assert row.all()
    source.read_into(1, row)
    assert not row.any()


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"image_size": 0}, "image_size"),
        ({"image_size": -3}, "image_size"),
        ({"image_size": (8, 0)}, "image_size"),
        ({"image_size": 8.0}, "image_size"),
        ({"image_size": (8, 8.5)}, "image_size"),
        ({"image_size": (8, 8, 3)}, "image_size"),
        ({"image_size": ()}, "image_size"),
        ({"image_size": None}, "image_size"),
        ({"image_size": "8"}, "image_size"),
        ({"image_size": True}, "image_size"),
        ({"color_mode": "bgr"}, "color_mode"),
        ({"color_mode": None}, "color_mode"),
        ({"color_mode": ["rgb"]}, "color_mode"),
        ({"interpolation": "linear"}, "interpolation"),
        ({"interpolation": 2}, "interpolation"),
        ({"crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True}, "crop_to_aspect_ratio"),
        ({"rescale": "1/255"}, "rescale"),
        ({"rescale": float("nan")}, "rescale"),
        ({"rescale": True}, "rescale"),
        ({"rescale": 1 / 255, "dtype": "uint8"}, "rescale"),
        ({"dtype": "int32"}, "dtype"),
        ({"dtype": "bfloat16"}, "dtype"),
        ({"data_format": "channels"}, "data_format"),
        ({"decoder": "opencv"}, "decoder"),
        ({"antialias": False, "interpolation": "bicubic"}, "antialias"),
        ({"antialias": False, "decoder": "pillow"}, "antialias"),
    ],
)
def test_bad_options_are_named_before_any_file_is_opened(options, named):
    value = options[named]
    with pytest.raises(ConfigurationError, match=f"`{named}`") as caught:
        ImageFiles(["no such file.jpg"], **options)
    wrong = [value, *(value if isinstance(value, tuple) else ())]
    assert any(f"is {each!r}" in str(caught.value) or f"{each!r};" in str(caught.value) for each in wrong)


@pytest.mark.parametrize("paths", ["photo.jpg", b"photo.jpg"])
def test_a_single_path_is_not_taken_for_a_list_of_letters(paths):
    with pytest.raises(ConfigurationError, match=r"`paths`.*list"):
        ImageFiles(paths)


def test_pixelwise_finishes_an_image():
    image = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    finish = Pixelwise(0.5, "float32", "channels_first")
    result = finish(image)
    np.testing.assert_array_equal(result, image.transpose(2, 0, 1) * np.float32(0.5))
    assert result.dtype == np.float32
