"""Photographs to measure with: crops of the two that scikit-learn ships, as JPEG files in folders of classes."""

from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_sample_images


def write_photos(folder, count, *, height=375, width=500, classes=8):
    """Writes `count` different crops, resized to one size, quality 90, and returns their paths."""
    rng, paths = np.random.default_rng(0), []
    originals = [Image.fromarray(image) for image in load_sample_images().images]
    for number in range(count):
        original, share = originals[number % 2], rng.uniform(0.7, 0.95)
        crop_width = int(original.width * share)
        crop_height = min(original.height, int(crop_width * height / width))
        left, top = rng.integers(original.width - crop_width + 1), rng.integers(original.height - crop_height + 1)
        box = (left, top, left + crop_width, top + crop_height)
        path = Path(folder) / f"class{number % classes}" / f"{number:05d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        original.resize((width, height), Image.Resampling.LANCZOS, box=box).save(path, quality=90)
        paths.append(str(path))
    return paths


def found_photos(folder):
    """Returns the paths of the photographs that were written before, in the order of their numbers."""
    return sorted(map(str, Path(folder).glob("*/*.jpg")), key=lambda path: Path(path).name)
