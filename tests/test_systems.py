"""Each system of examples/ trains, with threads and with processes."""

import os
import re
import subprocess
import sys
from pathlib import Path

import keras
import pytest

pytestmark = pytest.mark.timeout(900)

EXAMPLES = Path(__file__).parent.parent / "examples"

# The name of a program, epochs that are enough to see that it learns, and the validation accuracy to be reached, in
# percent. By chance it is 10; 50 for sentences; 5 for three inputs, of which the image alone can give 50, the text 10.
SYSTEMS = {
    "labels_from_names": (2, 80),
    "sentences": (3, 90),
    "three_inputs": (3, 70),
    "paths_and_labels": (2, 80),
    "keras_layers": (3, 40),
    "normalised": (3, 40),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("systems")


@pytest.mark.parametrize("processes", [False, True], ids=["threads", "processes"])
@pytest.mark.parametrize("name", SYSTEMS)
def test_a_system_learns_and_says_what_it_did(name, processes, folder):
    epochs, least = SYSTEMS[name]
    how = ["--processes", "--no-memory"] if processes else []
    command = [sys.executable, str(EXAMPLES / f"{name}.py"), "--folder", str(folder), "--epochs", str(epochs), *how]
    # What JAX has compiled for one of them is there for the others; nobody else reads these variables.
    compiled = {
        "JAX_COMPILATION_CACHE_DIR": str(folder / "compiled"),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    }
    environment = {**os.environ, **compiled}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=800)
    assert done.returncode == 0, done.stderr
    assert f"backend: {keras.backend.backend()}" in done.stdout
    accuracies = [float(each) for each in re.findall(r"validation accuracy: ([\d.]+)%", done.stdout)]
    assert accuracies and min(accuracies) > least, done.stdout
    FACTS[name](done.stdout)
    if not processes:
        _check_memory(name, done.stdout)


def _another_order_in_each_epoch(printed):
    first, second = re.findall(r"epoch \d begins with the labels (.*)", printed)
    assert first != second


def _padded_at_the_end_with_one_number_for_rare_words(printed):
    ids, words = re.search(r"is \[([\d, ]+)\], or '(.*)'", printed).groups()
    ids = [int(each) for each in ids.split(", ")]
    words = words.split()
    assert len(ids) == 12 and ids[len(words) :] == [0] * (12 - len(words)) and 0 not in ids[: len(words)]
    assert [word == "<unk>" for word in words] == [number == 1 for number in ids[: len(words)]]
    assert "<unk>" in words


def _three_inputs(printed):
    assert "inputs: image (32, 16, 16, 3), text (32, 20), noise (32, 100)\n" in printed
    text, target = re.search(r"the first text is '(.*)', its target (\d+)", printed).groups()
    assert ("ten" in text) == (int(target) >= 10)


def _an_epoch_as_long_as_asked_for(printed):
    assert "steps_per_epoch=None: 2 epochs of 40 batches, 80 steps\n" in printed
    assert "steps_per_epoch=10: 2 epochs of 10 batches, 20 steps\n" in printed


def _both_ways_to_augment(printed):
    assert re.findall(r"(.*): [\d,]+ images/s, validation", printed) == ["Keras' layers", "Amalthea's transforms"]


def _values_of_0_to_1(printed):
    least, most = re.search(r"a batch holds float32 values of (\S+) to (\S+)", printed).groups()
    assert 0 <= float(least) < 0.1 and 0.9 < float(most) <= 1


FACTS = {
    "labels_from_names": _another_order_in_each_epoch,
    "sentences": _padded_at_the_end_with_one_number_for_rare_words,
    "three_inputs": _three_inputs,
    "paths_and_labels": _an_epoch_as_long_as_asked_for,
    "keras_layers": _both_ways_to_augment,
    "normalised": _values_of_0_to_1,
}


# What a batch is, as float64 and as the loader has it, in MB.
BATCH_MB = {
    "labels_from_names": (36.8, 18.4),
    "sentences": (1.95, 0.98),
    "three_inputs": (36.8, 18.4),
    "paths_and_labels": (12.25, 1.53),
    "keras_layers": (12.25, 6.13),
    "normalised": (12.25, 6.13),
}


def _check_memory(name, printed):
    """Ten batches and more wait in the queue of the plain version; of the loader there are four at most."""
    plain, ours = map(int, re.search(r"^memory: .* holds (\d+) MB .* loader (\d+) MB", printed, re.MULTILINE).groups())
    of_plain, of_ours = BATCH_MB[name]
    assert 10 * of_plain < plain < 14 * of_plain + 8, printed
    assert of_ours / 2 < ours < 4 * of_ours + 8, printed  # it need not be full, but holds the batch in use
