"""How near the fast decoder comes to Pillow's full decode and filters, and that it takes the short way."""

import numpy as np
import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pictures
from amalthea.sources import ImageFiles
from amalthea.sources.decode import decode
from amalthea.sources.fit import SPARE, Fit


def write_files(folder, files, suffix=".jpg"):
    paths = [folder / f"{number}{suffix}" for number in range(len(files))]
    for path, data in zip(paths, files, strict=True):
        path.write_bytes(data)
    return paths


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    """Paths of six JPEGs of 500 x 375."""
    files = [pictures.encoded(crop, "JPEG", quality=90) for crop in pictures.crops()]
    return write_files(tmp_path_factory.mktemp("photographs"), files)


@pytest.fixture(scope="module")
def camera(tmp_path_factory):
    """Paths of JPEGs of 12 megapixels."""
    return write_files(tmp_path_factory.mktemp("camera"), pictures.camera_jpegs())


def mean_psnr(paths, size, **options):
    """Mean over the pictures of how near the fast way comes to Pillow's."""
    fast = ImageFiles(paths, size, dtype="uint8", **options)
    exact = ImageFiles(paths, size, dtype="uint8", **options, decoder="pillow")
    return np.mean([min(100, pictures.psnr(fast[index], exact[index])) for index in range(len(paths))])


def test_photographs_are_within_46_db_of_pillow(photographs):
    assert mean_psnr(photographs, 224) >= 46


@pytest.mark.parametrize("size", [16, 64, 100, 117, 118, 128, 299, 340, (160, 320), (320, 160)])
def test_photographs_are_within_44_db_of_pillow_at_any_size(photographs, size):
    """Also where they are halved once or twice before, and where they are hardly too large."""
    assert mean_psnr(photographs, size) >= 44


@pytest.mark.parametrize("options", [{"crop_to_aspect_ratio": True}, {"pad_to_aspect_ratio": True}])
def test_cropped_and_padded_photographs_are_within_45_db_of_pillow(photographs, options):
    assert mean_psnr(photographs, 224, **options) >= 45


@pytest.mark.parametrize("color_mode", ["grayscale", "rgba"])
def test_other_colour_modes_are_as_near(photographs, color_mode):
    assert mean_psnr(photographs, 224, color_mode=color_mode) >= 46


@pytest.mark.parametrize("interpolation", ["bicubic", "area", "lanczos", "hamming"])
def test_other_filters_are_pillows_own(photographs, interpolation):
    assert mean_psnr(photographs, 224, interpolation=interpolation) >= 50


@pytest.mark.parametrize("size", [512, 600])
def test_enlarged_photographs_are_within_45_db_of_pillow(photographs, size):
    assert mean_psnr(photographs, size) >= 45


def test_without_antialias_photographs_are_sharper(photographs):
    """`antialias=False` is another picture: the step from pixel to pixel is larger."""
    smooth, sharp = (ImageFiles(photographs, 224, antialias=antialias) for antialias in (True, False))
    for index in range(len(photographs)):
        steps = [np.abs(np.diff(source[index], axis=1)).mean() for source in (smooth, sharp)]
        assert steps[1] > 1.03 * steps[0]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"crop_to_aspect_ratio": True},
        {"pad_to_aspect_ratio": True},
        {"interpolation": "bicubic"},
        {"interpolation": "hamming"},
        {"interpolation": "lanczos"},
        {"interpolation": "area"},
        {"interpolation": "nearest"},
        {"color_mode": "grayscale"},
        {"color_mode": "rgba"},
    ],
)
def test_12_megapixels_are_within_45_db_of_pillows_full_decode(camera, options):
    assert mean_psnr(camera, 224, **options) >= 45


@pytest.mark.parametrize("size", [64, 232, 299, 512])
@pytest.mark.parametrize("options", [{}, {"crop_to_aspect_ratio": True}, {"pad_to_aspect_ratio": True}])
def test_12_megapixels_are_as_near_at_any_size(camera, size, options):
    """Also where the crop does not begin at a whole pixel of the smaller scale."""
    assert mean_psnr(camera[1:], size, **options) >= 45


@pytest.mark.parametrize(
    ("fit", "factor", "shape"),
    [(Fit.stretched, 4, (750, 1000, 3)), (Fit.cropped, 4, (750, 1000, 3)), (Fit.padded, 8, (375, 500, 3))],
)
def test_12_megapixels_are_decoded_at_a_reduced_scale(fit, factor, shape):
    data = pictures.camera_jpegs()[0]
    pixels, _, times = decode(data, "rgb", lambda height, width: fit((height, width), (299, 299)).reduction())
    assert (times, pixels.shape) == (factor, shape)


def test_without_antialias_nothing_is_decoded_at_a_reduced_scale(tmp_path):
    """The linear filter takes its neighbours in the full picture, as tf.data does."""
    paths = write_files(tmp_path, [pictures.encoded(pictures.noise_picture(1000, 1000), "JPEG", quality=95)])
    image = ImageFiles(paths, 100, antialias=False)[0]
    # Of 1000 pixels to 100, pixel k lies at 10 k + 4.5: between two, in the middle.
    full = np.asarray(PIL.Image.open(paths[0]), np.float64)
    expected = (full[4::10, 4::10] + full[4::10, 5::10] + full[5::10, 4::10] + full[5::10, 5::10]) / 4
    assert np.abs(image - expected).max() <= 3


@settings(max_examples=60)
@given(height=st.integers(1, 70), width=st.integers(1, 70), times=st.sampled_from((1, 2, 4, 8)))
def test_a_reduced_picture_is_smaller_by_the_factor_that_is_told(height, width, times):
    data = pictures.encoded(PIL.Image.new("RGB", (width, height), (200, 100, 50)), "JPEG", quality=95)
    pixels, size, told = decode(data, "rgb", lambda *_: times)
    assert (told, size) == (times, (height, width))
    assert pixels.shape == (-(-height // times), -(-width // times), 3)
    assert np.abs(pixels.astype(int) - (200, 100, 50)).max() <= 4


@given(
    size=st.tuples(st.integers(1, 5000), st.integers(1, 5000)),
    target=st.tuples(st.integers(1, 600), st.integers(1, 600)),
    fit=st.sampled_from((Fit.stretched, Fit.cropped, Fit.padded)),
)
def test_a_reduced_picture_stays_as_much_larger_than_its_target_as_is_said_and_no_more(size, target, fit):
    chosen = fit(size, target)
    times = chosen.reduction()
    larger = min(chosen.box[2] / chosen.place[2], chosen.box[3] / chosen.place[3])
    assert times in (1, 2, 4, 8)
    assert times == 1 or larger / times >= SPARE
    assert times == 8 or larger / times < 2 * SPARE


@pytest.mark.parametrize("shape", [(1500, 1500), (1400, 2200), (900, 300)])
def test_large_pngs_are_within_44_db_of_pillow(tmp_path, shape):
    photo = pictures.samples()[0].resize(shape[::-1], PIL.Image.Resampling.LANCZOS)
    noise = np.random.default_rng(0).normal(0, 30, (*shape, 3))  # what an aliased picture keeps, and a smooth one loses
    picture = PIL.Image.fromarray(np.clip(np.asarray(photo) + noise, 0, 255).astype(np.uint8))
    paths = write_files(tmp_path, [pictures.encoded(picture, "PNG", compress_level=1)], ".png")
    assert mean_psnr(paths, 64) >= 44


@pytest.mark.parametrize("side", [1024, 1000, 777])
def test_a_fine_chequerboard_becomes_grey(tmp_path, side):
    board = np.indices((side, side)).sum(axis=0) % 2 * 255
    paths = write_files(tmp_path, [pictures.encoded(PIL.Image.fromarray(board.astype(np.uint8)), "PNG")], ".png")
    for size in (30, 64, 100):
        image = ImageFiles(paths, size, color_mode="grayscale")[0]
        assert np.abs(image - 127.5).max() <= 12


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("shape", [(3, 2000), (2000, 3), (1, 700), (700, 1), (40, 1500)])
@pytest.mark.parametrize("options", [{}, {"crop_to_aspect_ratio": True}, {"pad_to_aspect_ratio": True}])
def test_very_elongated_pictures_are_within_44_db_of_pillow(tmp_path, kind, shape, options):
    photo = pictures.samples()[1].resize(shape[::-1], PIL.Image.Resampling.LANCZOS)
    paths = write_files(tmp_path, [pictures.encoded(photo, kind)])
    assert mean_psnr(paths, (48, 56), **options) >= 44


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM"])
@pytest.mark.parametrize("options", [{}, {"crop_to_aspect_ratio": True}, {"decoder": "pillow"}, {"antialias": False}])
@pytest.mark.parametrize("size", [(1, 1), (5, 9), (64, 3)])
def test_a_picture_of_one_pixel_fills_the_target(tmp_path, kind, options, size):
    paths = write_files(tmp_path, [pictures.encoded(PIL.Image.new("RGB", (1, 1), (200, 100, 50)), kind)])
    image = ImageFiles(paths, size, **options)[0]
    assert image.shape == (*size, 3)
    assert np.abs(image - (200, 100, 50)).max() <= 4


@settings(max_examples=150)
@given(
    shape=st.tuples(st.integers(1, 90), st.integers(1, 90)),
    size=st.tuples(st.integers(1, 90), st.integers(1, 90)),
    color_mode=st.sampled_from(("grayscale", "rgb", "rgba")),
    interpolation=st.sampled_from(("nearest", "bilinear", "bicubic", "area", "hamming", "lanczos")),
    antialias=st.booleans(),
    kind=st.sampled_from(("PNG", "JPEG")),
)
def test_a_flat_picture_stays_flat_at_any_size(
    tmp_path_factory, shape, size, color_mode, interpolation, antialias, kind
):
    path = tmp_path_factory.getbasetemp() / "flat"
    path.write_bytes(pictures.encoded(PIL.Image.new("RGB", shape[::-1], (120, 120, 120)), kind))
    antialias = antialias or interpolation not in ("nearest", "bilinear")
    image = ImageFiles([path], size, color_mode=color_mode, interpolation=interpolation, antialias=antialias)[0]
    assert np.abs(image[..., :3] - 120).max() <= 2
    assert color_mode != "rgba" or (image[..., 3] == 255).all()
