"""Legacy training scripts: the data they train on, how they are run, and what they leave behind."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import PIL.Image

PROGRAMS = Path(__file__).parent / "migrate" / "programs"
NAMES = sorted(path.stem for path in PROGRAMS.glob("*.py"))

# What Keras 3 takes no more: `fit` has no workers.
WORKERS = ",\n                        use_multiprocessing=True,\n                        workers=2"

# Keras 3 calls `on_epoch_end` once before the first epoch, which the Keras of old did not: that call does nothing here.
EPOCH_END = "'A new order for the next epoch'"
AS_OF_OLD = f"""{EPOCH_END}
        if not hasattr(self, 'begun'):
            self.begun = True
            return"""

# Where Keras 3 keeps what it took out, for all backends.
KEPT = {
    "tensorflow.keras.preprocessing.image": "keras.src.legacy.preprocessing.image",
    "tensorflow.keras.preprocessing.text": "keras.src.legacy.preprocessing.text",
    "tensorflow.keras": "keras",
}


def written(name):
    """The text of a program."""
    return (PROGRAMS / f"{name}.py").read_text(encoding="utf-8")


def as_they_were(name):
    """The same without what Keras 3 refuses, or does otherwise; it needs `tf.keras`."""
    return written(name).replace(WORKERS, "").replace(EPOCH_END, AS_OF_OLD)


def by_the_legacy_module(name):
    """The same by Keras' legacy module, which any backend has."""
    text = as_they_were(name)
    for old, new in KEPT.items():
        text = text.replace(old, new)
    return text


def run(folder, text):
    """Runs a program in a folder of its own; returns the arrays that it saved by the names of its files and theirs."""
    make_data(folder)
    with contextlib.chdir(folder):
        exec(compile(text, "<program>", "exec"), {"__name__": "__main__"})
    return _saved(folder)


def run_apart(folder, text):
    """The same in a process of its own, with which its workers end: TensorFlow keeps what `fit` was given."""
    make_data(folder)
    (folder / "program.py").write_text(text, encoding="utf-8")
    command = [sys.executable, "-W", "error::UserWarning", "program.py"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr
    return _saved(folder)


def migrate(folder):
    """Runs the command over the programs in a folder."""
    command = [sys.executable, "-m", "amalthea", "migrate", "--write", os.fspath(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr


def differing(before, after, file):
    """The names of arrays of a file that are not in both, or not the same: words and integers equal, others nearly."""
    names = {name for name in before | after if name.startswith(f"{file}/")}
    assert names
    return sorted(name for name in names if not _same(before.get(name), after.get(name)))


def _same(left, right):
    if left is None or right is None or left.shape != right.shape:
        return False
    return np.allclose(left, right, rtol=1e-5, atol=1e-6) if left.dtype.kind == "f" else np.array_equal(left, right)


def make_data(folder):
    """Writes rows, pictures of three colours, and sentences of two moods."""
    rng = np.random.default_rng(0)
    (folder / "rows").mkdir()
    for number in range(50):
        np.save(folder / "rows" / f"id-{number}.npy", rng.normal(size=6).astype("float32"))
    for part, count in (("train", 12), ("validation", 10)):
        for channel, name in enumerate(("blue", "green", "red")):
            (folder / "pictures" / part / name).mkdir(parents=True)
            for number in range(count):
                colour = rng.normal(90, 25, 3) + 60 * np.eye(3)[channel]
                pixels = rng.normal(colour, 40, (*rng.integers(12, 40, 2), 3))
                picture = PIL.Image.fromarray(pixels.clip(0, 255).astype("uint8"))
                picture.save(folder / "pictures" / part / name / f"{number}.png")
    words = np.array([f"word{number}," for number in range(100)])
    with (folder / "sentences.tsv").open("w", encoding="utf-8") as file:
        for number in range(120):
            drawn = rng.choice(words, rng.integers(3, 15), p=np.arange(100, 0, -1) / 5050)
            file.write(f"{number % 2}\t{('Bad', 'Good')[number % 2]} {' '.join(drawn)}\n")


def _saved(folder):
    found = {}
    for path in sorted(folder.glob("*.npz")):
        with np.load(path) as arrays:
            found |= {f"{path.stem}/{name}": arrays[name] for name in arrays.files}
    return found
