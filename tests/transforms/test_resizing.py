"""Kernels of Resizing against Pillow, which has them in float for the antialiased way."""

import numpy as np
import pytest
from PIL import Image

from amalthea.transforms import Resizing
from transforms.reference import smooth_image

PILLOW = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos3": Image.Resampling.LANCZOS,
}


@pytest.mark.parametrize("size", [(20, 23), (61, 90), (40, 56), (1, 1)])
@pytest.mark.parametrize("interpolation", sorted(PILLOW))
def test_antialiased_kernels_are_pillows(interpolation, size):
    image = smooth_image(40, 56, 1)
    pillow = Image.fromarray(image[..., 0]).resize(size[::-1], PILLOW[interpolation])
    got = Resizing(*size, interpolation, antialias=True)(image)[..., 0]
    np.testing.assert_allclose(got, np.asarray(pillow), atol=2e-3)


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"])
@pytest.mark.parametrize("antialias", [False, True])
def test_a_plain_image_stays_plain(interpolation, antialias):
    image = np.full((17, 9, 5), 200, "uint8")
    got = Resizing(23, 4, interpolation, antialias=antialias)(image)
    np.testing.assert_array_equal(got, np.full((23, 4, 5), 200, "uint8"))


def test_lanczos5_overshoots_at_an_edge_and_is_clipped():
    edge = np.repeat(np.array([0, 255], "uint8"), 20)[None, :, None].repeat(4, axis=0)
    got = Resizing(4, 160, "lanczos5")(edge.astype("float32"))
    assert got.min() < -10
    assert got.max() > 265
    clipped = Resizing(4, 160, "lanczos5")(edge)
    np.testing.assert_array_equal(clipped, np.clip(np.rint(got), 0, 255))


def test_padding_of_a_whole_number_type_is_its_nearest_value():
    got = Resizing(4, 4, "nearest", pad_to_aspect_ratio=True, fill_value=300.0)(np.zeros((2, 4, 1), "uint8"))
    np.testing.assert_array_equal(got[:, 0, 0], [255, 0, 0, 255])
