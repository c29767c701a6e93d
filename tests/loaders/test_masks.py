"""Labels that are pictures: paired with their images, moved with them, split with them."""

import keras
import numpy as np
import PIL.Image
import pytest

import amalthea
from amalthea import ImageLoader, transforms
from amalthea.errors import ConfigurationError, SampleError
from amalthea.sources import Masks
from amalthea.splits import split

COUNT = 12
SIZE = (24, 32)

AUGMENT = [
    transforms.RandomFlip("horizontal"),
    transforms.RandomRotation(0.2, "constant", "nearest"),
    transforms.RandomZoom(0.3, interpolation="nearest"),
    transforms.RandomCrop(20, 20, interpolation="nearest"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Images whose pixels are ten times their class, and number 4 k + 1 in the corner's blue; with their masks."""
    root = tmp_path_factory.mktemp("segmented")
    (root / "images").mkdir()
    (root / "masks").mkdir()
    rng = np.random.default_rng(0)
    for number in range(COUNT):
        mask = rng.integers(1, 5, (6, 8)).repeat(4, axis=0).repeat(4, axis=1).astype(np.uint8)
        image = np.stack([mask * 10, mask * 10, np.full(SIZE, 4 * number + 1, np.uint8)], axis=2)
        PIL.Image.fromarray(image).save(root / "images" / f"{number:02}.png")
        PIL.Image.fromarray(mask).save(root / "masks" / f"{number:02}.png")
    return root


def load(folder, masks=None, **options):
    options = {"image_size": SIZE, "dtype": "uint8", "seed": 0, "batch_size": 5, "verbose": False, **options}
    masks = Masks(folder / "masks", fill_value=9) if masks is None else masks
    return ImageLoader.from_directory(folder / "images", masks, **options)


def numbers(images):
    return (images[:, 0, 0, 2] // 4).tolist()


def test_each_image_comes_with_its_own_mask(folder):
    seen = []
    for images, masks in load(folder):
        assert (masks.dtype, masks.shape) == (np.uint8, (len(images), *SIZE, 1))
        np.testing.assert_array_equal(images[..., :1], masks * 10)
        seen += numbers(images)
    assert sorted(seen) == list(range(COUNT))


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_an_augmented_mask_is_that_of_the_augmented_image(folder, data_format):
    epochs = []
    loader = load(folder, augment=AUGMENT, data_format=data_format)
    for _ in range(2):
        for images, masks in loader:
            assert masks.shape == (
                (len(images), 1, 20, 20) if data_format == "channels_first" else (*images.shape[:3], 1)
            )
            values = images[:, :1] if data_format == "channels_first" else images[..., :1]
            np.testing.assert_array_equal(values, np.where(masks == 9, 0, masks * 10))
            epochs.append(masks)
    assert (np.concatenate(epochs) == 9).any()
    assert not np.array_equal(epochs[0], epochs[3])


def test_scaling_and_dtype_are_for_images_only(folder):
    loader = load(folder, rescale=1 / 10, dtype="float32", augment=transforms.RandomFlip())
    for images, masks in loader:
        assert (images.dtype, masks.dtype) == (np.float32, np.uint8)
        np.testing.assert_allclose(images[..., :1], masks, rtol=1e-6)


@pytest.mark.parametrize("options", [{"crop_to_aspect_ratio": True}, {"pad_to_aspect_ratio": True}, {}])
def test_a_mask_is_fitted_as_its_image(folder, options):
    for images, masks in load(folder, image_size=(30, 14), interpolation="nearest", **options):
        np.testing.assert_array_equal(images[..., :1], np.where(masks == 9, 0, masks * 10))
        assert (masks == 9).any() == ("pad_to_aspect_ratio" in options)


@pytest.mark.parametrize("options", [{"workers": 0}, {"workers": 3}, {"workers": 2, "use_multiprocessing": True}])
def test_the_same_batches_with_any_workers(folder, options):
    with load(folder, augment=AUGMENT, **options) as ours, load(folder, augment=AUGMENT, workers=1) as theirs:
        for _ in range(2):
            for left, right in zip(ours, theirs, strict=True):
                np.testing.assert_array_equal(left[0], right[0])
                np.testing.assert_array_equal(left[1], right[1])


def test_both_sides_of_a_split_keep_their_pairs(folder):
    loaders = load(folder, validation_split=0.25, subset="both", augment=AUGMENT)
    alone = load(folder, validation_split=0.25, subset="validation")
    assert list(loaders[1].file_paths) == list(alone.file_paths)
    for loader in loaders:
        for images, masks in loader:
            np.testing.assert_array_equal(images[..., :1], np.where(masks == 9, 0, masks * 10))
    ((images, masks),) = loaders[1]
    assert images.shape == (3, *SIZE, 3)  # not cropped
    np.testing.assert_array_equal(alone[0][1], masks)


def test_parts_keep_their_pairs_and_only_the_first_is_augmented(folder):
    training, test = split(load(folder, augment=AUGMENT), (0.75, 0.25))
    assert {images.shape[1:] for images, _ in training} == {(20, 20, 3)}
    ((images, masks),) = test
    assert images.shape == (3, *SIZE, 3)
    np.testing.assert_array_equal(images[..., :1], masks * 10)


def test_lists_of_images_find_their_masks_by_name(folder):
    images = sorted((folder / "images").iterdir())
    masks = sorted((folder / "masks").iterdir(), reverse=True)
    loader = ImageLoader(images[3:6], Masks(masks), image_size=SIZE, dtype="uint8", shuffle=False)
    ((images, labels),) = loader
    assert numbers(images) == [3, 4, 5]
    np.testing.assert_array_equal(images[..., :1], labels * 10)


def above_2(sample, rng):
    image, mask = sample
    return image, (mask > 2).astype(np.float32)


def test_a_model_learns_which_pixels_are_of_the_upper_classes(folder):
    """Not by their class number: the sparse loss for pictures fails on PyTorch in Keras itself."""
    training, validation = load(
        folder,
        validation_split=0.25,
        subset="both",
        rescale=1 / 40,
        dtype="float32",
        augment=transforms.RandomFlip(),
        transform=above_2,
    )
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.layers.Input((*SIZE, 3)), keras.layers.Conv2D(1, 1, activation="sigmoid")])
    model.compile(keras.optimizers.Adam(0.3), "binary_crossentropy", metrics=["accuracy"])
    model.fit(training, epochs=30, verbose=0)
    assert model.evaluate(validation, verbose=0)[1] > 0.9


def test_a_transform_gets_the_image_and_its_mask(folder):
    for images, masks in load(folder, transform=above_2, augment=AUGMENT[:1]):
        np.testing.assert_array_equal(images[..., :1] > 20, masks == 1)


@pytest.mark.parametrize(
    ("mix", "data_format"),
    [
        (transforms.MixUp(), "channels_last"),
        (transforms.MixUp(), "channels_first"),
        (transforms.CutMix(), "channels_first"),
    ],
)
def test_class_numbers_of_masks_are_not_blended(folder, mix, data_format):
    loader = load(folder, batch_transform=mix, data_format=data_format)
    with pytest.raises(SampleError, match=r"cannot mix y.*masks.*Use CutMix, for channels that come last"):
        loader.peek()


def test_cut_mix_pastes_the_same_rectangle_into_both(folder):
    mixed = 0
    for images, masks in load(folder, batch_transform=transforms.CutMix()):
        assert masks.dtype == np.uint8
        np.testing.assert_array_equal(images[..., :1], masks * 10)
        mixed += sum(len(np.unique(image[..., 2])) > 1 for image in images)
    assert mixed > COUNT / 4


def test_a_broken_mask_is_a_sample_that_names_both(folder, tmp_path):
    masks = [str(path) for path in sorted((folder / "masks").iterdir())]
    broken = tmp_path / "03.png"
    PIL.Image.new("RGB", (8, 8)).save(broken)
    masks[3] = str(broken)
    loader = load(folder, Masks(masks), shuffle=False)
    with pytest.raises(SampleError, match=r"images/03\.png.*its mask '.*03\.png': its pixels are of the mode 'RGB'"):
        list(loader)
    loader = load(folder, Masks(masks), on_error="skip")
    with pytest.warns(match="its mask"):
        assert sum(len(images) for images, _ in loader) == COUNT


def test_a_mask_that_is_missing_is_told_at_once(folder):
    masks = [str(path) for path in sorted((folder / "masks").iterdir())]
    with pytest.raises(ConfigurationError, match=r"`labels` are masks.*images/03\.png"):
        load(folder, Masks(masks[:3] + masks[4:]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"label_mode": "categorical"}, "`label_mode` is 'categorical', and `labels` are masks"),
        ({"label_mode": None}, "`label_mode` is None, and `labels` are masks"),
        ({"on_error": "substitute"}, "`on_error` is 'substitute'.*masks.*Use 'skip'"),
    ],
)
def test_options_that_masks_do_not_go_with_are_told(folder, options, message):
    with pytest.raises(ConfigurationError, match=message):
        load(folder, **options)


@pytest.mark.parametrize(
    "layer",
    [
        keras.layers.RandomFlip(),
        keras.layers.RandomRotation(0.1),
        keras.layers.RandomZoom(0.1),
        keras.layers.RandomTranslation(0.1, 0.1),
        keras.layers.RandomShear(0.1, 0.1),
        keras.layers.RandomPerspective(),
        keras.layers.RandomElasticTransform(),
        keras.layers.RandomCrop(8, 8),
        keras.layers.CenterCrop(8, 8),
        keras.layers.Resizing(8, 8),
        keras.layers.AugMix(),
        keras.layers.CutMix(),
        keras.layers.MixUp(),
        keras.layers.RandAugment(),
        keras.layers.Lambda(lambda x: x[:, ::-1]),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_layers_that_would_part_images_from_their_masks_are_told(folder, layer):
    kind = type(layer).__name__
    message = f"`layers` holds {kind}, and `labels` are masks.*Use `augment`, which moves both"
    split = {"validation_split": 0.25, "subset": "validation"}
    for layers, options in ((layer, {}), ([keras.layers.Rescaling(2.0), layer], split), ({"x": [layer]}, {})):
        with pytest.raises(ConfigurationError, match=message):
            load(folder, layers=layers, **options)


STILL = [
    lambda: keras.layers.Rescaling(2.0),
    lambda: keras.layers.Normalization(mean=20.0, variance=4.0),
    lambda: keras.layers.RandomBrightness(0.1),
    lambda: keras.layers.RandomContrast(0.1),
    lambda: keras.layers.RandomHue(0.1),
    lambda: keras.layers.RandomPosterization(3),
    lambda: keras.layers.Solarization(),
    lambda: keras.layers.GaussianNoise(0.001),
]


@pytest.mark.parametrize("number", range(len(STILL)))
def test_layers_that_leave_pixels_in_their_place_go_with_masks(folder, number):
    """Each of them still tells the classes apart in the first channel, or else leaves all the same everywhere."""
    layer = STILL[number]()
    loaders = load(folder, dtype="float32", layers=[layer], validation_split=0.25, subset="both", seed=1)
    for loader in loaders:
        images, masks = loader.peek()
        for image, mask in zip(images, masks, strict=True):
            for name in np.unique(mask):
                assert np.ptp(image[..., 0][mask[..., 0] == name]) < 1


def test_masks_and_sample_weights_are_told(folder):
    images = sorted((folder / "images").iterdir())
    with pytest.raises(ConfigurationError, match="`sample_weight` is given, and `labels` are masks"):
        ImageLoader(images, Masks(folder / "masks"), sample_weight=[1] * COUNT)


def test_labels_of_a_table_are_those_of_its_columns(folder):
    table = {"filename": sorted(map(str, (folder / "images").iterdir()))}
    for options, message in (
        ({"labels": Masks(folder / "masks")}, r"`labels` is for.*`ImageLoader\(paths, sources\.Masks\(\.\.\.\)\)`"),
        ({"sample_weight": [1] * COUNT}, "`sample_weight` is for.*by `weight_col`"),
    ):
        with pytest.raises(ConfigurationError, match=message):
            ImageLoader.from_dataframe(table, y_col=None, **options)


def test_a_contact_sheet_lays_the_masks_over_their_images(folder):
    loader = load(folder, batch_size=1, image_size=112, interpolation="nearest")
    sheet = np.asarray(amalthea.preview(loader))[8:120, 8:120]
    _, masks = loader.peek()
    colors = [np.unique(sheet[masks[0, ..., 0] == number], axis=0) for number in range(1, 5)]
    assert all(len(color) == 1 for color in colors)
    assert len(np.unique(np.concatenate(colors), axis=0)) == 4
    clear = load(folder, batch_size=1, image_size=112, transform=lambda sample, rng: (sample[0], sample[1] * 0))
    np.testing.assert_array_equal(np.asarray(amalthea.preview(clear))[8:120, 8:120], clear.peek()[0][0])
