"""AudioLoader: batches, labels, lengths, augmentation, splits, broken files."""

import sys

import cloudpickle
import keras
import numpy as np
import pytest

import sounds
from amalthea import AudioLoader, SampleError
from amalthea.errors import ConfigurationError

# As if it were a script: a worker process that imported this module would import Keras.
cloudpickle.register_pickle_by_value(sys.modules[__name__])

LENGTHS = [100, 300, 200, 50, 120, 310, 90, 180, 260, 40, 220]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Eleven waveforms of different lengths in two classes."""
    root = tmp_path_factory.mktemp("sounds")
    sounds.write_all(root, LENGTHS)
    return root


@pytest.fixture(scope="module")
def paths(folder):
    return sorted((str(path) for path in folder.rglob("*.wav")), key=lambda path: path[-7:])


def truth(place):
    """What is in a file, by its place in the order of the lengths."""
    return sounds.pcm(LENGTHS[place], 1, place) / 32768


def check_rows(waveforms, labels):
    """Each row is its file, followed by zeros up to the longest."""
    for row, label in zip(waveforms, labels, strict=True):
        np.testing.assert_array_equal(row[: LENGTHS[label]], truth(label))
        assert not row[LENGTHS[label] :].any()


def louder(waveform, rng):
    return waveform * np.float32(rng.uniform(0.5, 1))


def test_a_batch_is_as_long_as_its_longest_waveform(paths):
    loader = AudioLoader(paths, range(len(paths)), batch_size=4, shuffle=False)
    batches = list(loader)
    assert [waveforms.shape for waveforms, _ in batches] == [(4, 300, 1), (4, 310, 1), (3, 260, 1)]
    assert batches[0][0].dtype == np.float32
    for waveforms, labels in batches:
        check_rows(waveforms, labels)


def test_with_a_length_all_batches_have_it(paths):
    loader = AudioLoader(paths, output_sequence_length=150, batch_size=4, shuffle=False)
    batches = list(loader)
    assert [batch.shape for batch in batches] == [(4, 150, 1), (4, 150, 1), (3, 150, 1)]
    for place, row in enumerate(np.concatenate(batches)):
        kept = min(150, LENGTHS[place])
        np.testing.assert_array_equal(row[:kept], truth(place)[:kept])
        assert not row[kept:].any()


@pytest.mark.parametrize("bucket_by_length", [False, True])
@pytest.mark.parametrize("options", [{}, {"augment": [louder], "sampling_rate": 8000}])
def test_the_stream_is_the_same_whoever_makes_it(paths, bucket_by_length, options):
    def batches(workers, processes=False):
        with AudioLoader(
            paths,
            range(len(paths)),
            batch_size=3,
            seed=4,
            workers=workers,
            use_multiprocessing=processes,
            bucket_by_length=bucket_by_length,
            **options,
        ) as loader:
            return [(x.copy(), y.copy()) for _ in range(2) for x, y in loader]

    expected = batches(0)
    for epoch in (expected[:4], expected[4:]):
        assert sorted(np.concatenate([labels for _, labels in epoch])) == list(range(len(paths)))
    for crew in [(1,), (2,), (1, True), (2, True)]:
        for ours, theirs in zip(batches(*crew), expected, strict=True):
            np.testing.assert_array_equal(ours[0], theirs[0])
            np.testing.assert_array_equal(ours[1], theirs[1])


def test_worker_processes_import_no_keras(paths):
    def keras_is_there(waveform, rng):
        return np.full_like(waveform, "keras" in sys.modules)

    with AudioLoader(
        paths, augment=keras_is_there, output_sequence_length=9, workers=1, use_multiprocessing=True
    ) as loader:
        assert not any(batch.any() for batch in loader)


def test_bucketed_batches_have_waveforms_of_like_length_and_all_of_them(paths):
    loader = AudioLoader(paths, range(len(paths)), batch_size=3, bucket_by_length=True, seed=0, drop_remainder=True)
    batches = list(loader)
    spans = [max(lengths) - min(lengths) for lengths in ([LENGTHS[label] for label in y] for _, y in batches)]
    assert max(spans) <= 130
    for waveforms, labels in batches:
        check_rows(waveforms, labels)


def test_augmentation_gets_a_waveform_without_the_zeros_of_its_batch(paths):
    def reversed_in_time(waveform, rng):
        return waveform[::-1]

    loader = AudioLoader(paths, range(len(paths)), batch_size=11, shuffle=False, augment=reversed_in_time)
    ((waveforms, labels),) = list(loader)
    for row, label in zip(waveforms, labels, strict=True):
        np.testing.assert_array_equal(row[: LENGTHS[label]], truth(label)[::-1])
        assert not row[LENGTHS[label] :].any()


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_an_augmented_waveform_keeps_the_dtype(paths, dtype):
    def noisy(waveform, rng):
        return waveform + rng.normal(0, 0.01, waveform.shape)

    assert AudioLoader(paths, augment=noisy, dtype=dtype)[0].dtype == dtype


def test_augmentation_that_makes_a_waveform_longer_is_an_error(paths):
    loader = AudioLoader(paths, shuffle=False, augment=lambda waveform, rng: np.repeat(waveform, 9, axis=0))
    with pytest.raises(SampleError, match=r"x has 900 steps, more than the \d+ of its batch"):
        list(loader)


def test_from_directory_has_classes_files_and_a_plain_validation_set(folder, capsys):
    training, validation = AudioLoader.from_directory(
        folder, validation_split=0.3, subset="both", seed=1, augment=louder, bucket_by_length=True
    )
    assert capsys.readouterr().out == (
        "Found 11 files belonging to 2 classes.\nUsing 8 files for training.\nUsing 3 files for validation.\n"
    )
    assert training.class_names == validation.class_names == ["down", "up"]
    assert len({*training.file_paths, *validation.file_paths}) == 11
    ((waveforms, labels),) = list(validation)
    for row, label, path in zip(waveforms, labels, validation.file_paths, strict=True):
        place = int(path[-7:-4])
        assert label == place % 2
        np.testing.assert_array_equal(row[: LENGTHS[place]], truth(place))


def test_a_folder_of_all_formats_is_read(tmp_path):
    for place, suffix in enumerate((*sounds.SUFFIXES, ".WAV")):
        sounds.write(tmp_path / "a" / f"{place}{suffix}", sounds.tone(440, 16000, 0.1), format=suffix[1:].upper())
    (tmp_path / "a" / "notes.txt").write_text("no sound")
    (waveforms,) = list(AudioLoader.from_directory(tmp_path, label_mode=None, shuffle=False, verbose=False))
    assert waveforms.shape == (5, 1600, 1)


@pytest.mark.parametrize(
    ("label_mode", "dtype", "shape"),
    [("int", np.int32, (11,)), ("binary", np.float32, (11, 1)), ("categorical", np.float32, (11, 2))],
)
def test_label_modes(folder, label_mode, dtype, shape):
    ((_, labels),) = list(AudioLoader.from_directory(folder, label_mode=label_mode, batch_size=11, verbose=False))
    assert (labels.dtype, labels.shape) == (dtype, shape)


def test_weights_come_third(paths):
    weights = np.arange(11) / 10
    loader = AudioLoader(paths, [0, 1] * 5 + [0], sample_weight=weights, shuffle=False, batch_size=11)
    ((_, _, third),) = list(loader)
    np.testing.assert_array_equal(third, weights.astype(np.float32))


def test_class_weights_and_balanced_drawing(paths):
    labels = [0] * 9 + [1] * 2
    ((_, y, weights),) = list(AudioLoader(paths, labels, class_weight="balanced", shuffle=False, batch_size=11))
    np.testing.assert_allclose(weights, np.where(y == 0, 11 / 18, 11 / 4), rtol=1e-6)
    drawn = AudioLoader(paths, labels, sampling_weights="balanced", output_sequence_length=1, seed=0)
    ones = np.mean([y.mean() for _ in range(40) for _, y in drawn])
    assert 0.4 < ones < 0.6


def test_a_part_for_validation_is_not_augmented(paths):
    loader = AudioLoader(paths, range(11), augment=louder, batch_size=3)
    part = loader.part([3, 1], training=False)
    ((waveforms, labels),) = list(part)
    assert labels.tolist() == [3, 1]
    check_rows(waveforms, labels)


def test_weights_without_labels_are_an_error(paths):
    with pytest.raises(ConfigurationError, match="`sample_weight` is given"):
        AudioLoader(paths, [0, 1] * 5 + [0], label_mode=None, sample_weight=np.ones(11))


@pytest.mark.parametrize("options", [{}, {"output_sequence_length": 100}, {"augment": louder}])
@pytest.mark.parametrize("processes", [False, True])
def test_a_broken_file_is_named(tmp_path, options, processes):
    paths = sounds.write_all(tmp_path, [100] * 3)
    with open(paths[1], "wb") as file:
        file.write(b"no sound")
    with (
        AudioLoader(paths, [0, 1, 2], shuffle=False, workers=1, use_multiprocessing=processes, **options) as loader,
        pytest.raises(SampleError, match=r"sample 1 \('.*001\.wav'\) could not be made, .* no audio file"),
    ):
        list(loader)


def test_a_file_of_other_channels_is_named(tmp_path):
    paths = [sounds.write(tmp_path / f"{channels}.wav", sounds.pcm(50, channels)) for channels in (1, 2)]
    with pytest.raises(SampleError, match=r"2\.wav.* it has 2 channels, where 1 are wanted"):
        list(AudioLoader(paths, shuffle=False))
    assert next(iter(AudioLoader(paths, channels=2, shuffle=False))).shape == (2, 50, 2)


@pytest.mark.filterwarnings("ignore:.*`loader.errors` lists all such samples")
@pytest.mark.parametrize("broken", [0, 3])
def test_broken_files_may_be_skipped_or_weigh_nothing(tmp_path, broken):
    paths = sounds.write_all(tmp_path, [100, 80, 60, 40])
    with open(paths[broken], "r+b") as file:
        file.truncate(70)
    options = {"batch_size": 4, "shuffle": False, "max_errors": 1}
    ((waveforms, labels),) = list(AudioLoader(paths, range(4), on_error="skip", **options))
    assert waveforms.shape == (4, 80 if broken == 0 else 100, 1)
    assert broken not in labels
    loader = AudioLoader(paths, range(4), on_error="substitute", **options)
    ((waveforms, _, weights),) = list(loader)
    assert weights.tolist() == [float(place != broken) for place in range(4)]
    assert not waveforms[broken].any()
    assert [error.path for error in loader.errors] == [paths[broken]]


def test_a_small_model_learns_to_tell_low_from_high(tmp_path):
    for place in range(24):
        frequency = (200, 2000)[place % 2] * (1 + place / 100)
        samples = sounds.tone(frequency, 8000, seconds=0.02 + place / 1000)
        sounds.write(tmp_path / ("low", "high")[place % 2] / f"{place}.wav", samples, 8000)
    training = AudioLoader.from_directory(tmp_path, batch_size=8, seed=0, output_sequence_length=256, verbose=False)
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.layers.Input((None, 1)),
            keras.layers.Conv1D(8, 9, activation="relu"),
            keras.layers.GlobalAveragePooling1D(),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.03), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(training, epochs=12, verbose=0)
    assert model.evaluate(training, verbose=0)[1] == 1


def test_layers_make_spectrograms_on_the_running_backend(paths):
    layers = [
        keras.layers.Reshape((300,)),
        keras.layers.MelSpectrogram(fft_length=64, sequence_stride=32, num_mel_bins=8, sampling_rate=16000),
    ]
    loader = AudioLoader(
        paths, [0] * 11, output_sequence_length=300, sampling_rate=16000, layers=layers, batch_size=4, seed=0
    )
    batches = list(loader)
    waveform = AudioLoader(paths, [0] * 11, output_sequence_length=300, batch_size=4, seed=0)
    for (ours, _), (plain, _) in zip(batches, waveform, strict=True):
        assert isinstance(ours, np.ndarray)
        assert ours.shape[:2] == (len(plain), 8)
        np.testing.assert_allclose(ours, keras.ops.convert_to_numpy(layers[1](plain[..., 0])), atol=1e-5)
