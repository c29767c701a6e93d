"""What a survey of a folder says about the arguments of a loader."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from amalthea.report.survey import Survey
from amalthea.report.table import printable

__all__ = ["advice"]

UNEVEN = 5  # times that a class may be larger than another before something is said
OBLONG = 1.5  # likewise of an aspect ratio
LIST = "broken.json"


def advice(found: Survey, report: str | None = None) -> list[str]:
    """Returns what to do with the folder and what to pass to its loader; nothing where the defaults are right.

    Args:
        found: What is in the folder.
        report: The file in which the broken files are listed, or `None`.
    """
    return [*_of_broken(found, report), *_of_classes(found), *_of_copies(found), *_of_pixels(found)]


def _of_broken(found: Survey, report: str | None) -> Iterator[str]:
    if not found.broken:
        return
    yield "Broken files end an epoch with an error. Mend or remove them, or leave them out:"
    yield f'`ImageLoader.from_directory(..., on_error="skip", quarantine="{printable(report or LIST, None)}")`'
    if report is None:
        yield f"`--report {LIST}` writes their list."
    if len(found.broken) > 0.1 * len(found.files):
        yield "Without the list, more than a tenth of all is an error: `max_errors=` says how many may be broken."


def _of_classes(found: Survey) -> Iterator[str]:
    if not found.class_names:
        return
    counts, names = found.counts, found.class_names
    empty = [printable(names[place]) for place in np.flatnonzero(counts == 0).tolist()]
    if empty:
        few = ", ".join(empty[:5]) + (f" and {len(empty) - 5:,} more" if len(empty) > 5 else "")
        yield f"Empty classes have a number and no image: {few}. Remove their folders, or pass `class_names=`."
    filled = counts[counts > 0]
    if filled.max() >= UNEVEN * filled.min():
        yield (
            f"The largest class is {filled.max() / filled.min():,.0f} times the smallest: "
            'see `class_weight="balanced"` and `sampling_weights="balanced"`.'
        )


def _of_copies(found: Survey) -> Iterator[str]:
    if found.copies.across.any():
        yield "Files of one content in two classes have a wrong label in one of them."
    if found.copies.extra:
        yield "Copies on both sides of a split are tested on what was trained: `amalthea.splits.same_files` finds them."


def _of_pixels(found: Survey) -> Iterator[str]:
    height, width, modes = (found.known(name) for name in ("height", "width", "mode"))
    if not len(height):
        return
    if np.ptp(height) == np.ptp(width) == 0:
        yield f"All images are of one size: `image_size=({height[0]}, {width[0]})` leaves their pixels as they are."
    ratios = width / height
    if ratios.max() >= OBLONG * ratios.min():
        yield "Shapes differ: `crop_to_aspect_ratio=True` or `pad_to_aspect_ratio=True` stretches nothing."
    if np.isin(modes, [b"1", b"L", b"I;16", b"I;16B"]).all():
        yield 'All images are gray: `color_mode="grayscale"` makes batches a third as large.'
    if np.isin(modes, [b"RGBA", b"LA", b"PA"]).any():
        yield 'Some have transparency, which is dropped: `color_mode="rgba"` keeps it.'
    if np.char.startswith(modes, b"I;16").any():
        yield "Images of 16 bits are read by their high byte, as 8 bits."
