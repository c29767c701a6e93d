"""ImageLoader with a cache: the very stream that it has without one."""

import inspect
import os
import shutil

import numpy as np
import pytest

import amalthea
import pictures
from amalthea import sources, transforms
from amalthea.errors import ConfigurationError, SampleError
from amalthea.testing.findings import difference

SIZE = 14
AUGMENT = [transforms.RandomFlip("horizontal"), transforms.RandomRotation(0.2)]
PROCESSES = {"workers": 2, "use_multiprocessing": True}
WAYS = [{"workers": 0}, {"workers": 3}, PROCESSES]
FORMATS = [
    {"dtype": "uint8"},
    {"rescale": 1 / 255},
    {"dtype": "float16", "data_format": "channels_first", "color_mode": "grayscale"},
    {"augment": AUGMENT, "rescale": 1 / 255},
    {"augment": AUGMENT, "data_format": "channels_first", "crop_to_aspect_ratio": True},
    {"interpolation": "bicubic", "decoder": "pillow", "pad_to_aspect_ratio": True, "drop_remainder": True},
]


@pytest.fixture
def folder(tmp_path):
    """A folder of two classes, of noise in all sizes."""
    for number in range(SIZE):
        path = tmp_path / "images" / ("even", "odd")[number % 2] / f"{number:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        pictures.noise_picture(20 + number, 30, seed=number).save(path)
    return tmp_path / "images"


@pytest.fixture
def processes():
    """Two worker processes, which all loaders in a test share."""
    with amalthea.Loader([0.0], **PROCESSES) as loader:
        loader.peek()
        yield


def files(folder):
    return sorted(str(path) for path in folder.glob("*/*.png"))


def loader_of(folder, **options):
    return amalthea.ImageLoader(
        files(folder),
        list(range(SIZE)),
        **{"label_mode": "raw", "image_size": 16, "batch_size": 4, "seed": 7, **options},
    )


def epochs(loader, count=3):
    with loader:
        return [list(loader) for _ in range(count)]


@pytest.fixture(params=["memory", "folder"])
def place(request, tmp_path):
    return "memory" if request.param == "memory" else tmp_path / "cache"


@pytest.mark.parametrize("options", FORMATS, ids=[" ".join(each) for each in FORMATS])
@pytest.mark.usefixtures("processes")
def test_the_stream_is_that_without_a_cache(folder, place, options):
    expected = epochs(loader_of(folder, workers=0, **options))
    for way in WAYS:
        loader = loader_of(folder, cache=place, **options, **way)
        assert difference(expected, epochs(loader)) is None
        assert loader.cache.filled >= SIZE - SIZE % 4
    if place != "memory":  # all three had one file
        assert len(os.listdir(place)) == 1


@pytest.mark.parametrize("way", WAYS[1:], ids=["threads", "processes"])
def test_the_second_epoch_reads_no_file(folder, place, way):
    expected = epochs(loader_of(folder, workers=0))
    with loader_of(folder, cache=place, **way) as loader:
        first = list(loader)
        shutil.rmtree(folder)
        assert difference(expected, [first, list(loader), list(loader)]) is None


def test_training_and_validation_share_one_cache(folder, place, capsys):
    def loaders(**options):
        return amalthea.ImageLoader.from_directory(
            folder, image_size=16, seed=3, validation_split=0.3, subset="both", augment=AUGMENT, batch_size=3, **options
        )

    expected = [epochs(each) for each in loaders(verbose=False)]
    for filled in (0, 0 if place == "memory" else 100):
        capsys.readouterr()
        training, validation = loaders(cache=place)
        where = "memory" if place == "memory" else place
        out = capsys.readouterr().out
        assert out.startswith("Found 14 files belonging to 2 classes.\nUsing 10 files for training.\nUsing 4 files")
        assert "\nCache: 14 images of 16 x 16 x 3, 1" in out
        assert out.endswith(f" kB, in {where}, {filled} % filled.\n")
        assert training.cache is validation.cache
        assert difference(expected, [epochs(training), epochs(validation)]) is None
        assert training.cache.filled == SIZE
        assert training.class_names == ["even", "odd"]
        assert sorted([*training.file_paths, *validation.file_paths]) == files(folder)


def test_other_splits_of_a_folder_have_the_same_cache(folder, tmp_path):
    for seed, subset in [(1, "training"), (2, "validation"), (3, None)]:
        split = {"validation_split": 0.5, "subset": subset} if subset else {}
        options = {"image_size": 16, "seed": seed, "verbose": False, **split}
        expected = epochs(amalthea.ImageLoader.from_directory(folder, **options), 1)
        loader = amalthea.ImageLoader.from_directory(folder, cache=tmp_path / "cache", **options)
        assert difference(expected, epochs(loader, 1)) is None
    assert len(os.listdir(tmp_path / "cache")) == 1


def test_a_table_has_a_cache_too(folder, place):
    table = {"filename": files(folder), "class": ["a", "b"] * (SIZE // 2)}
    options = {"image_size": 16, "seed": 3, "verbose": False, "validation_split": 0.3, "subset": "both"}
    expected = [epochs(each) for each in amalthea.ImageLoader.from_dataframe(table, **options)]
    cached = amalthea.ImageLoader.from_dataframe(table, cache=place, **options)
    assert difference(expected, [epochs(each) for each in cached]) is None


def test_a_part_of_a_loader_has_its_cache(folder, place):
    plain, cached = loader_of(folder, rescale=1 / 255), loader_of(folder, rescale=1 / 255, cache=place)
    for indices, training in [([1, 3, 5], True), ([0, 5], False)]:
        expected = epochs(plain.part(indices, training=training))
        assert difference(expected, epochs(cached.part(indices, training=training))) is None
    assert cached.cache.filled == 4
    assert cached.part([1, 3]).part([0]).cache is cached.cache
    assert plain.part([1, 3]).cache is None


def test_masks_move_with_cached_pictures(folder, tmp_path, place):
    masks = [str(tmp_path / os.path.basename(path)) for path in files(folder)]
    for number, path in enumerate(masks):
        pictures.noise_picture(20 + number, 30, "L", number).save(path)

    def loader(**options):
        paths = files(folder)
        return amalthea.ImageLoader(paths, sources.Masks(masks), image_size=16, seed=1, augment=AUGMENT, **options)

    expected = epochs(loader())
    assert difference(expected, epochs(loader(cache=place))) is None


@pytest.mark.filterwarnings("ignore:.*`loader.errors` lists all such samples")
@pytest.mark.parametrize("on_error", ["skip", "substitute"])
@pytest.mark.usefixtures("processes")
def test_what_is_broken_is_not_kept_and_others_stand_in_as_without_a_cache(folder, tmp_path, on_error):
    for path in (files(folder)[0], files(folder)[8]):
        with open(path, "wb") as file:
            file.write(b"no picture")
    options = {"on_error": on_error, "max_errors": None}
    plain = loader_of(folder, workers=0, **options)
    expected = epochs(plain)
    for number, way in enumerate(WAYS):
        for place in ("memory", tmp_path / str(number)):
            loader = loader_of(folder, cache=place, **options, **way)
            assert difference(expected, epochs(loader)) is None
            assert [str(each) for each in loader.errors] == [str(each) for each in plain.errors]
            assert loader.cache.filled == SIZE - 2


def test_a_broken_picture_is_the_error_that_it_is_without_a_cache(folder, place):
    path = files(folder)[0]
    with open(path, "wb") as file:
        file.write(b"no picture")
    with pytest.raises(SampleError) as expected:
        loader_of(folder)
    with pytest.raises(SampleError) as error:
        loader_of(folder, cache=place)
    assert str(error.value) == str(expected.value)
    assert error.value.path == path


def test_pictures_in_quarantine_are_not_read(folder, place):
    """Not even for their shape: the first two are no files that can be read to an end."""
    paths = files(folder)
    for path in paths[:2]:
        os.remove(path)
        os.mkfifo(path)
    options = {"on_error": "skip", "quarantine": paths[:2], "seed": 7, "image_size": 16, "workers": 0}
    expected = epochs(amalthea.ImageLoader(paths, **options), 1)
    assert difference(expected, epochs(amalthea.ImageLoader(paths, cache=place, **options), 1)) is None


def test_pictures_that_are_all_missing_are_the_error_of_the_first(place):
    with pytest.raises(SampleError, match=r"^sample 0 .'/nowhere/0.png'. could not be made, stage 'source'"):
        amalthea.ImageLoader(["/nowhere/0.png", "/nowhere/1.png"], cache=place)


def test_a_file_that_was_changed_between_runs_is_read_anew(folder, tmp_path):
    options = {"cache": tmp_path / "cache", "shuffle": False}
    before = epochs(loader_of(folder, **options), 1)
    pictures.noise_picture(40, 40, seed=99).save(files(folder)[2])
    expected = epochs(loader_of(folder, shuffle=False), 1)
    assert difference(before, expected) is not None
    for way in WAYS:
        assert difference(expected, epochs(loader_of(folder, **options, **way), 1)) is None
    assert len(os.listdir(tmp_path / "cache")) == 1


def test_fill_makes_all_at_once(folder, place):
    expected = epochs(loader_of(folder), 2)
    loader = loader_of(folder, cache=place)
    assert loader.cache.filled <= 1
    loader.cache.fill()
    assert loader.cache.filled == SIZE
    shutil.rmtree(folder)
    assert difference(expected, epochs(loader, 2)) is None


def test_there_is_no_cache_by_default(folder):
    assert loader_of(folder).cache is None


def test_several_inputs_have_each_their_cache(folder, place):
    def loader(image):
        inputs = {"image": image, "number": np.arange(SIZE)}
        return amalthea.MultiInputLoader(inputs, np.arange(SIZE), batch_size=4, seed=2, **PROCESSES)

    images = sources.ImageFiles(files(folder), 16)
    expected = epochs(loader(images))
    cached = sources.Cached(images, place)
    assert difference(expected, epochs(loader(cached))) is None
    assert cached.filled == SIZE


@pytest.mark.filterwarnings("ignore:A worker process ended with exit code")
def test_a_worker_that_is_killed_while_the_cache_is_filled_changes_nothing(folder, place):
    expected = epochs(loader_of(folder))

    class Deadly:
        """Ends the first worker process that comes to sample 9, when it has others in the cache."""

        def __init__(self, images, witness):
            self.images, self.witness = images, witness

        def __len__(self):
            return SIZE

        def __getitem__(self, index):
            if index == 9 and not os.path.exists(self.witness):
                open(self.witness, "w").close()
                os.kill(os.getpid(), 9)
            return self.images[index]

    witness = str(folder / "witness")
    images = Deadly(sources.ImageFiles(files(folder), 16), witness)
    cached = sources.Cached(images, place, key="deadly")
    source = sources.Labelled(cached, np.arange(SIZE))
    with amalthea.Loader(source, batch_size=4, seed=7, **PROCESSES) as loader:
        assert difference(expected, [list(loader) for _ in range(3)]) is None
    assert os.path.exists(witness)
    assert cached.filled == SIZE


@pytest.mark.parametrize("inside", ["cache", "even/cache", "deep/er"])
def test_a_folder_that_would_be_a_class_is_refused(folder, inside):
    with pytest.raises(
        ConfigurationError, match=r"would be a class. Pass a folder elsewhere, or a hidden one: .*\.\w+"
    ):
        amalthea.ImageLoader.from_directory(folder, cache=folder / inside, verbose=False)
    assert sorted(os.listdir(folder)) == ["even", "odd"]


@pytest.mark.parametrize(("inside", "labels"), [(".cache", "inferred"), ("", "inferred"), ("cache", None)])
def test_a_cache_may_be_hidden_among_the_images(folder, inside, labels):
    def loader(**options):
        return amalthea.ImageLoader.from_directory(folder, labels, image_size=16, seed=0, verbose=False, **options)

    expected = epochs(loader())
    for _ in range(2):
        assert difference(expected, epochs(loader(cache=folder / inside))) is None


def test_help_knows_the_arguments_of_from_directory():
    assert "validation_split" in inspect.signature(amalthea.ImageLoader.from_directory).parameters


@pytest.mark.parametrize("cache", [5, True, False])
def test_a_cache_is_memory_or_a_folder(folder, cache):
    with pytest.raises(ConfigurationError, match=f"`cache` is {cache}; it must be 'memory', or the path of a folder"):
        loader_of(folder, cache=cache)
