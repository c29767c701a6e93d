"""A contact sheet of a folder."""

from __future__ import annotations

import numpy as np

from amalthea._checks import check_int, checked_seed
from amalthea.report.survey import list_folder
from amalthea.report.targets import check_target
from amalthea.rows import Rows
from amalthea.sheet import draw_sheet
from amalthea.sources.images import ImageFiles

__all__ = ["preview_folder"]

FORMATS = (".png", ".jpg", ".jpeg", ".webp", ".pdf")


def preview_folder(directory: str, out: str, *, labels: str | None, image_size: int, count: int, seed: int) -> str:
    """Draws some images of a folder, drawn by the seed, with their labels; needs no Keras.

    Args:
        directory: The folder.
        out: The file to write.
        labels: Regular expression for the label in the name of a file, or `None`.
        image_size: Height and width in pixels.
        count: How many images.
        seed: Decides which ones.

    Returns:
        What was done, in words.

    Raises:
        ConfigurationError: If an argument cannot be used.
        SampleError: If an image is broken.
    """
    check_target("--out", out, directory, FORMATS)
    listing = list_folder(directory, labels)
    check_int("--count", count, minimum=1)
    chosen = np.random.default_rng(checked_seed(seed)).permutation(len(listing.paths))[:count]
    part = listing.part(chosen)
    source = ImageFiles(part.paths, image_size, pad_to_aspect_ratio=True, dtype="uint8")
    names = part.class_names
    texts = None if part.labels is None or names is None else [names[label] for label in part.labels]
    rows = Rows(source, seed=0)  # whose errors name the file
    images = np.stack([rows.sample(epoch=0, index=index) for index in range(len(source))])
    draw_sheet(images, texts).save(out)
    return f"{listing} {len(part.paths)} of them are drawn in {out}."
