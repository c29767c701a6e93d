"""Masks: pictures of class numbers, paired with their images by name."""

import pathlib
import warnings

import numpy as np
import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st

import pictures
from amalthea.errors import ConfigurationError
from amalthea.sources import ImageFiles, Masks
from amalthea.sources.fit import Fit
from amalthea.sources.masks import MaskFiles

CLASSES = np.arange(48, dtype=np.uint8).reshape(6, 8) % 3


def read(path, size=(6, 8), **options):
    return MaskFiles([str(path)], size, **options)[0]


def saved(path, picture, **options):
    picture.save(path, **options)
    return path


def palette(values):
    picture = PIL.Image.fromarray(values).convert("P")
    picture.putdata(values.ravel().tolist())
    picture.putpalette([255, 0, 0, 255, 0, 0, 7, 8, 9] + [0] * 759)  # two classes of one colour
    return picture


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.tif", "a.gif", "a.pgm", "a.webp"])
def test_grey_values_are_classes(tmp_path, name):
    if name.endswith("webp"):
        picture, options = PIL.Image.fromarray(CLASSES), {"lossless": True}
        saved(tmp_path / name, picture, **options)
        with pytest.raises(ValueError, match="colours and not class numbers"):
            read(tmp_path / name)
        return
    mask = read(saved(tmp_path / name, PIL.Image.fromarray(CLASSES)))
    assert (mask.dtype, mask.shape) == (np.uint8, (6, 8, 1))
    np.testing.assert_array_equal(mask[..., 0], CLASSES)


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.tif", "a.gif"])
def test_the_place_in_a_palette_is_the_class_and_not_its_colour(tmp_path, name):
    np.testing.assert_array_equal(read(saved(tmp_path / name, palette(CLASSES)))[..., 0], CLASSES)


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.tif"])
def test_one_bit_is_two_classes(tmp_path, name):
    picture = PIL.Image.fromarray(CLASSES > 0)
    np.testing.assert_array_equal(read(saved(tmp_path / name, picture))[..., 0], CLASSES > 0)


@pytest.mark.parametrize("bits", [1, 2, 4])
@pytest.mark.parametrize("kind", ["P", "L"])
def test_few_bits_are_not_spread_over_255_values(tmp_path, bits, kind):
    values = np.arange(48, dtype=np.uint8).reshape(6, 8) % 2**bits
    if kind == "P":
        path = saved(tmp_path / "a.png", palette(values), bits=bits)
    else:
        path = tmp_path / "a.png"
        path.write_bytes(grey_png(values, bits))
    np.testing.assert_array_equal(read(path)[..., 0], values)


def grey_png(values, bits):
    """A PNG of so few bits; Pillow writes none."""
    import struct
    import zlib

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    spread = np.unpackbits(values[..., None], axis=2)[..., 8 - bits :].reshape(len(values), -1)
    rows = b"".join(b"\0" + np.packbits(row).tobytes() for row in spread)
    header = struct.pack(">IIBBBBB", values.shape[1], values.shape[0], bits, 0, 0, 0, 0)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.pgm"])
def test_16_bits_are_classes_of_int32(tmp_path, name):
    values = CLASSES.astype(np.uint16) * 20000
    path = saved(tmp_path / name, PIL.Image.fromarray(values))
    mask = read(path, dtype="int32")
    assert mask.dtype == np.int32
    np.testing.assert_array_equal(mask[..., 0], values)
    with pytest.raises(ValueError, match=r"0 to 40000; they must be of 0 to 255.*dtype='int32'"):
        read(path)
    low = saved(tmp_path / f"low{name}", PIL.Image.fromarray(CLASSES.astype(np.uint16)))
    np.testing.assert_array_equal(read(low)[..., 0], CLASSES)


def test_more_than_16_bits_are_told(tmp_path):
    path = saved(tmp_path / "a.tif", PIL.Image.fromarray(CLASSES.astype(np.int32) - 1))
    with pytest.raises(ValueError, match=r"-1 to 1; they must be of 0 to 65535$"):
        read(path, dtype="int32")


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "CMYK"])
def test_colours_are_told(tmp_path, mode):
    path = tmp_path / ("a.tif" if mode == "CMYK" else "a.png")
    PIL.Image.new(mode, (8, 6)).save(path)
    with pytest.raises(ValueError, match=rf"its mask '.*a\.\w+': .*the mode '{mode}', colours"):
        read(path)


def test_a_jpeg_is_told(tmp_path):
    with pytest.raises(ValueError, match="JPEG changes values"):
        read(saved(tmp_path / "a.jpg", PIL.Image.fromarray(CLASSES)))


@pytest.mark.parametrize("data", [b"", b"no picture", pictures.encoded(PIL.Image.new("L", (64, 64), 3), "PNG")[:60]])
def test_a_broken_mask_names_itself(tmp_path, data):
    (tmp_path / "a.png").write_bytes(data)
    with pytest.raises(ValueError, match=r"its mask '.*a\.png': the (file|picture) is"):
        read(tmp_path / "a.png")


def test_a_mask_too_large_to_be_safe_is_told(tmp_path):
    (tmp_path / "a.png").write_bytes(pictures.huge_png())
    with warnings.catch_warnings(), pytest.raises(ValueError, match="MAX_IMAGE_PIXELS"):
        read(tmp_path / "a.png")


@given(
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    size=st.tuples(st.integers(1, 24), st.integers(1, 24)),
    rule=st.sampled_from(["crop_to_aspect_ratio", "pad_to_aspect_ratio", None]),
    seed=st.integers(0, 1000),
)
def test_a_mask_goes_where_its_image_goes(tmp_path_factory, height, width, size, rule, seed):
    """An image that is its own mask, resized with `"nearest"` too."""
    path = tmp_path_factory.getbasetemp() / "own.png"
    values = np.random.default_rng(seed).integers(1, 256, (height, width), np.uint8)
    PIL.Image.fromarray(values).save(path)
    options = {} if rule is None else {rule: True}
    images = ImageFiles([path], size, color_mode="grayscale", interpolation="nearest", dtype="uint8", **options)
    masks = MaskFiles([str(path)], images.image_size, fit=images.fit, fill_value=0)
    np.testing.assert_array_equal(masks[0], images[0])
    assert set(np.unique(masks[0])) <= {0, *values.ravel().tolist()}


def test_what_is_padded_has_the_fill_value(tmp_path):
    path = saved(tmp_path / "a.png", PIL.Image.new("L", (8, 4), 3))
    mask = read(path, size=(8, 8), fit=Fit.padded, fill_value=255)
    assert (mask[2:6] == 3).all()
    assert (mask[[0, 1, 6, 7]] == 255).all()


def test_the_axis_of_the_channel_may_come_first(tmp_path):
    path = saved(tmp_path / "a.png", PIL.Image.fromarray(CLASSES))
    mask = read(path, channels_first=True)
    assert mask.shape == (1, 6, 8)
    np.testing.assert_array_equal(mask[0], CLASSES)


def test_masks_of_a_folder_stand_beside_images_of_their_names(tmp_path):
    pictures.write_all(tmp_path, ["b/2.png", "1.png", "a/3.gif", "notes.png"])
    (tmp_path / "notes.txt").write_text("no mask")
    masks = Masks(tmp_path)
    found = masks.beside(["x/3.jpg", "1.png", "y/2.jpeg"])
    assert [pathlib.Path(path).relative_to(tmp_path).as_posix() for path in found] == ["a/3.gif", "1.png", "b/2.png"]


def test_masks_may_have_names_of_their_own():
    masks = Masks(["m/a_mask.png", "m/b_mask.png"], by=lambda path: pathlib.Path(path).stem.removesuffix("_mask"))
    assert list(masks.beside(["b.jpg"])) == ["m/b_mask.png"]


@pytest.mark.parametrize(
    ("masks", "images", "message"),
    [
        (["a.png"], ["a.jpg", "b.jpg"], r"`labels` are masks.*1 of 2 files have no partner in `masks`: 'b\.jpg'"),
        (["x/a.png", "y/a.png"], ["a.jpg"], r"`masks` has two files of one name, 'x/a\.png' and 'y/a\.png'"),
        (["a.png"], ["x/a.jpg", "y/a.jpg"], r"'x/a\.jpg' and 'y/a\.jpg'"),
    ],
)
def test_missing_and_double_partners_are_told(masks, images, message):
    with pytest.raises(ConfigurationError, match=message):
        Masks(masks).beside(images)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dtype": "float32"}, "`dtype` is 'float32'"),
        ({"fill_value": -1}, "`fill_value` is -1"),
        ({"by": None}, "`by` is None; it must be a function of the path"),
        ({"fill_value": 256}, "`fill_value` is 256; for 'uint8' it is 255 at most"),
    ],
)
def test_options_that_cannot_be_are_told(options, message):
    with pytest.raises(ConfigurationError, match=message):
        Masks(["a.png"], **options)


def test_a_folder_without_masks_is_told(tmp_path):
    with pytest.raises(ConfigurationError, match="has no file"):
        Masks(tmp_path)
