"""Every format and every kind of picture in it comes out in its right colours, whichever decoder is used."""

import io

import cv2
import numpy as np
import PIL.Image
import pytest

import pictures
from amalthea.sources import ImageFiles

RED, BLUE = (230, 30, 20), (10, 40, 210)
LOSSY = 6
DECODERS = ("auto", "pillow")
MODES = ("grayscale", "rgb", "rgba")


def gray(color):
    """ITU-R 601 luma, as Pillow, libjpeg and Keras have it."""
    return round(0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2])


def expected(color, color_mode, alpha=255):
    return {"grayscale": [gray(color)], "rgb": [*color], "rgba": [*color, alpha]}[color_mode]


def assert_halves(path, color_mode, decoder, left, right, tolerance=1):
    """The flat parts of both halves have these colours, at the picture's own size and at another."""
    for size in ((32, 64), (16, 32), (48, 100)):
        image = ImageFiles([path], size, color_mode=color_mode, decoder=decoder, dtype="uint8")[0].astype(int)
        width = size[1]
        for part, color in ((image[:, : width // 2 - 6], left), (image[:, width // 2 + 6 :], right)):
            shown = 3 if color[3:] == [0] else 0  # Pillow, when resizing, has no colour for what is transparent
            assert np.abs(part - color)[..., shown:].max() <= tolerance


def write(tmp_path, data):
    path = tmp_path / "picture"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("color_mode", MODES)
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {"quality": 95}),
        ("JPEG", {"quality": 95, "progressive": True}),
        ("JPEG", {"quality": 95, "subsampling": "4:4:4"}),
        ("JPEG", {"quality": 95, "subsampling": "4:2:0"}),
        ("PNG", {}),
        ("GIF", {}),
        ("BMP", {}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"quality": 95}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "tiff_adobe_deflate"}),
        ("PPM", {}),
    ],
)
def test_colours_of_each_format(tmp_path, kind, options, color_mode, decoder):
    path = write(tmp_path, pictures.encoded(pictures.halves(RED, BLUE), kind, **options))
    colors = [expected(color, color_mode) for color in (RED, BLUE)]
    assert_halves(path, color_mode, decoder, *colors, tolerance=LOSSY)


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("color_mode", MODES)
@pytest.mark.parametrize(
    ("kind", "mode", "values"),
    [
        ("PPM", "L", (200, 30)),  # a PGM
        ("PNG", "L", (200, 30)),
        ("JPEG", "L", (200, 30)),
        ("TIFF", "L", (200, 30)),
        ("BMP", "L", (200, 30)),
        ("PNG", "1", (255, 0)),
        ("BMP", "1", (255, 0)),
        ("TIFF", "1", (255, 0)),
        ("PPM", "1", (255, 0)),  # a PBM
    ],
)
def test_gray_and_bilevel_pictures(tmp_path, kind, mode, values, color_mode, decoder):
    path = write(tmp_path, pictures.encoded(pictures.halves(*values, mode=mode), kind))
    colors = [expected((value,) * 3, color_mode) for value in values]
    assert_halves(path, color_mode, decoder, *colors, tolerance=2 if kind == "JPEG" else 0)


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("color_mode", MODES)
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_transparent_pictures_keep_their_colours_and_in_rgba_their_alpha(tmp_path, kind, color_mode, decoder):
    picture = pictures.halves((*RED, 255), (*BLUE, 100), mode="RGBA")
    path = write(tmp_path, pictures.encoded(picture, kind, **({"lossless": True} if kind == "WEBP" else {})))
    assert_halves(path, color_mode, decoder, expected(RED, color_mode), expected(BLUE, color_mode, 100))


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("color_mode", MODES)
def test_gray_with_alpha(tmp_path, color_mode, decoder):
    path = write(tmp_path, pictures.encoded(pictures.halves((200, 255), (30, 100), mode="LA"), "PNG"))
    assert_halves(path, color_mode, decoder, expected((200,) * 3, color_mode), expected((30,) * 3, color_mode, 100))


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("color_mode", MODES)
@pytest.mark.parametrize(("transparency", "alpha"), [(None, 255), (1, 0), (bytes([255, 100]), 100)])
@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_palettes_with_and_without_transparency(tmp_path, kind, transparency, alpha, color_mode, decoder):
    if kind == "GIF" and isinstance(transparency, bytes):
        transparency, alpha = 1, 0  # a GIF has one transparent colour
    picture = PIL.Image.new("P", (64, 32), 0)
    picture.putpalette([*RED, *BLUE])
    picture.paste(1, (32, 0, 64, 32))
    options = {} if transparency is None else {"transparency": transparency}
    path = write(tmp_path, pictures.encoded(picture, kind, **options))
    assert_halves(path, color_mode, decoder, expected(RED, color_mode), expected(BLUE, color_mode, alpha))


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("color_mode", MODES)
def test_rgb_with_one_transparent_colour(tmp_path, color_mode, decoder):
    path = write(tmp_path, pictures.encoded(pictures.halves(RED, BLUE), "PNG", transparency=BLUE))
    for index, (color, alpha) in enumerate(((RED, 255), (BLUE, 0))):
        image = ImageFiles([path], (32, 64), color_mode=color_mode, decoder=decoder)[0]
        np.testing.assert_allclose(image[:, 32 * index], [expected(color, color_mode, alpha)] * 32, atol=1)


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("color_mode", MODES)
@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk(tmp_path, kind, color_mode, decoder):
    """Cyan ink takes red away; black ink takes all."""
    picture = pictures.halves((255, 0, 0, 0), (0, 0, 0, 155), mode="CMYK")
    path = write(tmp_path, pictures.encoded(picture, kind, **({"quality": 95} if kind == "JPEG" else {})))
    colors = [expected(color, color_mode) for color in ((0, 255, 255), (100, 100, 100))]
    assert_halves(path, color_mode, decoder, *colors, tolerance=LOSSY)


def adobe(data, transform):
    """A CMYK JPEG with the Adobe marker that says how its channels are coded: 0 is CMYK, 2 YCCK."""
    place = data.index(b"Adobe") + 11
    return data[:place] + bytes([transform]) + data[place + 1 :]


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("color_mode", MODES)
def test_ycck(tmp_path, color_mode, decoder):
    """Adobe stores 255 - ink, and YCCK as the YCC of its complement: Y 180 without chroma is three inks of 180."""
    cmyk = PIL.Image.new("CMYK", (64, 32), (255 - 180, 127, 127, 0))  # Pillow stores it inverted: 180, 128, 128, 255
    path = write(tmp_path, adobe(pictures.encoded(cmyk, "JPEG", quality=95), transform=2))
    with PIL.Image.open(path) as picture:
        assert picture.info["adobe_transform"] == 2
    color = expected((255 - 180,) * 3, color_mode)
    assert_halves(path, color_mode, decoder, color, color, tolerance=LOSSY)


SIXTEEN = (0x0000, 0x80FF, 0xFFFF, 0x1234)  # 8 bits of them: the high byte


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("color_mode", MODES)
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "PGM", "big-endian TIFF"])
def test_gray_of_16_bits_becomes_8_bits_by_its_high_byte(tmp_path, kind, color_mode, decoder):
    values = np.tile(np.array(SIXTEEN, np.uint16), (3, 1))
    if kind == "PGM":
        data = b"P5 4 3 65535\n" + values.astype(">u2").tobytes()
    elif kind == "big-endian TIFF":
        data = pictures.encoded(PIL.Image.frombytes("I;16B", (4, 3), values.astype(">u2").tobytes()), "TIFF")
    else:
        data = pictures.encoded(PIL.Image.fromarray(values), kind)
    image = ImageFiles([write(tmp_path, data)], (3, 4), color_mode=color_mode, decoder=decoder, dtype="uint8")[0]
    for column, value in enumerate(SIXTEEN):
        assert image[1, column].tolist() == expected((value >> 8,) * 3, color_mode)


@pytest.mark.parametrize("decoder", DECODERS)
def test_rgb_of_16_bits_becomes_8_bits(tmp_path, decoder):
    pixel = np.array([0xE612, 0x1E34, 0x1456], ">u2").tobytes()
    path = write(tmp_path, b"P6 4 3 65535\n" + pixel * 12)
    image = ImageFiles([path], (3, 4), decoder=decoder, dtype="uint8")[0].astype(int)
    assert np.abs(image - (0xE6, 0x1E, 0x14)).max() <= 1


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("channels", [3, 4])
def test_pngs_of_16_bits_and_several_channels_become_8_bits(tmp_path, channels, decoder):
    blue_first = np.full((3, 4, channels), (0x1456, 0x1E34, 0xE612, 0x6400)[:channels], np.uint16)
    path = write(tmp_path, cv2.imencode(".png", blue_first)[1].tobytes())
    image = ImageFiles([path], (3, 4), color_mode="rgba", decoder=decoder, dtype="uint8")[0].astype(int)
    assert np.abs(image - (0xE6, 0x1E, 0x14, 0x64 if channels == 4 else 255)).max() <= 1


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("kind", ["GIF", "WEBP", "TIFF", "PNG"])
def test_of_several_frames_the_first_is_taken(tmp_path, kind, decoder):
    buffer = io.BytesIO()
    first, *others = (PIL.Image.new("RGB", (64, 32), color) for color in (RED, BLUE, (255, 255, 255)))
    first.save(buffer, kind, save_all=True, append_images=others, **({"lossless": True} if kind == "WEBP" else {}))
    path = write(tmp_path, buffer.getvalue())
    with PIL.Image.open(path) as picture:
        assert picture.n_frames == 3
    assert_halves(path, "rgb", decoder, RED, RED)


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_orientation_tags_are_left_alone(tmp_path, orientation, decoder):
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    path = write(tmp_path, pictures.encoded(pictures.halves(RED, BLUE), "JPEG", quality=95, exif=exif))
    assert_halves(path, "rgb", decoder, RED, BLUE, tolerance=LOSSY)


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("color_mode", MODES)
def test_both_decoders_agree_on_photographs_at_their_own_size(tmp_path, mode, color_mode):
    path = write(tmp_path, pictures.encoded(next(pictures.crops()).convert(mode), "JPEG", quality=90))
    fast, exact = (ImageFiles([path], (375, 500), color_mode=color_mode, decoder=decoder)[0] for decoder in DECODERS)
    assert pictures.psnr(fast, exact) >= 45


def test_content_decides_not_the_name(tmp_path):
    path = tmp_path / "really_a_png.jpg"
    path.write_bytes(pictures.encoded(pictures.halves(RED, BLUE), "PNG"))
    assert_halves(path, "rgb", "auto", RED, BLUE)
