"""Bad arguments are named where they are given, bad images where they arrive."""

import numpy as np
import pytest

from amalthea import transforms
from amalthea.errors import ConfigurationError

BAD_ARGUMENTS = [
    ("RandomFlip", {"mode": "diagonal"}, "mode"),
    ("RandomRotation", {"factor": 1.5}, "factor"),
    ("RandomRotation", {"factor": "0.2"}, "factor"),
    ("RandomRotation", {"factor": (0.1, 0.2, 0.3)}, "factor"),
    ("RandomRotation", {"factor": float("nan")}, "factor"),
    ("RandomRotation", {"factor": True}, "factor"),
    ("RandomRotation", {"factor": 0.1, "fill_mode": "mirror"}, "fill_mode"),
    ("RandomRotation", {"factor": 0.1, "interpolation": "bicubic"}, "interpolation"),
    ("RandomRotation", {"factor": 0.1, "fill_value": None}, "fill_value"),
    ("RandomZoom", {"height_factor": -2}, "height_factor"),
    ("RandomZoom", {"height_factor": 0.1, "width_factor": (0, 2)}, "width_factor"),
    ("RandomTranslation", {"height_factor": 0.1, "width_factor": None}, "width_factor"),
    ("RandomShear", {"x_factor": -0.1}, "x_factor"),
    ("RandomShear", {"y_factor": (0.1, 1.1)}, "y_factor"),
    ("RandomCrop", {"height": 0, "width": 3}, "height"),
    ("CenterCrop", {"height": 3, "width": 2.5}, "width"),
    ("Resizing", {"height": 3, "width": -1}, "width"),
    ("Resizing", {"height": 3, "width": 3, "interpolation": "area"}, "interpolation"),
    ("Resizing", {"height": 3, "width": 3, "fill_mode": "reflect"}, "fill_mode"),
    ("Resizing", {"height": 3, "width": 3, "crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True}, "pad_to"),
    ("RandomBrightness", {"factor": 2}, "factor"),
    ("RandomBrightness", {"factor": 0.2, "value_range": 255}, "value_range"),
    ("RandomContrast", {"factor": -0.2}, "factor"),
    ("RandomContrast", {"factor": 0.2, "value_range": (1, 1)}, "value_range"),
    ("RandomErasing", {"factor": 1.2}, "factor"),
    ("RandomErasing", {"scale": (-0.1, 0.2)}, "scale"),
    ("RandomErasing", {"fill_value": "noise"}, "fill_value"),
    ("Rescaling", {"scale": "big"}, "scale"),
    ("Normalization", {"mean": [1, 2], "variance": 1.0}, "variance"),
    ("Normalization", {"mean": 1.0, "variance": -1.0}, "variance"),
    ("Normalization", {"mean": [1, 2], "variance": [1, 2], "axis": None}, "variance"),
    ("Normalization", {"mean": 1.0, "variance": 1.0, "axis": 0}, "axis"),
    ("RandomShearAngle", {"factor": 361}, "factor"),
    ("RandomShearAngle", {"factor": 5, "fill_mode": "mirror"}, "fill_mode"),
    ("RandomGain", {"factor": 0.5}, "factor"),
    ("RandomGain", {"factor": (-0.1, 1)}, "factor"),
    ("RandomGain", {"factor": (0.5, float("nan"))}, "factor"),
    ("RandomGain", {"factor": (0.5, 1), "value_range": 255}, "value_range"),
    ("RandomChannelShift", {"factor": "10"}, "factor"),
    ("RandomChannelShift", {"factor": float("inf")}, "factor"),
    ("Lambda", {"function": 3}, "function"),
    ("SampleNormalization", {"epsilon": 0}, "epsilon"),
    ("SampleNormalization", {"epsilon": "small"}, "epsilon"),
    ("SampleNormalization", {"center": False, "scale": False}, "scale"),
    ("ZCAWhitening", {"mean": [[1.0]], "matrix": [[1.0]]}, "mean"),
    ("ZCAWhitening", {"mean": "grey", "matrix": [[1.0]]}, "mean"),
    ("ZCAWhitening", {"mean": 0.0, "matrix": [[1.0, 2.0]]}, "matrix"),
    ("Compose", {"transforms": transforms.RandomFlip()}, "transforms"),
    ("Compose", {"transforms": [3]}, "transforms"),
    ("WithMask", {"transform": 3}, "transform"),
    ("WithMask", {"transform": transforms.RandomFlip(), "fill_value": -1}, "fill_value"),
    ("WithMask", {"transform": transforms.RandomFlip(), "fill_value": 0.5}, "fill_value"),
    ("MixUp", {"alpha": 0}, "alpha"),
    ("CutMix", {"factor": (0.5, 1.5)}, "factor"),
]


@pytest.mark.parametrize(("name", "arguments", "named"), BAD_ARGUMENTS)
def test_a_bad_argument_is_named_with_its_value_what_is_allowed_and_a_remedy(name, arguments, named):
    with pytest.raises(ConfigurationError, match=f"^{named}.* cannot be used: .* must be .*\\. [A-Z]") as caught:
        getattr(transforms, name)(**arguments)
    value = next(v for k, v in reversed(arguments.items()) if k.startswith(named))
    assert repr(value) in str(caught.value)


def build(name):
    given = {
        "RandomRotation": {"factor": 0.1},
        "RandomZoom": {"height_factor": 0.1},
        "RandomTranslation": {"height_factor": 0.1, "width_factor": 0.1},
        "RandomBrightness": {"factor": 0.1},
        "RandomContrast": {"factor": 0.1},
        "Rescaling": {"scale": 1.0},
        "Normalization": {"mean": 0.0, "variance": 1.0},
        "RandomShearAngle": {"factor": 10},
        "RandomGain": {"factor": (0.9, 1.1)},
        "RandomChannelShift": {"factor": 10},
        "Lambda": {"function": np.sqrt},
        "ZCAWhitening": {"mean": 0.0, "matrix": np.eye(12)},
    }
    sized = {"height": 2, "width": 2} if name in {"RandomCrop", "CenterCrop", "Resizing"} else {}
    return getattr(transforms, name)(**given.get(name, {}), **sized)


ON_SAMPLES = sorted(set(transforms.__all__) - {"Compose", "MixUp", "CutMix", "WithMask"})


@pytest.mark.parametrize("name", ON_SAMPLES)
@pytest.mark.parametrize("shape", [(4, 4), (1, 4, 4, 3), (0, 4, 3)])
def test_a_wrong_shape_is_an_error_that_shows_it(name, shape):
    with pytest.raises(ValueError, match=r"\(height, width, channels\)") as caught:
        build(name)(np.zeros(shape, "float32"), np.random.default_rng(0))
    assert str(shape) in str(caught.value)


@pytest.mark.parametrize("name", ON_SAMPLES)
@pytest.mark.parametrize("sample", [[[1]], None, {"image": 1}, (), np.zeros((2, 2, 1), bool), np.zeros((2, 2, 1), int)])
def test_what_is_no_image_is_a_type_error_that_says_how_to_make_one(name, sample):
    with pytest.raises(TypeError, match=r"A transform needs .* Convert"):
        build(name)(sample, np.random.default_rng(0))


def test_a_fill_value_for_each_channel_must_fit_the_image():
    erase = transforms.RandomErasing((1, 1), fill_value=[1, 2])
    with pytest.raises(ValueError, match=r"has 2 numbers, .* 3 channels"):
        erase(np.zeros((4, 4, 3), "uint8"), np.random.default_rng(0))


def test_statistics_of_each_channel_must_fit_the_image():
    normalize = transforms.Normalization([0.0, 1.0], [1.0, 1.0])
    with pytest.raises(ValueError, match=r"shape \(2,\).* needs \(3,\)"):
        normalize(np.zeros((4, 4, 3), "uint8"))


@pytest.mark.parametrize(
    "sample", [None, (), np.zeros((2, 2, 1)), (np.zeros((2, 2, 3)), 1), (np.zeros((2, 2, 3)), np.zeros((2, 2, 1)))]
)
def test_an_image_without_a_mask_of_integers_is_told(sample):
    with pytest.raises(TypeError, match=r"WithMask needs .* Convert a mask"):
        transforms.WithMask(transforms.RandomFlip())(sample, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        (np.zeros((2, 3, 1), "uint8"), r"\(2, 3, 1\) for the image \(2, 2, 3\)"),
        (np.zeros((2, 2), "uint8"), r"\(height, width, 1\)"),
        (np.full((2, 2, 1), -1), "got -1 to -1"),
        (np.full((2, 2, 1), 65536), "0 to 65535; got 65536"),
    ],
)
def test_a_mask_that_does_not_fit_is_told(mask, message):
    with pytest.raises(ValueError, match=message):
        transforms.WithMask(transforms.RandomFlip())((np.zeros((2, 2, 3)), mask), np.random.default_rng(0))
