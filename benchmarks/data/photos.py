"""Photographs to measure with: crops of the two that scikit-learn ships, as files in folders of classes."""

import os
from pathlib import Path

import numpy as np
from PIL import Image

CLASSES = 8
ENDINGS = (".jpg", ".png")


def photographs(
    folder, *, count, height=375, width=500, ending=".jpg", size=224, batch=32, grain=0, times=1, reference=True, **more
):
    """Writes different crops, resized to one size, JPEG of quality 90 or PNG.

    Args:
        folder: Where to; what is there already is taken as it is.
        count: How many.
        height: Of the files, in pixels.
        width: Of the files, in pixels.
        ending: Of their names.
        size: Height and width that they are loaded at.
        batch: Images of a batch.
        times: How many times smaller Amalthea decodes a JPEG of that size.
        grain: Standard deviation of noise, for a picture that is made larger: a sensor gives details.
        reference: Whether to make the pixels that are the best to be had at that size.
        **more: To tell the contestants as well.
    """
    files = Path(folder) / f"{count}-{width}x{height}{ending}"
    told = {"folder": str(files), "count": count, "size": size, "batch": batch, "times": times, **more}
    if reference:
        told["reference"] = f"{files}-{size}.npy"
    if not files.exists():
        _write(files, count, (height, width), ending, grain)
        if reference:
            np.save(told["reference"], np.stack([_best(path, size) for path in listed(files)[0]]))
    return told


def listed(folder):
    """Returns the paths of the files in folders of classes, and int32 numbers of their classes."""
    names = sorted(os.listdir(folder))
    files = [
        (str(path), number) for number, name in enumerate(names) for path in sorted((Path(folder) / name).iterdir())
    ]
    return [path for path, _ in files], np.array([number for _, number in files], np.int32)


def _write(files, count, shape, ending, grain):
    # Imported here: it takes seconds, and the contestants need none of it.
    from sklearn.datasets import load_sample_images

    rng = np.random.default_rng(0)
    originals = [Image.fromarray(image) for image in load_sample_images().images]
    noise = rng.normal(0, grain, (*shape, 3)).astype(np.int16) if grain else None
    for number in range(count):
        picture = _crop(originals[number % 2], shape, rng)
        if grain:
            noisy = np.asarray(picture) + np.roll(noise, int(rng.integers(noise.size)))
            picture = Image.fromarray(noisy.clip(0, 255).astype(np.uint8))
        path = files / f"class{number % CLASSES}" / f"{number:06d}{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.save(path, **({"quality": 90} if ending == ".jpg" else {}))


def _crop(original, shape, rng):
    height, width = shape
    crop_width = int(original.width * rng.uniform(0.7, 0.95))
    crop_height = min(original.height, int(crop_width * height / width))
    left, top = rng.integers(original.width - crop_width + 1), rng.integers(original.height - crop_height + 1)
    box = (left, top, left + crop_width, top + crop_height)
    return original.resize((width, height), Image.Resampling.LANCZOS, box=box)


def _best(path, size):
    """All of the file decoded, then an antialiased resize."""
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB").resize((size, size), Image.Resampling.BILINEAR))
