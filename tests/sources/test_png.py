"""Plain PNG files go a short way, and come out as Pillow reads them."""

import struct
import zlib

import numpy as np
import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pictures
from amalthea.sources.decode import as_pixels, decode, open_picture
from amalthea.sources.png import decode_png, png_size

MODES = ("grayscale", "rgb", "rgba")
SHORT = [("L", "grayscale"), *((mode, color) for mode in ("L", "RGB", "RGBA") for color in ("rgb", "rgba"))]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


BEFORE = {
    "gamma": chunk(b"gAMA", struct.pack(">I", 100_000)),
    "chromaticities": chunk(b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)),
    "sRGB": chunk(b"sRGB", b"\0"),
    "density": chunk(b"pHYs", struct.pack(">IIB", 2835, 1000, 1)),
    "text": chunk(b"tEXt", b"Software\0a program"),
    "time": chunk(b"tIME", struct.pack(">HBBBBB", 2020, 1, 2, 3, 4, 5)),
    "background": chunk(b"bKGD", struct.pack(">HHH", 200, 100, 50)),
}


def png(height, width, mode="RGB", before=b"", **options):
    """The bytes of a PNG, with chunks between its header and its pixels."""
    data = pictures.encoded(pictures.noise_picture(height, width, mode), "PNG", **options)
    return data[:33] + before + data[33:]


def assert_as_pillow(data, color_mode):
    expected = as_pixels(open_picture(data, color_mode))
    np.testing.assert_array_equal(decode(data, color_mode).pixels, expected)
    return expected


@settings(max_examples=100)
@given(
    kind=st.sampled_from(SHORT),
    height=st.integers(1, 70),
    width=st.integers(1, 70),
    level=st.sampled_from((0, 1, 9)),
)
def test_plain_pictures_are_pillows(kind, height, width, level):
    mode, color_mode = kind
    data = png(height, width, mode, compress_level=level)
    expected = assert_as_pillow(data, color_mode)
    assert png_size(data, color_mode) == expected.shape[:2]
    np.testing.assert_array_equal(decode_png(data, color_mode, expected.shape[2]), expected)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("before", [*([name] for name in BEFORE), list(BEFORE)], ids=str)
def test_what_stands_before_the_pixels_has_no_say_in_them(mode, before):
    data = png(9, 11, mode, b"".join(BEFORE[name] for name in before))
    assert png_size(data, "rgb") == (9, 11)
    assert_as_pillow(data, "rgb")


def test_a_file_of_nothing_but_a_beginning_and_an_end_is_no_picture():
    whole = png(3, 4)
    end = whole[-12:]
    for size in range(8, 33):
        with pytest.raises(ValueError, match="no beginning or no end"):
            png_size(whole[: size - 12] + end if size >= 20 else whole[:size], "rgb")
    with pytest.raises(ValueError, match=r"no picture|cannot identify|broken|cut"):
        decode(whole[:16] + end, "rgb")


def interlaced():
    """Of one pixel, the first of seven passes is all."""
    data = bytearray(png(1, 1))
    data[28] = 1
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    return bytes(data)


def of_frames():
    first, second = pictures.noise_picture(5, 6, seed=1), pictures.noise_picture(5, 6, seed=2)
    return pictures.encoded(first, "PNG", save_all=True, append_images=[second])


OTHERS = {
    "palette": pictures.encoded(pictures.noise_picture(9, 11).quantize(16), "PNG"),
    "transparent palette": pictures.encoded(pictures.noise_picture(9, 11).quantize(16), "PNG", transparency=3),
    "transparent colour": pictures.encoded(PIL.Image.new("RGB", (6, 5), (1, 2, 3)), "PNG", transparency=(1, 2, 3)),
    "transparent gray": pictures.encoded(PIL.Image.new("L", (6, 5), 7), "PNG", transparency=7),
    "gray with alpha": png(9, 11, "LA"),
    "1 bit": png(9, 11, "1"),
    "16 bits": pictures.encoded(PIL.Image.fromarray(np.arange(900, dtype=np.uint16).reshape(30, 30) * 70), "PNG"),
    "interlaced": interlaced(),
    "several frames": of_frames(),
    "colour profile": pictures.encoded(pictures.noise_picture(9, 11), "PNG", icc_profile=bytes(200)),
    "rubbish behind": png(9, 11) + b"rubbish",
    "orientation": png(9, 11, before=chunk(b"eXIf", b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0")),
}


@pytest.mark.parametrize("color_mode", MODES)
@pytest.mark.parametrize("kind", OTHERS)
def test_other_pictures_are_left_to_pillow(kind, color_mode):
    with pytest.raises(ValueError, match=r"plain|end"):
        png_size(OTHERS[kind], color_mode)
    assert_as_pillow(OTHERS[kind], color_mode)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_colours_become_gray_by_pillow(mode):
    """OpenCV rounds differently."""
    data = png(40, 50, mode)
    with pytest.raises(ValueError, match="plain"):
        png_size(data, "grayscale")
    assert_as_pillow(data, "grayscale")


@settings(max_examples=60)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_damaged_pixels_are_never_other_pixels(place, bit):
    """On the short way: Pillow, which reads what is left, does not look at all of its checksums."""
    data = bytearray(png(20, 30))
    data[41 + int(place * (len(data) - 41 - 16))] ^= 1 << bit
    with pytest.raises(ValueError, match="broken"):
        decode_png(bytes(data), "rgb", 3)
