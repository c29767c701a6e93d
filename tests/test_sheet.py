"""Contact sheets show what is in a batch, and take nothing."""

import numpy as np
import PIL.Image
import pytest

import amalthea
import pictures
from amalthea.errors import ConfigurationError
from amalthea.sheet import CELL, GAP, PAPER, TEXT, draw_sheet

COLORS = np.array([(250, 0, 0), (0, 250, 0), (0, 0, 250), (250, 250, 0), (0, 250, 250)], np.uint8)


def flat_images(count=5, height=112, width=112):
    """Images of one colour each."""
    return np.broadcast_to(COLORS[:count, None, None], (count, height, width, 3)).copy()


def cell(sheet, line, column, height=112, width=112, text=True):
    x, y = GAP + column * (width + GAP), GAP + line * (height + GAP + (TEXT if text else 0))
    return np.asarray(sheet)[y : y + height, x : x + width]


def below(sheet, line, column, height=112, width=112):
    x, y = GAP + column * (width + GAP), GAP + line * (height + GAP + TEXT) + height
    return np.asarray(sheet)[y : y + TEXT, x : x + width]


def samples(x, y=None):
    return amalthea.Loader(list(x) if y is None else list(zip(x, y, strict=True)), batch_size=len(x), shuffle=False)


def text_below(y, class_names=None):
    """The pixels of the texts below five images with these labels."""
    loader = samples(flat_images(len(y)), y)
    if class_names is not None:
        loader.class_names = class_names
    sheet = amalthea.preview(loader)
    return [below(sheet, 0, column) for column in range(len(y))]


def test_images_stand_in_lines_from_the_left():
    sheet = draw_sheet(flat_images(), None, columns=2)
    assert sheet.mode == "RGB"
    assert sheet.size == (2 * (112 + GAP) + GAP, 3 * (112 + GAP) + GAP)
    for place in range(5):
        assert (cell(sheet, *divmod(place, 2), text=False) == COLORS[place]).all()
    assert (cell(sheet, 2, 1, text=False) == PAPER).all()
    assert (np.asarray(sheet)[:GAP] == PAPER).all()


def test_texts_stand_below_their_images():
    texts = ["cat", "", "dog", "cat", ""]
    sheet = draw_sheet(flat_images(), texts, columns=3)
    for place, text in enumerate(texts):
        line, column = divmod(place, 3)
        assert (cell(sheet, line, column) == COLORS[place]).all()
        assert (below(sheet, line, column) != PAPER).any() == bool(text)
    np.testing.assert_array_equal(below(sheet, 0, 0), below(sheet, 1, 0))


def test_a_long_text_does_not_reach_into_its_neighbour():
    with_long = draw_sheet(flat_images(2), ["a very long name of a class " * 5, ""])
    assert (below(with_long, 0, 1) == PAPER).all()
    assert (below(with_long, 0, 0) != PAPER).any()


def test_small_images_are_enlarged_by_whole_numbers():
    images = np.random.default_rng(0).integers(0, 255, (1, 28, 20, 3), np.uint8)
    sheet = draw_sheet(images, None)
    scale = CELL // 28
    np.testing.assert_array_equal(
        cell(sheet, 0, 0, 28 * scale, 20 * scale, text=False), images[0].repeat(scale, axis=0).repeat(scale, axis=1)
    )


def test_large_images_stay_as_they_are():
    images = np.random.default_rng(0).integers(0, 255, (1, 150, 130, 3), np.uint8)
    np.testing.assert_array_equal(cell(draw_sheet(images, None), 0, 0, 150, 130, text=False), images[0])


def test_transparent_parts_show_the_paper():
    images = np.zeros((1, 112, 112, 4), np.uint8)
    images[:, :56] = (10, 20, 30, 255)
    shown = cell(draw_sheet(images, None), 0, 0, text=False)
    assert (shown[:56] == (10, 20, 30)).all()
    assert (shown[56:] == PAPER).all()


@pytest.mark.parametrize("columns", [0, -1, 2.5, None])
def test_columns_are_an_integer_of_1_or_more(columns):
    with pytest.raises(ConfigurationError, match="`columns`"):
        draw_sheet(flat_images(), None, columns=columns)


@pytest.mark.parametrize(
    "scaled",
    [
        lambda images: images,
        lambda images: images.astype(np.float32),
        lambda images: images.astype(np.float16),
        lambda images: images / np.float32(255),
        lambda images: (images / 255).astype(np.float64),
    ],
)
def test_0_to_255_and_0_to_1_are_shown_as_they_are(scaled):
    sheet = amalthea.preview(samples(scaled(flat_images())))
    for place in range(5):
        assert (cell(sheet, 0, place, text=False) == COLORS[place]).all()


@pytest.mark.parametrize("scaled", [lambda x: x / 127.5 - 1, lambda x: (x - 120.0) / 60, lambda x: x * 1000.0])
def test_any_other_range_is_stretched_to_all_of_it(scaled):
    images = scaled(flat_images().astype(np.float32))
    sheet = amalthea.preview(samples(images))
    for place in range(5):
        assert (cell(sheet, 0, place, text=False) == np.where(COLORS[place] > 0, 255, 0)).all()


def test_a_batch_of_one_value_is_drawn():
    amalthea.preview(samples(np.full((2, 8, 8, 1), -3.0, np.float32)))


def test_channels_first_is_drawn_like_channels_last():
    last = amalthea.preview(samples(flat_images(5, 40, 60)))
    first = amalthea.preview(samples(flat_images(5, 40, 60).transpose(0, 3, 1, 2)))
    np.testing.assert_array_equal(last, first)


def test_gray_images_are_gray():
    shown = cell(amalthea.preview(samples(np.full((1, 112, 112, 1), 77, np.uint8))), 0, 0, text=False)
    assert (shown == 77).all()


def test_labels_are_shown_by_name_in_every_form():
    names = ["cat", "dog", "emu"]
    plain = text_below([np.int32(2), np.int32(0), np.int32(1)], names)
    one_hot = text_below(list(np.eye(3, dtype=np.float32)[[2, 0, 1]]), names)
    np.testing.assert_array_equal(plain, one_hot)
    np.testing.assert_array_equal(plain, [below(draw_sheet(flat_images(1), [names[k]]), 0, 0) for k in (2, 0, 1)])
    binary = text_below([np.array([1.0], np.float32), np.array([0.0], np.float32)], names[:2])
    np.testing.assert_array_equal(binary, [below(draw_sheet(flat_images(1), [names[k]]), 0, 0) for k in (1, 0)])


@pytest.mark.parametrize(
    ("labels", "texts"),
    [
        ([np.int32(3), np.int32(12)], ["3", "12"]),
        ([np.float32(0.5), np.float32(-2)], ["0.5", "-2"]),
        ([np.eye(3, dtype=np.float32)[1], np.eye(3, dtype=np.float32)[2]], ["1", "2"]),
    ],
)
def test_without_names_the_numbers_are_shown(labels, texts):
    np.testing.assert_array_equal(
        text_below(labels), [below(draw_sheet(flat_images(1), [text]), 0, 0) for text in texts]
    )


def test_mixed_labels_are_not_shown_as_one():
    loader = samples(flat_images(2), [np.array([0.3, 0.7], np.float32)] * 2)
    assert amalthea.preview(loader).size == draw_sheet(flat_images(2), None).size


def test_the_batch_is_not_taken_from_the_stream(tmp_path):
    paths = pictures.write_all(tmp_path, [f"{number}.png" for number in range(12)])

    def loader():
        return amalthea.ImageLoader(paths, list(range(12)), image_size=8, batch_size=5, seed=3)

    plain, shown = loader(), loader()
    expected = [batch[1].tolist() for _ in range(2) for batch in plain]
    labels = []
    for _ in range(2):
        amalthea.preview(shown)
        amalthea.preview(shown)
        labels += [batch[1].tolist() for batch in shown]
    assert labels == expected
    assert shown.epoch == plain.epoch


def test_the_batch_that_comes_next_is_the_one_shown(tmp_path):
    paths = pictures.write_all(tmp_path, [f"{number}.png" for number in range(6)])
    loader = amalthea.ImageLoader(paths, image_size=112, batch_size=3, seed=1)
    sheet = amalthea.preview(loader)
    batch = next(iter(loader))
    for place, image in enumerate(batch):
        assert (cell(sheet, 0, place, text=False) == image).all()


def test_the_sheet_is_returned_and_saved(tmp_path):
    sheet = amalthea.preview(samples(flat_images()), tmp_path / "sheet.png", columns=3)
    with PIL.Image.open(tmp_path / "sheet.png") as saved:
        np.testing.assert_array_equal(saved, sheet)


def test_a_loader_of_several_inputs_shows_its_images():
    x = [{"number": np.float32(index), "image": image} for index, image in enumerate(flat_images())]
    sheet = amalthea.preview(samples(x))
    assert (cell(sheet, 0, 1, text=False) == COLORS[1]).all()


@pytest.mark.parametrize("shape", [(8,), (8, 8), (8, 8, 2), (8, 8, 8, 3)])
def test_a_batch_without_images_is_told(shape):
    with pytest.raises(ConfigurationError, match="no images"):
        amalthea.preview(samples(np.zeros((4, *shape), np.float32)))
