"""Pictures for the tests: photographs, flat colours, folders of small files, and how alike two pictures are."""

import contextlib
import functools
import io
import math
import os
import struct
import zlib

import numpy as np
import PIL.Image
from sklearn.datasets import load_sample_images

SUFFIXES = (".jpg", ".png", ".gif", ".bmp")


def psnr(left, right):
    """How alike two 8-bit pictures are, in dB; more is more alike."""
    error = np.mean((np.asarray(left, np.float64) - np.asarray(right, np.float64)) ** 2)
    return math.inf if error == 0 else 10 * math.log10(255**2 / error)


@functools.cache
def samples():
    """Two photographs of 427 x 640 pixels."""
    return [PIL.Image.fromarray(image) for image in load_sample_images().images]


def crops(height=375, width=500):
    """Six photographs: corners and centres of the samples."""
    for photo in samples():
        spare_x, spare_y = photo.width - width, photo.height - height
        for x, y in ((0, 0), (spare_x // 2, spare_y // 2), (spare_x, spare_y)):
            yield photo.crop((x, y, x + width, y + height))


@functools.cache
def camera_jpegs():
    """JPEG files as a camera of 12 megapixels makes them: 4000 x 3000 pixels, with some noise of the sensor."""
    noise = np.random.default_rng(0).normal(0, 2, (1000, 1000, 3)).astype(np.float32)
    noise = np.tile(noise, (3, 4, 1))
    files = []
    for photo in samples():
        large = photo.crop((0, 0, 568, 426)).resize((4000, 3000), PIL.Image.Resampling.LANCZOS)
        pixels = np.clip(np.asarray(large, np.float32) + noise, 0, 255).astype(np.uint8)
        files.append(encoded(PIL.Image.fromarray(pixels), "JPEG", quality=90))
    return files


def encoded(picture, kind, **options):
    """The bytes of a file of that kind."""
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def noise_picture(height, width, mode="RGB", seed=0):
    """A picture of smooth noise: every pixel differs from picture to picture."""
    channels = len(PIL.Image.new(mode, (1, 1)).getbands())
    values = np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)
    if mode == "1":
        return PIL.Image.fromarray(values[..., 0]).convert("1")
    if mode == "CMYK":
        return PIL.Image.frombytes("CMYK", (width, height), values.tobytes())
    return PIL.Image.fromarray(values[..., 0] if channels == 1 else values)


def halves(left, right, height=32, width=64, mode="RGB"):
    """A picture whose left half has one colour and whose right half has another."""
    picture = PIL.Image.new(mode, (width, height), left)
    picture.paste(right, (width // 2, 0, width, height))
    return picture


def write(path, number=0, size=(6, 8)):
    """Writes a small picture of one grey value, told by its number; returns its path as a string."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = PIL.Image.new("RGB", size[::-1], (number % 256,) * 3)
    picture.save(path, {".gif": "GIF", ".bmp": "BMP", ".png": "PNG"}.get(path.suffix.lower(), "JPEG"))
    return str(path)


def write_all(root, names, size=(6, 8)):
    """Writes small pictures, the k-th of the grey value 10 k; returns their paths in that order."""
    return [write(root / name, 10 * number, size) for number, name in enumerate(names)]


def huge_png(width=100_000, height=100_000):
    """A PNG of a few hundred bytes that says it has ten thousand megapixels."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def huge_jpeg(width=60_000, height=60_000):
    """A JPEG of a few hundred bytes that says it has 3,600 megapixels."""
    data = bytearray(encoded(PIL.Image.new("RGB", (16, 16)), "JPEG"))
    place = data.index(b"\xff\xc0") + 5
    data[place : place + 4] = struct.pack(">HH", height, width)
    return bytes(data)


@contextlib.contextmanager
def as_a_user():
    """Where the tests are run by root, who may read all: somebody who may not."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
