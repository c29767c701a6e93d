"""Keras layers once a batch: the result is NumPy, and depends on the seed and the batch alone."""

import importlib
import threading

import keras
import numpy as np
import pytest

import amalthea

SIZE, BATCH = 10, 4


class Augmenting(keras.layers.Layer):
    """A layer of one's own, with a seed of its own."""

    def __init__(self):
        super().__init__()
        self.seeds = keras.random.SeedGenerator(3)

    def call(self, x, training=False):
        x = keras.ops.cast(x, "float32")
        return x + keras.random.uniform(keras.ops.shape(x), seed=self.seeds) if training else x


def pictures(size=SIZE):
    rng = np.random.default_rng(0)
    return [(rng.integers(0, 256, (8, 8, 3)).astype("uint8"), np.int32(i)) for i in range(size)]


def augmentation():
    return [
        keras.layers.RandomFlip("horizontal_and_vertical"),
        keras.layers.RandomRotation(0.2),
        keras.layers.RandomZoom((-0.2, 0.2), (-0.2, 0.2)),
    ]


def loader(layers, **options):
    return amalthea.Loader(pictures(), layers=layers, **{"batch_size": BATCH, "seed": 1, **options})


def epochs_of(batches, epochs=2):
    return [batch for _ in range(epochs) for batch in batches]


def assert_same(first, second):
    assert len(first) == len(second)
    for (x, y), (other_x, other_y) in zip(first, second, strict=True):
        np.testing.assert_array_equal(x, other_x)
        np.testing.assert_array_equal(y, other_y)


def test_a_layer_makes_of_x_what_it_makes_by_itself():
    with loader(keras.layers.Rescaling(1 / 255), shuffle=False) as batches:
        for (x, y), start in zip(batches, range(0, SIZE, BATCH), strict=True):
            expected = np.stack([picture for picture, _ in pictures()[start : start + BATCH]]) * np.float32(1 / 255)
            assert type(x) is np.ndarray
            assert x.dtype == np.float32
            np.testing.assert_allclose(x, expected, rtol=1e-6)
            assert y.tolist() == list(range(start, min(start + BATCH, SIZE)))


@pytest.mark.parametrize("layers", [augmentation, lambda: keras.Sequential(augmentation()), Augmenting])
def test_what_is_random_depends_on_the_seed_and_the_batch_alone(layers):
    with loader(layers(), workers=0) as batches:
        expected = epochs_of(batches)
        x, _ = batches.peek()  # a look in between changes nothing
        batches.set_epoch(0)
        assert_same(epochs_of(batches), expected)
        batches.set_epoch(2)
        np.testing.assert_array_equal(next(iter(batches))[0], x)
    for crew in ({"workers": 1}, {"workers": 3}, {"workers": 2, "use_multiprocessing": True}):
        with loader(layers(), **crew) as batches:
            assert_same(epochs_of(batches), expected)
    with loader(layers(), seed=2) as batches:
        assert not np.array_equal(np.sort(epochs_of(batches)[0][0], None), np.sort(expected[0][0], None))


def test_the_batches_of_two_epochs_are_augmented_differently():
    source = [(picture, 0) for picture, _ in pictures(1) * 4]
    with amalthea.Loader(source, layers=augmentation(), batch_size=4, seed=1) as batches:
        (first, _), (second, _) = epochs_of(batches)
        assert len({picture.tobytes() for picture in [*first, *second]}) == 8


def test_a_model_that_is_trained_sees_the_same():
    class Sums(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(1)
            self.seen = self.add_weight(shape=(SIZE,), initializer="zeros", trainable=False)

        def call(self, x, training=False):
            return self.dense(keras.ops.mean(x, axis=(1, 2)) * 1e-6)

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            sums = keras.ops.sum(x, axis=(1, 2, 3))
            self.seen.assign(self.seen + keras.ops.matmul(sums, keras.ops.one_hot(y, SIZE)))
            return keras.ops.mean(y_pred) * 0.0

    with loader(augmentation(), workers=0) as batches:
        expected = np.zeros(SIZE)
        for x, y in epochs_of(batches):
            np.add.at(expected, y, x.sum(axis=(1, 2, 3)))
    with loader(augmentation(), workers=2) as batches:
        model = Sums()
        model.compile("sgd")
        model.fit(batches, epochs=2, verbose=0)
    np.testing.assert_allclose(keras.ops.convert_to_numpy(model.seen.value), expected, rtol=1e-4)


def test_layers_by_the_names_of_the_inputs():
    source = [{"image": picture, "number": np.float32([i])} for picture, i in pictures()]
    layers = {"image": [keras.layers.Rescaling(1 / 255), keras.layers.CenterCrop(4, 4)]}
    with amalthea.Loader(source, layers=layers, batch_size=BATCH, shuffle=False) as batches:
        batch = next(iter(batches))
    assert batch["image"].shape == (BATCH, 4, 4, 3)
    assert batch["image"].max() <= 1
    assert batch["number"].tolist() == [[0], [1], [2], [3]]


def test_a_validation_loader_tells_its_layers_that_it_is_no_training(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for number, (picture, _) in enumerate(pictures()):
            keras.utils.save_img(tmp_path / name / f"{number}.png", picture)
    options = {"image_size": 8, "validation_split": 0.5, "subset": "both", "seed": 0, "verbose": False}
    layers = [keras.layers.Rescaling(1 / 255), *augmentation()]
    training, validation = amalthea.ImageLoader.from_directory(tmp_path, layers=layers, **options)
    plain, expected = amalthea.ImageLoader.from_directory(tmp_path, rescale=1 / 255, **options)
    np.testing.assert_allclose(validation[0][0], expected[0][0], atol=1e-6)
    assert not np.allclose(training.peek()[0], plain.peek()[0], atol=0.05)


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (lambda x: x, "is no Keras layer. Functions of a sample are for `transform`"),
        ([keras.layers.Rescaling, 3], "is no Keras layer"),
        ({"image": keras.layers.Rescaling}, "is no Keras layer"),
    ],
)
def test_what_is_no_layer_is_an_error_at_once(layers, message):
    with pytest.raises(amalthea.ConfigurationError, match=message):
        loader(layers)


def test_an_input_that_is_not_there_is_an_error_at_once():
    with pytest.raises(amalthea.ConfigurationError, match=r"names the inputs \['sound'\]; those of a sample are"):
        loader({"sound": keras.layers.Rescaling(2.0)})
    with pytest.raises(amalthea.ConfigurationError, match="a tuple: give its inputs names"):
        amalthea.Loader([((1.0, 2.0), 3.0)] * 4, layers=keras.layers.Rescaling(2.0))


def test_a_layer_that_cannot_take_the_samples_says_so_at_construction():
    with pytest.raises(amalthea.ConfigurationError, match=r"the layer 'mine' \(Conv2D\) cannot take the input 'x'"):
        amalthea.Loader([(np.zeros(3, "float32"), 0)] * 4, layers=keras.layers.Conv2D(2, 3, name="mine"))


def test_a_layer_that_needs_another_library_says_so_at_construction():
    class Foreign(keras.layers.Layer):
        def call(self, x):
            return importlib.import_module("library_that_nobody_has").of(x)

    with pytest.raises(amalthea.ConfigurationError, match=r"(?s)\(Foreign\).*library_that_nobody_has"):
        loader(Foreign())


def test_a_layer_that_needs_tensorflow_says_so_at_construction():
    class Lookup(keras.layers.Layer):
        def call(self, x):
            raise ImportError("This requires the tensorflow module.")  # as those of Keras do where there is none

    with pytest.raises(amalthea.ConfigurationError, match="It needs TensorFlow, which is not installed"):
        loader(Lookup())


def test_a_layer_that_makes_no_array_is_an_error_at_once():
    class Several(keras.layers.Layer):
        def call(self, x):
            return {"twice": x}

    class Pair(keras.layers.Layer):
        def call(self, x):
            return x, x

    class OfAll(keras.layers.Layer):
        def call(self, x):
            return keras.ops.concatenate([x, x])

    for layer, made in ((Several(), "dict"), (Pair(), "tuple"), (OfAll(), r".*of one sample an array of shape \(2")):
        with pytest.raises(amalthea.ConfigurationError, match=f"(?s)makes {made}.*must make one|{made}"):
            loader(layer)


def test_a_layer_that_fails_later_names_the_batch():
    class Limited(keras.layers.Layer):
        def call(self, x):
            if x.shape[0] == BATCH:
                raise ValueError("too many")
            return x

    with loader(Limited(), shuffle=False) as batches:
        with pytest.raises(amalthea.SampleError, match=r"(?s)ValueError: .*too many") as error:
            batches[1]
        assert (error.value.index, error.value.stage) == (BATCH, "layers")


def test_a_spectrogram_of_waveforms_with_an_axis_for_channels_says_what_to_do():
    source = [np.zeros((4000, 1), "float32")] * 4
    layer = keras.layers.MelSpectrogram(fft_length=512, sequence_stride=256)
    with pytest.raises(amalthea.ConfigurationError, match=r"put `keras\.layers\.Reshape\(\(-1,\)\)` before it"):
        amalthea.Loader(source, layers=layer)
    with amalthea.Loader(source, layers=[keras.layers.Reshape((-1,)), layer], batch_size=2) as batches:
        assert batches[0].shape[:2] == (2, 128)


def test_loaders_that_share_layers_do_not_disturb_each_other():
    layers = [Augmenting()]
    with loader(layers, workers=0) as first, loader(layers, workers=0, seed=7) as second:
        expected = epochs_of(first), epochs_of(second)
    seen = {}
    with loader(layers) as first, loader(layers, seed=7) as second:
        threads = [
            threading.Thread(target=lambda key, each: seen.update({key: epochs_of(each)}), args=args)
            for args in enumerate((first, second))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert_same(seen[0], expected[0])
    assert_same(seen[1], expected[1])
