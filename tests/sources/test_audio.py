"""AudioFiles: values, lengths, rates, channels, and files that are broken."""

import os
import pickle
import subprocess
import sys
import wave
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sounds
from amalthea.errors import ConfigurationError
from amalthea.sources import AudioFiles, resample
from amalthea.testing import check_source

one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)


@pytest.fixture
def noise(tmp_path):
    return sounds.write(tmp_path / "noise.wav", sounds.pcm(1000, 2))


@one_folder
@given(length=st.integers(1, 50), channels=st.integers(1, 4), seed=st.integers(0, 99))
def test_wav_of_16_bits_is_its_numbers_divided_by_32768(tmp_path, length, channels, seed):
    samples = sounds.pcm(length, channels, seed)
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setparams((channels, 2, 8000, 0, "NONE", None))
        file.writeframes(samples.astype("<i2").tobytes())
    waveform = AudioFiles([tmp_path / "a.wav"])[0]
    assert waveform.dtype == np.float32
    np.testing.assert_array_equal(waveform, samples / 32768)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize(
    ("subtype", "step"), [("PCM_U8", 2**-7), ("PCM_16", 2**-15), ("PCM_24", 2**-23), ("FLOAT", 2**-24)]
)
def test_other_widths_come_out_as_the_same_waveform(tmp_path, subtype, step, dtype):
    truth = sounds.tone(440, 16000)
    source = AudioFiles([sounds.write(tmp_path / "a.wav", truth, subtype=subtype)], dtype=dtype)
    assert source[0].dtype == dtype
    np.testing.assert_allclose(source[0], truth, rtol=0, atol=step + np.finfo(dtype).eps)


@pytest.mark.parametrize("channels", [1, 2])
def test_flac_is_the_wav_bit_for_bit(tmp_path, channels):
    samples = sounds.pcm(5000, channels)
    paths = [sounds.write(tmp_path / name, samples) for name in ("a.wav", "a.flac")]
    first, second = AudioFiles(paths)
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("suffix", [".ogg", ".mp3"])
def test_lossy_formats_are_of_the_same_shape_and_close(tmp_path, suffix, channels):
    truth = sounds.tone(440, 16000, channels=channels)
    waveform = AudioFiles([sounds.write(tmp_path / f"a{suffix}", truth)])[0]
    assert waveform.shape == truth.shape
    assert sounds.snr(waveform[1000:-1000], truth[1000:-1000]) > 25


def test_an_mp3_whose_length_is_an_estimate_is_filled_up(tmp_path):
    """Without its first frame, which holds the table of frames, the length is guessed from the size."""
    path = tmp_path / "a.mp3"
    sounds.write(path, sounds.pcm(16000) // 4, 44100, bitrate_mode="CONSTANT", compression_level=0.5)
    data = path.read_bytes()
    path.write_bytes(data[data.index(data[:2], 2) :])
    source = AudioFiles([path])
    with soundfile.SoundFile(path) as file:
        readable = len(file.read())
    assert readable < source.lengths[0]
    assert not source[0][readable:].any()
    assert source[0][:readable].any()


@pytest.mark.parametrize("suffix", sounds.SUFFIXES)
@pytest.mark.parametrize("wanted", [1, 999, 1000, 1001, 3000])
@pytest.mark.parametrize("rate", [None, 8000, 44100])
def test_cut_is_the_beginning_and_padded_is_followed_by_zeros(tmp_path, suffix, wanted, rate):
    path = sounds.write(tmp_path / f"a{suffix}", sounds.pcm(1000, 2) // 4)
    (whole,) = AudioFiles([path], sampling_rate=rate)
    (fixed,) = AudioFiles([path], sampling_rate=rate, output_sequence_length=wanted)
    assert fixed.shape == (wanted, 2)
    kept = min(wanted, len(whole))
    np.testing.assert_array_equal(fixed[:kept], whole[:kept])
    assert not fixed[kept:].any()


@one_folder
@given(
    length=st.integers(1, 4000),
    rate=st.sampled_from([8000, 11025, 16000, 22050, 44100, 48000, 7919]),
    wanted=st.sampled_from([None, 8000, 16000, 22050, 44100]),
    channels=st.sampled_from([None, 1, 2]),
    dtype=st.sampled_from(["float16", "float32", "float64"]),
    cut=st.integers(1, 6000),
)
def test_lengths_come_from_headers_and_rows_are_what_samples_are(tmp_path, length, rate, wanted, channels, dtype, cut):
    path = sounds.write(tmp_path / "a.wav", sounds.pcm(length, 2 if channels == 1 else 1), rate)
    options = {"sampling_rate": wanted, "channels": channels, "dtype": dtype}
    source = AudioFiles([path], **options)
    whole = source[0]
    assert source.lengths.tolist() == [len(whole)]
    assert whole.shape == (-(-length * (wanted or rate) // rate), channels or 1)
    row, padded = (np.full((len(whole) + 5, whole.shape[1]), 7, dtype) for _ in range(2))
    source.read_into(0, row)
    source.pad(whole, padded)
    np.testing.assert_array_equal(row, padded)
    np.testing.assert_array_equal(row[:-5], whole)
    assert not row[-5:].any()
    fixed = AudioFiles([path], output_sequence_length=cut, **options)
    assert fixed.lengths is None
    np.testing.assert_array_equal(fixed[0][: len(whole)], whole[:cut])


def test_a_waveform_longer_than_its_row_is_an_error(noise):
    source = AudioFiles([noise])
    with pytest.raises(ValueError, match="its shape is"):
        source.pad(source[0], np.empty((999, 2), np.float32))


def test_a_thousand_headers_are_in_their_places(tmp_path):
    paths = [sounds.write(tmp_path / f"{length}.wav", sounds.pcm(length)) for length in range(1, 20)]
    assert AudioFiles(paths * 60).lengths.tolist() == [*range(1, 20)] * 60


# The filter is 86 dB down, so that what it adds or leaves is below the noise of 14 bits.
@pytest.mark.parametrize("frequency", [440, 3000])
@pytest.mark.parametrize(("rate", "wanted"), [(48000, 16000), (44100, 16000), (16000, 44100), (8000, 16000)])
def test_a_resampled_tone_is_the_tone_made_at_that_rate(tmp_path, rate, wanted, frequency):
    path = sounds.write(tmp_path / "a.wav", sounds.tone(frequency, rate), rate, subtype="FLOAT")
    waveform, truth = AudioFiles([path], sampling_rate=wanted)[0], sounds.tone(frequency, wanted)
    assert waveform.shape == truth.shape
    inner = slice(wanted // 20, -wanted // 20)  # at its ends the tone begins and stops: that is no pure tone
    assert sounds.snr(waveform[inner], truth[inner]) > 84


@pytest.mark.parametrize("rate", [48000, 44100])
def test_what_the_new_rate_cannot_hold_is_filtered_out(tmp_path, rate):
    path = sounds.write(tmp_path / "a.wav", sounds.tone(10500, rate), rate, subtype="FLOAT")
    waveform = AudioFiles([path], sampling_rate=16000)[0][800:-800]
    assert 20 * np.log10(np.abs(waveform).max() / 0.5) < -86


def test_a_file_of_the_rate_that_is_wanted_is_left_alone(noise):
    np.testing.assert_array_equal(AudioFiles([noise], sampling_rate=16000)[0], AudioFiles([noise])[0])


@given(st.integers(1, 200000), st.integers(1, 200000), st.integers(1, 10**6))
def test_frames_for_a_length_are_enough_for_it(rate, wanted, length):
    up, down = 1, 1
    if 0.01 <= wanted / rate <= 100:
        up, down = resample.ratio(rate, wanted)
    assert resample.resampled_length(resample.frames_for(length, up, down), up, down) >= length


def test_one_channel_is_the_mean_and_one_is_copied_to_many(tmp_path):
    stereo, mono = sounds.pcm(100, 2), sounds.pcm(100)
    paths = [sounds.write(tmp_path / "s.wav", stereo), sounds.write(tmp_path / "m.wav", mono)]
    first, second = AudioFiles(paths, channels=1)
    np.testing.assert_array_equal(first, stereo.mean(axis=1, keepdims=True) / 32768)
    np.testing.assert_array_equal(second, mono / 32768)
    first, second = AudioFiles(paths, channels=2)
    np.testing.assert_array_equal(first, stereo / 32768)
    np.testing.assert_array_equal(second, np.repeat(mono, 2, axis=1) / 32768)


@pytest.mark.parametrize("options", [{}, {"output_sequence_length": 50}])
def test_a_file_of_other_channels_than_the_first_is_an_error(tmp_path, options):
    paths = [sounds.write(tmp_path / f"{count}.wav", sounds.pcm(100, count)) for count in (1, 2, 3)]
    source = AudioFiles(paths, **options)
    assert source[0].shape[1] == 1
    with pytest.raises(ValueError, match=r"2 channels, where 1 are wanted, as the first file has.*channels=1"):
        source[1]
    with pytest.raises(ValueError, match="3 channels, where 2 are wanted"):
        AudioFiles(paths, channels=2, **options)[2]


def test_the_first_file_that_can_be_opened_says_the_channels(tmp_path):
    (tmp_path / "0.wav").write_bytes(b"")
    source = AudioFiles([tmp_path / "0.wav", sounds.write(tmp_path / "1.wav", sounds.pcm(10, 2))])
    assert source.lengths.tolist() == [0, 10]
    assert source[1].shape == (10, 2)


NOISE = sounds.pcm(1000)
BROKEN = {
    "empty": (b"", "it is empty"),
    "text": (b"this is no sound\n" * 100, "no audio file"),
    "half a header": (sounds.wav(NOISE)[:20], "no audio file|cut off"),
    "no channels": (sounds.wav(NOISE, channels=0), "no audio file"),
    "no rate": (sounds.wav(NOISE, rate=0), "no audio file"),
    "no bits": (sounds.wav(NOISE, bits=0), "no audio file"),
    "an unknown encoding": (sounds.wav(NOISE, kind=77), "no audio file"),
    "no audio": (sounds.wav(NOISE[:0]), "holds no audio"),
    "no sample": (sounds.wav(NOISE, data_bytes=0), "holds no audio"),
    "cut off": (sounds.wav(NOISE)[:-100], "cut off"),
    "a rate of 1": (sounds.wav(NOISE, rate=1), "1 samples per second"),
    "a rate of 2 GHz": (sounds.wav(NOISE, rate=2**31 - 1), "2147483647 samples per second"),
}


@pytest.mark.parametrize("options", [{}, {"output_sequence_length": 50}])
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_wav_says_what_is_wrong_with_it(tmp_path, name, options):
    data, reason = BROKEN[name]
    (tmp_path / "a.wav").write_bytes(data)
    source = AudioFiles([tmp_path / "a.wav"], sampling_rate=16000, channels=1, **options)
    with pytest.raises(ValueError, match=reason):
        source[0]
    assert source.lengths is None or source.lengths.tolist() == [0]


@pytest.mark.parametrize("suffix", sounds.SUFFIXES)
def test_a_file_that_is_cut_off_anywhere_is_an_error(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    sounds.write(path, sounds.tone(440, 16000, 0.5) + sounds.pcm(8000) / 2**18)
    data = path.read_bytes()
    for share in range(0, 99, 7):
        path.write_bytes(data[: len(data) * share // 100])
        with pytest.raises(ValueError, match=r"no audio|cut off|empty"):
            AudioFiles([path], channels=1)[0]


def test_silence_is_read_and_a_length_that_no_file_could_hold_is_an_error(tmp_path):
    """A batch would be as long as the longest header says."""
    path = tmp_path / "a.flac"
    sounds.write(path, np.zeros((10**6, 1)))
    assert os.path.getsize(path) < 10**6 / 64
    assert AudioFiles([path])[0].shape == (10**6, 1)
    data = bytearray(path.read_bytes())
    data[21] |= 15  # the highest four bits of the number of samples
    path.write_bytes(data)
    source = AudioFiles([path])
    assert source.lengths.tolist() == [0]
    with pytest.raises(ValueError, match=r"broken|promises"):
        source[0]


@pytest.mark.parametrize("size", [2**32 - 1, 2**31 - 37, 0x7FFFF000])
def test_a_wav_out_of_a_pipe_that_does_not_know_its_size_can_be_read(tmp_path, size):
    (tmp_path / "a.wav").write_bytes(sounds.wav(NOISE, data_bytes=size))
    np.testing.assert_array_equal(AudioFiles([tmp_path / "a.wav"])[0], NOISE / 32768)


def test_a_missing_file_and_a_folder_say_so(tmp_path):
    source = AudioFiles([tmp_path / "missing.wav", tmp_path])
    assert source.lengths.tolist() == [0, 0]
    with pytest.raises(FileNotFoundError, match=r"missing\.wav"):
        source[0]
    with pytest.raises(IsADirectoryError):
        source[1]


def test_a_name_that_is_no_text_is_read(tmp_path):
    path = os.path.join(tmp_path, os.fsdecode(b"\xff\xfe.wav"))
    with open(path, "wb") as file:
        file.write(sounds.wav(NOISE))
    source = AudioFiles([path])
    assert len(source[0]) == 1000
    assert source.name(0) == path


def test_threads_and_copies_read_the_same(tmp_path):
    paths = sounds.write_all(tmp_path, range(100, 140))
    source = AudioFiles(paths, sampling_rate=22050)
    copy = pickle.loads(pickle.dumps(source))
    with ThreadPoolExecutor(8) as pool:
        read = list(pool.map(source.__getitem__, [*range(40)] * 5))
    for place, waveform in enumerate(read):
        np.testing.assert_array_equal(waveform, copy[place % 40])


@pytest.mark.parametrize("options", [{}, {"sampling_rate": 8000}, {"output_sequence_length": 90}])
def test_the_public_check_of_sources_finds_nothing(tmp_path, options):
    check_source(AudioFiles(sounds.write_all(tmp_path, range(80, 100)), **options))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"sampling_rate": 0}, "`sampling_rate` is 0; it must be an integer of 1 or more"),
        ({"sampling_rate": 16000.5}, "`sampling_rate`"),
        ({"output_sequence_length": 0}, "`output_sequence_length` is 0"),
        ({"channels": 0}, "`channels` is 0"),
        ({"dtype": "int16"}, "`dtype` is 'int16'; it must be one of"),
    ],
)
def test_bad_arguments_are_errors_at_once(noise, options, words):
    with pytest.raises(ConfigurationError, match=words):
        AudioFiles([noise], **options)


def test_a_single_path_is_an_error(noise):
    with pytest.raises(ConfigurationError, match="a list of paths"):
        AudioFiles(noise)


@pytest.mark.parametrize("library", ["soundfile", "scipy.signal"])
def test_a_missing_library_names_the_extra(noise, library):
    program = (
        f"import sys; sys.modules[{library!r}] = None\n"
        "from amalthea.errors import ConfigurationError\n"
        "from amalthea.sources import AudioFiles\n"
        "try:\n"
        f"    AudioFiles([{noise!r}], sampling_rate=8000)\n"
        "except ConfigurationError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert 'pip install "amalthea[audio]"' in done.stdout
