"""Against `keras.utils.audio_dataset_from_directory` itself: collected where TensorFlow is installed."""

import keras
import numpy as np
import pytest

import sounds
from amalthea import AudioLoader

LENGTHS = [1000, 300, 200, 1500, 120, 310, 900, 1800, 260, 40, 220, 77, 1001]


@pytest.fixture(scope="module", params=[1, 2], ids=["mono", "stereo"])
def folder(request, tmp_path_factory):
    """Thirteen waveforms of all values of 16 bits in three classes, and what is no WAV file."""
    root = tmp_path_factory.mktemp("sounds")
    sounds.write_all(root, LENGTHS, channels=request.param, classes=("yes", "no", "Up"))
    (root / "yes" / "notes.txt").write_text("no sound")
    (root / ".hidden").mkdir()
    return root


def both(folder, **options):
    options = {"verbose": False, "batch_size": 4, **options}
    return AudioLoader.from_directory(folder, **options), keras.utils.audio_dataset_from_directory(folder, **options)


def check_equal(ours, theirs):
    for batch, expected in zip(ours, theirs, strict=True):
        pairs = zip(batch, expected, strict=True) if isinstance(batch, tuple) else [(batch, expected)]
        for one, other in pairs:
            assert one.dtype == other.numpy().dtype
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("length", [None, 1, 500, 5000])
@pytest.mark.parametrize("label_mode", ["int", "categorical", None])
def test_waveforms_labels_and_the_length_of_each_batch_are_those_of_keras(folder, length, label_mode):
    ours, theirs = both(folder, output_sequence_length=length, label_mode=label_mode, shuffle=False)
    check_equal(ours, theirs)
    assert label_mode is None or ours.class_names == theirs.class_names


def test_two_of_the_classes_in_another_order_are_those_of_keras(folder):
    ours, theirs = both(folder, class_names=["yes", "Up"], label_mode="binary", shuffle=False)
    check_equal(ours, theirs)
    assert ours.class_names == theirs.class_names


def test_a_list_of_labels_and_none_are_those_of_keras(folder):
    check_equal(*both(folder, labels=list(range(13)), shuffle=False))
    check_equal(*both(folder, labels=None, shuffle=False))


def test_without_padding_each_waveform_is_the_ragged_one_of_keras(folder):
    dataset = keras.utils.audio_dataset_from_directory(
        folder, ragged=True, shuffle=False, verbose=False, batch_size=None
    )
    source = AudioLoader.from_directory(folder, shuffle=False, verbose=False).source
    for place, (waveform, label) in enumerate(dataset):
        np.testing.assert_array_equal(source[place][0], waveform.to_tensor())
        assert source[place][1] == label


@pytest.mark.parametrize("seed", [1, 123])
def test_what_is_set_aside_for_validation_is_what_keras_sets_aside(folder, seed):
    ours, theirs = both(folder, seed=seed, validation_split=0.4, subset="validation")
    # Keras shuffles its validation set when it is asked for alone; ours is unshuffled always.
    assert sorted(map(_identity, _rows(ours))) == sorted(map(_identity, _rows(theirs)))
    (_, ours), (_, theirs) = both(folder, seed=seed, validation_split=0.4, subset="both")
    check_equal(ours, theirs)


@pytest.mark.parametrize("seed", [1, 123])
def test_training_files_are_those_of_keras(folder, seed):
    (ours, _), (theirs, _) = both(folder, seed=seed, validation_split=0.4, subset="both")
    assert sorted(map(_identity, _rows(ours))) == sorted(map(_identity, _rows(theirs)))


def test_links_are_followed_as_keras_follows_them(folder, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "linked").symlink_to(folder / "yes")
    (tmp_path / "b").symlink_to(folder / "no")
    ours, theirs = both(tmp_path, follow_links=True, shuffle=False)
    assert len(ours.file_paths) == 9
    check_equal(ours, theirs)


def _rows(batches):
    for waveforms, labels in batches:
        yield from zip(np.asarray(waveforms), np.asarray(labels), strict=True)


def _identity(row):
    """A waveform without the zeros behind it, and its label."""
    waveform, label = row
    return np.trim_zeros(waveform.ravel(), "b").tobytes(), int(label)


@pytest.mark.parametrize("width", [8, 24])
def test_other_widths_that_tensorflow_cannot_read_are_read(tmp_path, width):
    sounds.write(tmp_path / "a" / "0.wav", sounds.tone(440, 16000), subtype="PCM_U8" if width == 8 else "PCM_24")
    ours, theirs = both(tmp_path)
    assert next(iter(ours))[0].shape == (1, 16000, 1)
    with pytest.raises(Exception, match="16-bit"):
        list(theirs)
