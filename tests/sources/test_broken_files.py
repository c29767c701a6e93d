"""A broken file is an error, never another picture: whatever is cut off, and wherever."""

import numpy as np
import PIL.Image
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import pictures
from amalthea.sources import ImageFiles
from amalthea.sources.decode import decode

KINDS = {
    "JPEG": {"quality": 90},
    "progressive JPEG": {"quality": 90, "progressive": True},
    "JPEG with restarts": {"quality": 90, "restart_marker_rows": 1},
    "gray JPEG": {"quality": 90},
    "CMYK JPEG": {"quality": 90},
    "PNG": {},
    "palette PNG": {},
    "GIF": {},
    "BMP": {},
    "TIFF": {},
    "TIFF LZW": {"compression": "tiff_lzw"},
    "WEBP": {"quality": 90},
    "lossless WEBP": {"lossless": True},
    "PPM": {},
}
DECODERS = ("auto", "pillow")

# Pillow's reader of TIFF warns of what is broken before it fails.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL.TiffImagePlugin")


@pytest.fixture
def small_limit():
    """Damage may make a picture large, and the tests slow."""
    before, PIL.Image.MAX_IMAGE_PIXELS = PIL.Image.MAX_IMAGE_PIXELS, 10**6
    yield
    PIL.Image.MAX_IMAGE_PIXELS = before


HUGE = {
    "PNG": pictures.huge_png(),
    "JPEG": pictures.huge_jpeg(),
    "GIF": b"GIF89a" + b"\xff" * 4 + bytes(3) + b"," + bytes(4) + b"\xff" * 4 + bytes(100),
    "PPM": b"P6 100000 100000 255\n" + bytes(100),
}


def whole_file(kind):
    photo = next(pictures.crops(90, 120))
    modes = {"gray JPEG": "L", "CMYK JPEG": "CMYK"}
    picture = photo.quantize(64) if kind == "palette PNG" else photo.convert(modes.get(kind, "RGB"))
    form = next(form for form in ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "PPM") if form in kind)
    return pictures.encoded(picture, form, **KINDS[kind])


WHOLE = {kind: whole_file(kind) for kind in KINDS}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("broken")


def image_of(folder, data, decoder, size=(90, 120)):
    path = folder / "picture"
    path.write_bytes(data)
    return ImageFiles([path], size, dtype="uint8", decoder=decoder)[0]


def assert_whole_or_error(folder, kind, data, decoder, size):
    try:
        image = image_of(folder, data, decoder, size)
    except ValueError as error:
        assert len(str(error)) > 10
    else:
        np.testing.assert_array_equal(image, image_of(folder, WHOLE[kind], decoder, size))


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_cut_is_an_error_or_the_whole_picture(folder, kind, decoder):
    whole = WHOLE[kind]

    @settings(max_examples=40)
    @given(share=st.floats(0, 1, exclude_max=True), size=st.sampled_from(((90, 120), (20, 20))))
    @example(share=0.0, size=(90, 120))
    @example(share=1 - 1 / len(whole), size=(90, 120))
    @example(share=1 - 3 / len(whole), size=(90, 120))
    @example(share=1 - 30 / len(whole), size=(90, 120))
    @example(share=0.5, size=(20, 20))
    def cut(share, size):
        assert_whole_or_error(folder, kind, whole[: int(share * len(whole))], decoder, size)

    cut()


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("kind", KINDS)
def test_half_a_file_is_an_error(folder, kind, decoder):
    with pytest.raises(ValueError, match=r"broken|truncated|not enough|picture"):
        image_of(folder, WHOLE[kind][: len(WHOLE[kind]) // 2], decoder)


@pytest.mark.parametrize("decoder", DECODERS)
def test_a_large_photograph_that_is_cut_is_an_error(folder, decoder):
    """Also where it is decoded at a reduced scale."""
    data = pictures.camera_jpegs()[1]
    for share in (0.3, 0.9, 0.999):
        with pytest.raises(ValueError, match=r"broken.*truncated"):
            image_of(folder, data[: int(share * len(data))], decoder)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("kind", ["JPEG", "progressive JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "PPM"])
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_is_an_error_of_the_decoder_or_a_picture(small_limit, kind, data):
    """Nothing else is raised, and nothing crashes."""
    whole = bytearray(WHOLE[kind])
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, min(len(whole), 700) - 1))] = data.draw(st.integers(0, 255))
    try:
        pixels = decode(bytes(whole), "rgb").pixels
    except ValueError as error:
        assert str(error)
    else:
        assert pixels.dtype == np.uint8
        assert pixels.ndim == 3


def test_a_damaged_header_of_a_tiff_is_told_as_a_broken_picture():
    """Pillow's reader raises a TypeError here."""
    data = bytearray(WHOLE["TIFF"])
    data[72] = 2  # the type of the tag that says where the pixels are: text
    with pytest.raises(ValueError, match="broken"):
        decode(bytes(data), "rgb")


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b"This is text, renamed.", "no picture of a known format; it starts with b'This is text, re"),
        (b"\xff\xd8\xff", "picture"),
        (b"\xff\xd8\xff" + bytes(100), "picture"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"GIF89a", "picture"),
        (bytes(1000), "no picture of a known format"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no picture of a known format"),
        (b"%PDF-1.7\n", "picture"),
    ],
)
def test_what_is_no_picture_is_told(folder, data, message, decoder):
    with pytest.raises(ValueError, match=message):
        image_of(folder, data, decoder)


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("data", HUGE.values(), ids=HUGE)
def test_a_picture_that_would_burst_the_memory_is_refused_by_its_header(folder, data, decoder):
    assert len(data) < 2000
    with pytest.raises(ValueError, match="MAX_IMAGE_PIXELS"):
        image_of(folder, data, decoder)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_pillows_limit_is_what_the_user_sets_it_to(folder, kind, monkeypatch):
    monkeypatch.setattr(PIL.Image, "MAX_IMAGE_PIXELS", 90 * 120 // 2 - 1)
    with pytest.raises(ValueError, match=r"120 x 90|10800 pixels"):
        image_of(folder, WHOLE[kind], "auto")
    monkeypatch.setattr(PIL.Image, "MAX_IMAGE_PIXELS", None)
    assert image_of(folder, WHOLE[kind], "auto").shape == (90, 120, 3)


def test_a_jpeg_with_rubbish_behind_it_is_read(folder):
    """As some cameras write it."""
    image = image_of(folder, WHOLE["JPEG"] + bytes(5000), "auto")
    np.testing.assert_array_equal(image, image_of(folder, WHOLE["JPEG"], "auto"))


@pytest.mark.parametrize(
    "name",
    ["größe Ω 漢字 😀.png", "a" * 251 + ".png", " leading.png", "new\nline.png", "%s{0}.png", "gr\udcfc\udcdf.png"],
)
def test_names_of_every_kind_are_read_and_told(tmp_path, name):
    path = pictures.write(tmp_path / name, 70)
    source = ImageFiles([path], 4)
    assert (source[0] == 70).all()
    assert source.name(0) == path


def test_a_path_that_is_very_deep_is_read(tmp_path):
    folder = tmp_path.joinpath(*["d" * 200] * 15)
    path = pictures.write(folder / "a.png", 70)
    assert len(path) > 3000
    assert (ImageFiles([path], 4)[0] == 70).all()


def test_a_missing_file_is_an_oserror(tmp_path):
    with pytest.raises(FileNotFoundError, match="gone"):
        ImageFiles([tmp_path / "gone.png"])[0]


def test_a_file_without_read_permission_is_an_oserror(tmp_path, monkeypatch):
    path = tmp_path / "closed.png"
    pictures.write(path)
    tmp_path.chmod(0o755)
    monkeypatch.chdir(tmp_path)  # the folders above are closed to others
    path.chmod(0)
    with pictures.as_a_user(), pytest.raises(PermissionError, match=r"closed\.png"):
        ImageFiles(["closed.png"])[0]
