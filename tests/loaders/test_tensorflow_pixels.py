"""Against `keras.utils.image_dataset_from_directory` itself: collected where TensorFlow is installed."""

import keras
import numpy as np
import PIL.Image
import pytest

import pictures
from amalthea import ImageLoader
from amalthea.sources.fit import Fit


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    """Six photographs of 500 x 375 in two classes."""
    root = tmp_path_factory.mktemp("photographs")
    for number, crop in enumerate(pictures.crops()):
        path = root / "ab"[number % 2] / f"{number}.jpg"
        path.parent.mkdir(exist_ok=True)
        crop.save(path, quality=90)
    return root


def pairs(folder, size, theirs=None, **options):
    """The images of both, one by one, with both labels."""
    common = {"image_size": size, "shuffle": False, "verbose": False}
    keras_batches = list(keras.utils.image_dataset_from_directory(folder, **common, **options, **(theirs or {})))
    loader = ImageLoader.from_directory(folder, **common, **options, antialias=False)
    for batch, (images, labels) in zip(loader, keras_batches, strict=True):
        yield from zip(batch[0], images.numpy(), batch[1], labels.numpy(), strict=True)


@pytest.mark.parametrize("size", [(224, 224), (64, 64), (299, 299), (512, 512), (100, 300)])
def test_without_antialias_pixels_are_within_45_db_of_keras(photographs, size):
    values = [pictures.psnr(ours, theirs) for ours, theirs, *_ in pairs(photographs, size)]
    assert len(values) == 6
    assert np.mean(values) >= 45


def test_gray_pixels_are_as_near(photographs):
    values = [
        pictures.psnr(ours, theirs) for ours, theirs, *_ in pairs(photographs, (224, 224), color_mode="grayscale")
    ]
    assert np.mean(values) >= 45


@pytest.mark.parametrize("option", ["crop_to_aspect_ratio", "pad_to_aspect_ratio"])
@pytest.mark.parametrize("size", [(224, 224), (97, 200)])
def test_cropped_and_padded_pixels_are_within_40_db_of_keras(photographs, option, size):
    values = [pictures.psnr(ours, theirs) for ours, theirs, *_ in pairs(photographs, size, **{option: True})]
    assert np.mean(values) >= 40


@pytest.mark.parametrize("label_mode", ["int", "binary", "categorical"])
def test_labels_are_those_of_keras(photographs, label_mode):
    for _, _, ours, theirs in pairs(photographs, (32, 32), label_mode=label_mode):
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("subset", ["training", "validation"])
@pytest.mark.parametrize("seed", [1, 123])
def test_split_files_and_classes_are_those_of_keras(photographs, subset, seed):
    options = {"seed": seed, "validation_split": 0.4, "subset": subset, "verbose": False, "image_size": (32, 32)}
    theirs = keras.utils.image_dataset_from_directory(photographs, **options)
    ours = ImageLoader.from_directory(photographs, **options)
    assert ours.class_names == theirs.class_names
    assert ours.file_paths == theirs.file_paths


def test_padding_stands_where_resize_with_pad_puts_it():
    import tensorflow as tf

    for size, target in [((20, 40), (30, 30)), ((41, 20), (30, 31)), ((37, 91), (64, 31)), ((300, 7), (50, 60))]:
        padded = tf.image.resize_with_pad(np.full((*size, 1), 255, np.uint8), *target).numpy()[..., 0]
        rows, columns = np.flatnonzero(padded.any(axis=1)), np.flatnonzero(padded.any(axis=0))
        place = Fit.padded(size, target).place
        assert place == (rows[0], columns[0], len(rows), len(columns))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_decoded_pngs_are_those_of_keras(tmp_path, mode):
    (tmp_path / "a").mkdir()
    picture = pictures.noise_picture(20, 30, "RGB" if mode == "P" else mode)
    if mode == "P":
        picture = picture.quantize(16)
    picture.save(tmp_path / "a" / "1.png")
    # TensorFlow gives palettes and bilevel pictures a wrong alpha.
    for color_mode in ("rgb",) if mode in "1P" else ("rgb", "rgba"):
        ((ours, theirs, *_),) = pairs(tmp_path, (20, 30), color_mode=color_mode)
        np.testing.assert_array_equal(ours, theirs)


def test_the_high_byte_of_16_bits_is_what_tensorflow_takes(tmp_path):
    (tmp_path / "a").mkdir()
    values = np.random.default_rng(0).integers(0, 65536, (20, 30)).astype(np.uint16)
    PIL.Image.fromarray(values).save(tmp_path / "a" / "1.png")
    ((ours, theirs, *_),) = pairs(tmp_path, (20, 30), color_mode="grayscale")
    np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(ours[..., 0], values >> 8)
